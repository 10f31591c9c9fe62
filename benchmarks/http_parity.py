"""How far answers over HTTP are from those of training time.

    python benchmarks/http_parity.py student_performance students.csv linear boosting mlp
    python benchmarks/http_parity.py emotion path/to/emotion cnn

Trains each model on the real records, packages it, serves it on the loopback address, sends 500 test examples as a
client would and compares the answers with those of the trained object in memory. Prints the scores on the test part and
the time that training took as well. Words with a `=` are handed on to the configuration.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omloop.core import Kind, Output
from omloop.loop import Workspace, find_project
from omloop.loop.bench.traffic import Client
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather, split
from omloop.loop.turn.turn import turn
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running

ROWS = 500
AT_ONCE = 50
ROOT = Path(__file__).parent.parent


def main(name: str, path: str, *words: str) -> None:
    overrides = [word for word in words if "=" in word]
    for model in (word for word in words if "=" not in word):
        with tempfile.TemporaryDirectory() as folder:
            _measure(name, model, ["data=file", f"data.path={Path(path).resolve()}", *overrides], folder)


def _measure(name: str, model: str, overrides: Sequence[str], folder: str) -> None:
    workspace = Workspace.of(workspace=folder, projects=str(ROOT / "projects"))
    project = find_project(name, workspace.settings)
    config = configure(project, [f"model={model}", *overrides])
    turned = turn(Plan(project, project.inputs, config, workspace))
    trained = turned.models[-1]
    assert trained.fitted is not None
    dataset = split(
        Plan(project, project.inputs, config, workspace), gather(Plan(project, project.inputs, config, workspace))
    )
    examples = dataset.test.examples[:ROWS]
    predictions = workspace.predictions(project.name)
    app = create_app(Champion(workspace.registry(project.name)), predictions, new_id=new_id)
    with running(app) as address:
        served = _served(Client(address), project.inputs, project.outputs, examples)
    predictions.close()
    original = trained.fitted.predict(examples)
    scores = ", ".join(f"{metric} {score}" for metric, score in turned.report.metrics.items())
    print(f"{name} {model}: {_compared(served, original)}; trained in {trained.seconds:.0f} s; test {scores}")


def _served(client: Client, inputs: Kind, outputs: Output, examples: NDArray[object]) -> NDArray[np.float64]:
    answers = []
    for start in range(0, len(examples), AT_ONCE):
        rows = inputs.render(examples[start : start + AT_ONCE])
        answers += client.post("/v1/predict", {"rows": rows})[1]["predictions"]
    return outputs.gather(answers)


def _compared(served: NDArray[np.float64], original: NDArray[np.float64]) -> str:
    if original.ndim == 1:
        relative = np.max(np.abs(served - original) / np.abs(original))
        return f"largest relative difference {relative:.1e} over {len(served)} answers"
    largest, same = np.abs(served - original).max(), np.mean(served.argmax(axis=1) == original.argmax(axis=1))
    return f"largest difference of a probability {largest:.1e}, same class {same:.1%}, over {len(served)} answers"


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
