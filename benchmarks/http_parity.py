"""How far answers over HTTP are from those of training time: python benchmarks/http_parity.py students.csv

Trains each model on the real records, packages it, serves it on the loopback address, sends 500 test rows and compares
the answers with those of the trained object in memory.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from omloop.loop import Workspace, find_project
from omloop.loop.configure import configure
from omloop.loop.traffic import Client
from omloop.loop.training import gather, split
from omloop.loop.turn import turn
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running

ROWS = 500


def main(path: str) -> None:
    for model in ("linear", "boosting", "mlp"):
        with tempfile.TemporaryDirectory() as folder:
            workspace = Workspace.of(workspace=folder, projects=str(Path(__file__).parent.parent / "projects"))
            project = find_project("student_performance", workspace.settings)
            config = configure(project, [f"model={model}", "data=file", f"data.path={path}"])
            turned = turn(project, config, workspace)
            trained = turned.models[-1].fitted
            assert trained is not None
            dataset = split(project, project.inputs, config, gather(project, project.inputs, config, workspace))
            examples = dataset.test.examples[:ROWS]
            predictions = workspace.predictions(project.name)
            app = create_app(Champion(workspace.registry(project.name)), predictions, new_id=new_id)
            with running(app) as address:
                _, answer = Client(address).post("/v1/predict", {"rows": project.inputs.render(examples)})
            predictions.close()
            served, original = project.outputs.gather(answer["predictions"]), trained.predict(examples)
            relative = np.max(np.abs(served - original) / np.abs(original))
            score = turned.report.metrics["r2"]
            print(f"{model:<9} largest relative difference {relative:.1e} over {len(served)} rows; test R2 {score}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
