"""The gate: three answers from the paired bootstrap, then what no gain can make up for: floors and slices."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from omloop.core import ConfigError, Decision, Estimate, NumberArray, PartUse, Verdict, did_you_mean, number_text
from omloop.promote.bootstrap import Gain, compare
from omloop.promote.case import Case, MetricFunction
from omloop.promote.series import exceeds, same_rows, use_of

_DRAWS_A_SLICE = 200
"""Least bootstrap draws for each slice that shares the confidence: the more do, the further out lies the tail."""

FIRST = ("ahead", "proven")
"""What may be asked of a version where there is no champion."""


@dataclass(frozen=True)
class Rules:
    """What the gate asks for. `margin`, `slice_drop` and `floors` are in the metric's own unit.

    A candidate is better when the whole interval of its gain, at `confidence`, lies above `margin`; fewer than `rows`
    rows are never enough. So on unused rows the gate promotes a candidate that only equals the champion in half of 1 -
    `confidence` of turns: 2 %. If the same rows already turned candidates down, it must also beat the champion and the
    best of those together (see `promote.series`). Of 50 equal candidates in a row on one test part, at most 5 % of such
    series promote one. No slice of at least `slice_rows` rows may fall by more than `slice_drop`. All slices share the
    same chance of a false alarm (Bonferroni). `floors` maps a metric to the value that the candidate must reach, or not
    exceed where lower is better.

    Without a champion, nothing answers yet. A candidate is then better if it leads the baseline by more than `margin`,
    on however few rows. With `first="proven"` the interval must say so, as always. Raises ConfigError for a rule that
    makes no sense.
    """

    margin: float = 0.0
    confidence: float = 0.96
    resamples: int = 2000  # 40 draws lie beyond either end of 0.96
    rows: int = 20  # of fewer the bootstrap draws the same few again
    slice_drop: float = 0.1
    slice_rows: int = 30
    floors: dict[str, float] = field(default_factory=dict)
    first: str = "ahead"

    def __post_init__(self) -> None:
        wanted = {
            "margin": (self.margin >= 0, "at least 0"),
            "confidence": (0.5 <= self.confidence < 1, "from 0.5 to below 1, such as 0.96"),
            "resamples": (self.resamples >= 100, "at least 100"),
            "rows": (self.rows >= 2, "at least 2"),
            "slice_drop": (self.slice_drop >= 0, "at least 0"),
            "slice_rows": (self.slice_rows >= 2, "at least 2"),
        }
        for name, (sensible, words) in wanted.items():
            if not sensible:
                raise ConfigError(f"The gate's '{name}' is {getattr(self, name)!r}; give a number {words}.")
        if self.first not in FIRST:
            raise ConfigError(f"The gate's 'first' is {self.first!r}; give {' or '.join(FIRST)}.")


def judge(case: Case, rules: Rules) -> Decision:
    """Decide whether the candidate is better, worse, or not shown to be either.

    Raises ConfigError for a floor whose metric the case does not hold.

    >>> class MeanError:
    ...     name, higher_is_better = "mae", False
    ...
    ...     def __call__(self, truth, outputs):
    ...         return np.abs(truth - outputs).mean()
    >>> truth = np.linspace(0, 10, 200)
    >>> case = Case(MeanError(), truth, candidate=truth + 1, champion=truth + 3, seed=1)
    >>> judge(case, Rules()).reason
    'mae 3.00 -> 1.00, gain 2.00 [2.00, 2.00] on 200 rows: better'
    >>> judge(case, Rules(margin=2.5)).reason
    'mae 3.00 -> 1.00, gain 2.00 [2.00, 2.00] on 200 rows, asked for more than 2.50: not enough evidence'
    >>> judge(case, Rules(floors={"mae": 0.5})).reason
    'mae 3.00 -> 1.00, gain 2.00 [2.00, 2.00] on 200 rows, but mae 1.00 is not at most 0.500: worse'
    """
    floors = _floors(case, rules)
    first = case.opponent == "baseline" and rules.first == "ahead"
    if case.units < rules.rows and not first:
        reason = f"{_rows(case)} to compare on, the gate asks for at least {rules.rows}: not enough evidence"
        return Decision("not enough evidence", reason, {"rows": len(case.truth)})
    gain = compare(case, resamples=rules.resamples, confidence=rules.confidence)
    verdict = _verdict(gain, -case.allowed if case.allowed else rules.margin)
    use, earlier = _use(case)
    told, evidence = _summary(case, gain), _evidence(case, gain)
    if use:
        evidence["use"] = len(earlier) + 1
        told += f", use {len(earlier) + 1} of these rows" if earlier else ""
        tried = [one for one in earlier if not one.better]
        if verdict == "better" and not exceeds(use, tried, margin=rules.margin, error=(1 - rules.confidence) / 2):
            verdict = "not enough evidence"
            told += " and no clear gain over the best that were tried on them"
    if first and verdict == "not enough evidence" and gain.value > rules.margin:
        verdict = "better"
        told += ", which is ahead and does for a first version (gate.first)"
    use = replace(use, better=verdict == "better") if use else None
    objections = [*_below(case, floors), *_fallen(case, rules)] if verdict == "better" else []
    if objections:
        return Decision("worse", f"{told}, but {'; '.join(objections)}: worse", evidence, use)
    asked = f", asked for more than {number_text(rules.margin)}" if rules.margin else ""
    asked = f", may lose {number_text(case.allowed)} for costing less" if case.allowed else asked
    return Decision(verdict, f"{told}{asked}: {verdict}", evidence, use)


def _use(case: Case) -> tuple[PartUse | None, tuple[PartUse, ...]]:
    """The use of its rows that judging a case makes, and those that candidates before it made.

    A form that may lose for costing less is no candidate of a series: it does not claim to be better.
    """
    use = None if case.allowed else use_of(case)
    return use, same_rows(use, case.earlier) if use else ()


def _verdict(gain: Gain, margin: float) -> Verdict:
    if gain.low > margin:
        return "better"
    return "worse" if gain.high < -abs(margin) else "not enough evidence"


def _floors(case: Case, rules: Rules) -> list[tuple[MetricFunction, float]]:
    """Every floor beside the metric that it is about."""
    metrics = {metric.name: metric for metric in (case.metric, *case.others)}
    for name in rules.floors:
        if name not in metrics:
            near = did_you_mean(name, metrics)
            raise ConfigError(f"The gate's floor '{name}' is no metric.{near} There are: {', '.join(sorted(metrics))}.")
    return [(metrics[name], floor) for name, floor in rules.floors.items()]


def _below(case: Case, floors: Sequence[tuple[MetricFunction, float]]) -> Iterator[str]:
    """Say of each floor that the candidate does not reach it."""
    for metric, floor in floors:
        value = _measure(metric, case.truth, case.candidate)
        reached = value >= floor if metric.higher_is_better else value <= floor
        if not reached:
            words = "at least" if metric.higher_is_better else "at most"
            yield f"{metric.name} {number_text(value)} is not {words} {number_text(floor)}"


def _fallen(case: Case, rules: Rules) -> Iterator[str]:
    """Say of each slice that the candidate is confidently worse there, by more than `slice_drop`."""
    slices = list(_slices(case, rules.slice_rows))
    for name, here in slices:
        part = case.only(here)
        truth, candidate, champion = part.truth, part.candidate, part.champion
        old, new = _measure(case.theirs or case.metric, truth, champion), _measure(case.metric, truth, candidate)
        drop = old - new if case.metric.higher_is_better else new - old
        if not drop > rules.slice_drop:
            continue  # its interval would reach over the limit as well: spare the draws
        gain = compare(
            part,
            resamples=max(rules.resamples, _DRAWS_A_SLICE * len(slices)),
            confidence=1 - (1 - rules.confidence) / len(slices),  # only the upper end is asked about
        )
        if gain.high < -rules.slice_drop:
            yield f"where {name} it fell {_change(old, new, gain)} on {_rows(part)}"


def _slices(case: Case, least: int) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name each slice of at least `least` rows, with its rows; booleans of shape (n,)."""
    for grouping, groups in case.slices.items():
        words = np.asarray(groups).astype(str)
        for group in np.unique(words):
            here = words == group
            if here.sum() >= least:
                yield f"{grouping} is {group}", here


