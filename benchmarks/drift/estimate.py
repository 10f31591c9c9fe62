"""How near the error that is estimated without labels is to the true one, on reviews that go wrong.

    python benchmarks/drift/estimate.py FOLDER      # with train.parquet, test.parquet, counterfactual_paired.tsv

The project's bag of words learns from train.parquet; 2,000 reviews of test.parquet are spoilt in every way that `omloop
evaluate --stress` knows. Last come the original and the rewritten reviews of those pairs of which nothing was learned.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from omloop.bundle import Session
from omloop.core import Columns, Settings
from omloop.drift import estimate_error
from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn

ROWS = 2000


def main(folder: Path) -> None:
    settings = Settings(projects=str(Path(__file__).parents[2] / "projects"))
    project = find_project("imdb", settings)
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(replace(settings, workspace=scratch))
        words = ["data=file", f"data.path={folder}", "model=bag_of_words", "data.quality=off"]
        turned = turn(Plan.of(project, words, workspace))
        bundle = workspace.registry("imdb").load(turned.version)
    session, kind, baseline = Session.of(bundle), bundle.kind, bundle.baseline
    assert baseline is not None and baseline.calibration is not None and project.read is not None
    calibration = baseline.calibration

    def say(name: str, columns: Columns) -> None:
        kept = np.flatnonzero(~kind.bad_rows(columns)).tolist()
        taken = {field: [columns[field][row] for row in kept] for field in ("review", "sentiment")}
        outputs = session.predict(kind.encode(taken))
        truth = project.outputs.encode(taken["sentiment"])
        error = float(np.mean(project.outputs.errors(truth, outputs)))
        guess = estimate_error(calibration, project.outputs.hints(outputs))
        held = "" if guess.low <= error <= guess.high else "  not in it"
        print(f"{name:18} true {error:.3f}  estimated {guess}{held}", flush=True)

    records, pairs = project.read(folder), project.read(folder / "counterfactual_paired.tsv")
    test = [row for row, part in enumerate(records["part"]) if part == "test"]
    chosen = [test[place] for place in np.linspace(0, len(test) - 1, ROWS).astype(int).tolist()]
    columns = {field: [records[field][row] for row in chosen] for field in ("review", "sentiment")}
    say("as they came", columns)
    for name in kind.corruptions:
        for strength in (0.5, 1.0):
            say(f"{name} {strength}", kind.corrupted(columns, name, strength, 1))
    for wording in ("original", "rewritten"):
        unseen = zip(pairs["wording"], pairs["part"], strict=True)
        rows = [row for row, found in enumerate(unseen) if found == (wording, "test")]
        say(wording, {field: [pairs[field][row] for row in rows] for field in ("review", "sentiment")})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
