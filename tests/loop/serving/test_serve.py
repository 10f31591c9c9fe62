from pathlib import Path

import numpy as np
import pytest

from omloop.core import Project, UnknownNameError
from omloop.loop import Workspace
from omloop.loop.bench.traffic import Client
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather, split
from omloop.loop.serving.serve import serve_project
from omloop.loop.turn.turn import turn
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running
from omloop.serve.settings import ServeSettings
from omloop.testing.bundles import tiny_bundle

ROWS = 500


@pytest.mark.parametrize("model", ["linear", "boosting", pytest.param("mlp", marks=pytest.mark.slow)])
def test_answers_over_http_are_those_of_training_time(
    student: Project, workspace: Workspace, real_students: Path, model: str
) -> None:
    """500 test rows of the real records, to 1e-5 relative."""
    config = configure(student, [f"model={model}", "data=file", f"data.path={real_students}", *quick(model)])
    turned = turn(Plan(student, student.inputs, config, workspace))
    fitted = turned.models[-1].fitted
    dataset = split(
        Plan(student, student.inputs, config, workspace), gather(Plan(student, student.inputs, config, workspace))
    )
    examples = dataset.test.examples[:ROWS]
    assert fitted is not None and len(examples) == ROWS
    predictions = workspace.predictions(student.name)
    app = create_app(Champion(workspace.registry(student.name)), predictions, new_id=new_id)
    with running(app) as address:
        status, answer = Client(address).post("/v1/predict", {"rows": student.inputs.render(examples)})
    predictions.close()
    assert status == 200
    served = student.outputs.gather(answer["predictions"])
    np.testing.assert_allclose(served, fitted.predict(examples), rtol=1e-5)


def quick(model: str) -> list[str]:
    return ["model.epochs=3"] if model == "mlp" else []


def test_a_variant_that_the_champion_lacks_is_told_before_anything_is_served(workspace: Workspace) -> None:
    registry = workspace.registry("tiny")
    registry.promote(registry.add(tiny_bundle(), by="test"), expected=None, by="test", reason="a test")
    wishing = Workspace(workspace.settings.having(ServeSettings(variant="modle")))
    with pytest.raises(UnknownNameError, match=r"No variant is called 'modle'. Did you mean 'model'\?"):
        serve_project("tiny", wishing, ready=pytest.fail)