def _measure(metric: MetricFunction, truth: NumberArray, outputs: NumberArray) -> float:
    with np.errstate(all="ignore"):
        return float(metric(truth, outputs))


def _evidence(case: Case, gain: Gain) -> dict[str, float]:
    return {
        "candidate": _measure(case.metric, case.truth, case.candidate),
        case.opponent: _measure(case.theirs or case.metric, case.truth, case.champion),
        "gain": gain.value,
        "low": gain.low,
        "high": gain.high,
        "rows": len(case.truth),
    }


def _summary(case: Case, gain: Gain) -> str:
    old = _measure(case.theirs or case.metric, case.truth, case.champion)
    new = _measure(case.metric, case.truth, case.candidate)
    opponent = " of the baseline" if case.opponent == "baseline" else ""
    return f"{case.metric.name} {_change(old, new, gain, opponent)} on {_rows(case)}"


def _rows(case: Case) -> str:
    distinct = f" ({case.units} distinct)" if case.units < len(case.truth) else ""
    return f"{len(case.truth)} rows{distinct}"


def _change(old: float, new: float, gain: Gain, whose: str = "") -> str:
    """The change from `old` to `new`, each at least as precise as the gain, and the gain with its interval."""
    shown = Estimate(gain.value, gain.low, gain.high)
    least = shown.size if shown.defined and shown.size else math.inf
    before, after = (number_text(value, min(abs(value) or least, least)) for value in (old, new))
    return f"{before}{whose} -> {after}, gain {shown}"
