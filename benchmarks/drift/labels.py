"""How soon labels show that a model got worse, and how seldom they say so for nothing.

    python benchmarks/drift/labels.py                     # simulated errors
    python benchmarks/drift/labels.py --imdb FOLDER       # also the rewritten reviews of counterfactual_paired.tsv

Simulated: 0/1 errors of 10 % rise to 20 % or 30 % after 500 labels. Each stream has a test part of its own, whose error
is all that the alarm knows. The delay counts labels from the change to the alarm; a stream that rang before it is a
false alarm. The mean run without a change is an estimate by runs cut off at 500,000 labels: labels over alarms, at the
error of the test part's truth, and at the worst error that the alarm promises anything for.

IMDb: the project's bag of words learns from train.parquet and is tested on test.parquet; live are the original reviews
of those pairs of which nothing was learned, then the same reviews, rewritten by people so that their sentiment turns.
"""

import argparse
import platform
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omloop.drift import MEAN_RUN, find_rise, highest_mean

DRAW = np.random.default_rng(20261121)
STREAMS, LONGEST, RUNS = 400, 500_000, 40


def wrong(rate: float, labels: int) -> NDArray[np.float64]:
    return np.asarray(DRAW.random(labels) < rate, np.float64)


def delays(rows: int, rate: float, scale: float = 0.0) -> tuple[list[float], int]:
    """Delays of streams whose test part has so many rows, and how many streams rang before the change."""
    found = []
    for _ in range(STREAMS):
        if scale:
            errors, tested = distances(500, 1.0), distances(rows, 1.0)
            live = np.concatenate([errors, distances(4000, scale)])
        else:
            tested, live = wrong(0.1, rows), np.concatenate([wrong(0.1, 500), wrong(rate, 4000)])
        rise = find_rise(live, highest_mean(tested))
        found.append(np.inf if rise.rang is None else rise.rang - 500)
    return [delay for delay in found if delay >= 0], sum(delay < 0 for delay in found)


def distances(labels: int, spread: float) -> NDArray[np.float64]:
    """Distances of normal residuals, bounded at what 99 of 100 do not exceed before the change."""
    return np.minimum(np.abs(DRAW.normal(0, spread, labels)) / 2.576, 1.0)


def mean_run(rate: float, highest: float) -> tuple[float, int]:
    labels, alarms = 0, 0
    for _ in range(RUNS):
        rise = find_rise(wrong(rate, LONGEST), highest)
        labels += LONGEST if rise.rang is None else rise.rang + 1
        alarms += rise.rings
    return labels / max(1, alarms), alarms


def simulated() -> None:
    print(f"{STREAMS} streams each; asked: a median of 350 labels to 20 %, 100 to 30 %; mean run {MEAN_RUN:,}")
    print(f"{'test rows':>10} {'change':>16} {'median':>8} {'9 in 10':>8} {'before':>7}")
    for rows in (500, 1000, 2000, 8000):
        for rate in (0.2, 0.3):
            found, false = delays(rows, rate)
            print(f"{rows:>10} {f'10 % to {100 * rate:.0f} %':>16} {told(found)} {false:>7}")
        found, false = delays(rows, 0.0, scale=1.5)
        print(f"{rows:>10} {'distance x 1.5':>16} {told(found)} {false:>7}")
    for name, rate, highest in (
        ("the test's truth, 2,000 rows", 0.1, highest_mean(wrong(0.1, 2000))),
        ("the worst that is promised for", 0.12, 0.12),
    ):
        run, alarms = mean_run(rate, highest)
        print(f"mean run at {name}: {'over ' if not alarms else ''}{run:,.0f} labels ({alarms} alarms)")


def told(found: list[float]) -> str:
    return f"{statistics.median(found):>8.0f} {np.quantile(found, 0.9):>8.0f}"


def rewritten(folder: Path) -> None:
    from omloop.bundle import Session
    from omloop.core import Settings
    from omloop.loop import Workspace, find_project
    from omloop.loop.configure import configure
    from omloop.loop.turn import turn

    projects = Path(__file__).parents[2] / "projects"
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(replace(Settings(projects=str(projects)), workspace=scratch))
        project = find_project("imdb", workspace.settings)
        config = configure(project, ["data=file", f"data.path={folder}", "model=bag_of_words", "data.quality=off"])
        turned = turn(project, config, workspace)
        bundle = workspace.registry("imdb").load(turned.version)
    session, baseline = Session.of(bundle), bundle.baseline
    assert baseline is not None and project.read is not None
    pairs = project.read(folder / "counterfactual_paired.tsv")

    def errors(wording: str) -> NDArray[np.float64]:
        unseen = zip(pairs["wording"], pairs["part"], strict=True)
        chosen = [row for row, found in enumerate(unseen) if found == (wording, "test")]
        taken = {name: [pairs[name][row] for row in chosen] for name in ("review", "sentiment")}
        outputs = session.predict(session.inputs.encode(taken))
        return np.asarray(project.outputs.errors(project.outputs.encode(taken["sentiment"]), outputs))

    found = {wording: errors(wording) for wording in ("original", "rewritten")}
    print(f"imdb: test {baseline.tested} of {baseline.rows:,}; estimated without labels: {baseline.problem or 'yes'}")
    for wording, all_errors in found.items():
        print(f"  {wording}: error {all_errors.mean():.3f} of {len(all_errors):,}")
    runs = []
    for _ in range(100):
        before, after = (DRAW.permutation(found[name]) for name in ("original", "rewritten"))
        rise = find_rise(np.concatenate([before, after]), baseline.highest)
        runs.append(np.inf if rise.rang is None else rise.rang - len(before))
    print(f"  delay after all originals, in 100 orders: {told(runs)} (median, 9 in 10)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imdb", type=Path, help="folder with train.parquet, test.parquet, counterfactual_paired.tsv")
    args = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    simulated()
    if args.imdb:
        rewritten(args.imdb)
