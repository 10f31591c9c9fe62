"""How soon labels show that a model got worse, and how seldom they say so for nothing.

    python benchmarks/drift/labels.py                     # simulated errors
    python benchmarks/drift/labels.py --streams 20        # fewer streams
    python benchmarks/drift/labels.py --imdb FOLDER       # also the rewritten reviews of counterfactual_paired.tsv

False alarms: so many streams a row of 25,000 labels of an unchanged model, each with a test part of 1,000 rows of its
own. A stream counts if it would have rung at any label, however briefly; the interval is Clopper and Pearson's. In
order: the test part and as many rows for validation are drawn from 10,000 that came before the labels, so that they
tell how much errors depend on each other; else the test part knows nothing of it. Labels by class: 12,000 predictions,
looked at after every 1,000.

Delays: independent 0/1 errors of 10 % rise to 20 % or 30 % after so many labels; counted in labels from there on until
it rings, and until it warns, which takes labels for independent.

IMDb: the project's bag of words learns from train.parquet and is tested on test.parquet; live are the original reviews
of those pairs of which nothing was learned, then the same reviews, rewritten by people so that their sentiment turns.
"""

import argparse
import platform
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from omloop.drift import MEAN_RUN, choose_labels, errors_of, find_rise, highest_mean, strata_of, stratum_of
from omloop.drift.dependence import learned_dispersions, thinned_dispersion
from omloop.drift.error_rise import CONFIDENCE, ONE_SIDED, _Bets, _bets
from omloop.loop.project.plan import Plan

DRAW = np.random.default_rng(20261128)
TEST, BEFORE, LABELS, PREDICTIONS = 1000, 10_000, 25_000, 12_000
ROWS = BEFORE + LABELS
Errors = NDArray[np.float64]
Stream = tuple[Errors, Errors]
"""The errors of a test part that knows no order, and those of `BEFORE` rows and of all labels after them."""


def wrong(rates: Errors) -> Errors:
    return np.asarray(DRAW.random(len(rates)) < rates, np.float64)


def independent(labels: int, rate: float = 0.1) -> Errors:
    return wrong(np.full(labels, rate))


