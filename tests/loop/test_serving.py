from pathlib import Path

import numpy as np
import pytest

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.configure import configure
from omloop.loop.traffic import Client
from omloop.loop.training import gather, split
from omloop.loop.turn import turn
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running

ROWS = 500


@pytest.mark.parametrize("model", ["linear", "boosting", "mlp"])
def test_answers_over_http_are_those_of_training_time(
    student: Project, workspace: Workspace, real_students: Path, model: str
) -> None:
    """500 test rows of the real records, to 1e-5 relative."""
    config = configure(student, [f"model={model}", "data=file", f"data.path={real_students}", *quick(model)])
    turned = turn(student, config, workspace)
    fitted = turned.models[-1].fitted
    dataset = split(student, student.inputs, config, gather(student, student.inputs, config, workspace))
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