def repeated(times: int) -> Stream:
    return independent(TEST), np.repeat(independent(ROWS // times), times)


def stretches(stay: float, easy: float, hard: float) -> Stream:
    """Easy and hard stretches of a random length: a Markov chain of two states."""
    lengths = DRAW.geometric(1 / stay, int(3 * ROWS / stay) + 20)
    rates = np.repeat(np.resize(DRAW.permutation([easy, hard]), len(lengths)), lengths)
    return independent(TEST, (easy + hard) / 2), wrong(rates[:ROWS])


def users(length: float) -> Stream:
    """Fifty users with rates of their own, in the test part too, so many labels after each other on average."""
    rates = DRAW.beta(1, 9, 50)
    lengths = DRAW.geometric(1 / length, int(2 * ROWS / length) + 50)
    return wrong(DRAW.choice(rates, TEST)), wrong(np.repeat(DRAW.choice(rates, len(lengths)), lengths)[:ROWS])


def numbers(memory: float) -> Stream:
    """Distances of normal residuals, each like the one before, bounded at what 99 of 100 do not exceed."""
    noise = DRAW.normal(0, (1 - memory**2) ** 0.5, ROWS + 400)
    residuals = np.convolve(noise, memory ** np.arange(400))[400 : ROWS + 400]
    tested = DRAW.normal(size=TEST)
    return np.minimum(np.abs(tested) / 2.576, 1.0), np.minimum(np.abs(residuals) / 2.576, 1.0)


STREAMS: dict[str, Callable[[], Stream]] = {
    "independent": lambda: (independent(TEST), independent(ROWS)),
    "each label five times": partial(repeated, 5),
    "50 users, mixed": partial(users, 1),
    "50 users, 20 labels in a row": partial(users, 20),
    "50 users, 100 labels in a row": partial(users, 100),
    **{
        f"{easy:.0%} and {hard:.0%}, {stay} in a row": partial(stretches, stay, easy, hard)
        for stay in (50, 150, 500)
        for easy, hard in ((0.05, 0.15), (0.02, 0.18), (0.0, 0.3))
    },
    "numbers, AR(1) of 0.5": partial(numbers, 0.5),
    "numbers, AR(1) of 0.9": partial(numbers, 0.9),
}


def crossed(tested: Errors, known: float | None, live: Errors, *, alone: bool = False) -> int | None:
    """The first label at which it would have rung had anybody looked; `alone`: as if labels were independent."""
    highest, mean = highest_mean(tested), float(tested.mean())
    wealth = np.cumsum(np.log1p(_bets(np.full(len(live), highest)) * (live - highest)), axis=1)
    doubt = ((highest - mean) / ONE_SIDED) ** 2
    learned = ([0], [1.0]) if alone else learned_dispersions(live - mean, doubt, known)
    above = np.flatnonzero(_Bets(wealth, float(np.log(MEAN_RUN / CONFIDENCE))).evidence(*learned) >= 0)
    return int(above[0]) if len(above) else None


def drawn(before: Errors) -> tuple[Errors, float | None]:
    """A test part of rows in order, and the dispersion that it shows together with a validation part."""
    places = DRAW.permutation(BEFORE)[: 2 * TEST]
    return before[places[:TEST]], thinned_dispersion(before[places], places)


def interval(found: int, of: int) -> str:
    low = betaincinv(found, of - found + 1, 0.025) if found else 0.0
    high = betaincinv(found + 1, of - found, 0.975) if found < of else 1.0
    return f"{found:>3} of {of} [{100 * low:4.1f}, {100 * high:4.1f}] %"


def told(found: list[float]) -> str:
    return f"{statistics.median(found):>5.0f} {np.quantile(found, 0.9, method='higher'):>5.0f}"


def false_alarms(count: int, *, ordered: bool) -> None:
    told_order = "in order" if ordered else "without order"
    print(f"false alarms in {LABELS:,} labels of an unchanged model {told_order}, and labels over alarms")
    for name, draw in STREAMS.items():
        rang = []
        for _ in range(count):
            tested, errors = draw()
            before, live = errors[:BEFORE], errors[BEFORE:]
            rang.append(crossed(*drawn(before), live) if ordered else crossed(tested, None, live))
        alarms = sum(label is not None for label in rang)
        run = sum(LABELS if label is None else label + 1 for label in rang) / max(1, alarms)
        print(f"{name:>30} {interval(alarms, count)} {'     ' if alarms else 'over '}{run:>11,.0f}", flush=True)


def delays(count: int, *, ordered: bool) -> None:
    told_order = "in order" if ordered else "without order"
    print(f"delays of independent errors {told_order}, from 10 %: labels, median and 9 in 10; how many rang before")
    for before in (0, 500, 1000, 2000):
        for rate in (0.2, 0.3):
            rings: list[float] = []
            warns: list[float] = []
            for _ in range(count):
                live = np.concatenate([independent(before), independent(5000, rate)])
                tested, known = drawn(independent(BEFORE)) if ordered else (independent(TEST), None)
                for found, alone in ((rings, False), (warns, True)):
                    label = crossed(tested, known, live, alone=alone)
                    found.append(np.inf if label is None else label - before)
            early = sum(delay < 0 for delay in rings)
            rings, warns = ([delay for delay in found if delay >= 0] for found in (rings, warns))
            print(f"after {before:>4}, to {rate:.0%}: rings {told(rings)}, warns {told(warns)}; {early}", flush=True)


def by_class(kind: str, *, times: float) -> int | None:
    """After how many predictions labels that do not come for all answers alike ring, at looks a thousand apart.

    One in ten is a fraud. Half of the answers are hard; the error is 3 % of the easy ones and 17 % of the hard ones. It
    grows to so many times that after 6,000 predictions.
    """
    count, known = PREDICTIONS + 2 * TEST, 2 * TEST
    fraud, hard = DRAW.random(count) < 0.1, DRAW.random(count) < 0.5
    rates = np.where(hard, 0.17, 0.03)
    rates[known + PREDICTIONS // 2 :] *= times
    errors = wrong(rates)
    answers, hints = (fraud != (errors == 1)).astype(np.int64), np.where(hard, 0.6, 0.95) + 0.04 * DRAW.random(count)
    strata = strata_of(answers[:known], hints[:known], errors[:known], ("ok", "fraud"))
    highest, mean = highest_mean(errors[:TEST]), float(errors[:TEST].mean())
    places = stratum_of(strata, answers[known:], hints[known:], ("ok", "fraud"))
    errors, fraud, hard, chosen = errors[known:], fraud[known:], hard[known:], DRAW.random(PREDICTIONS) < 0.5
    waits = {
        "all at once": np.zeros(PREDICTIONS),
        "frauds at once, others 2,000 later": np.where(fraud, 0.0, 2000.0),
        "hard cases only": np.where(hard & chosen, 0.0, np.inf),
        "easy cases only": np.where(~hard & chosen, 0.0, np.inf),
    }[kind]
    came = np.arange(PREDICTIONS) + 1 + waits
    for seen in range(1000, PREDICTIONS + 1, 1000):
        found = choose_labels(places[:seen], np.where(came[:seen] <= seen, came[:seen], np.nan))
        held = errors_of(strata, places[found.rows]) if found.by_stratum else (highest, mean)
        if find_rise(errors[found.rows], held[0], tested=held[1]).rings:
            return seen
    return None


def classes(count: int) -> None:
    print(f"labels by class: alarms in {PREDICTIONS:,} predictions; predictions from a tripled error to the alarm")
    for kind in ("all at once", "frauds at once, others 2,000 later", "hard cases only", "easy cases only"):
        rang = sum(by_class(kind, times=1) is not None for _ in range(count))
        found = [
            np.inf if at is None else at - PREDICTIONS // 2 for at in (by_class(kind, times=3) for _ in range(count))
        ]
        late = [float(at) for at in found if at > 0]
        print(f"{kind:>35} {interval(rang, count)}; {told(late)}, {count - len(late)} before", flush=True)


def rewritten(folder: Path) -> None:
    from omloop.bundle import Session
    from omloop.core import Settings
    from omloop.loop import Workspace, find_project
    from omloop.loop.project.configure import configure
    from omloop.loop.turn.turn import turn

    projects = Path(__file__).parents[2] / "projects"
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(replace(Settings(projects=str(projects)), workspace=scratch))
        project = find_project("imdb", workspace.settings)
        config = configure(project, ["data=file", f"data.path={folder}", "model=bag_of_words", "data.quality=off"])
        turned = turn(Plan(project, project.inputs, config, workspace))
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
        rise = find_rise(np.concatenate([before, after]), baseline.highest, tested=baseline.tested.value)
        runs.append(np.inf if rise.rang is None else rise.rang - len(before))
    print(f"  delay after all originals, in 100 orders: {told(runs)} (median, 9 in 10)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=100, help="streams a row")
    parser.add_argument("--imdb", type=Path, help="folder with train.parquet, test.parquet, counterfactual_paired.tsv")
    args = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    for ordered in (True, False):
        delays(args.streams, ordered=ordered)
        false_alarms(args.streams, ordered=ordered)
    classes(args.streams)
    if args.imdb:
        rewritten(args.imdb)
