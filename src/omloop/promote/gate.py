"""The gate: three answers from the paired bootstrap, then what no gain can make up for: floors and slices."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from omloop.core import ConfigError, DataError, Decision, Verdict, did_you_mean
from omloop.promote.bootstrap import Gain, Metric, compare

_DRAWS_A_SLICE = 200
"""Least bootstrap draws for each slice that shares the confidence: the more do, the further out lies the tail."""


@dataclass(frozen=True)
class Case:
    """What the gate is asked: the outputs of `candidate` and `champion` for the same rows, and their `truth`.

    `truth` has shape (n,), outputs (n,) or (n, classes). `slices` maps a grouping to one group name a row, shape (n,).
    Where no champion exists yet, `champion` holds the outputs of the baseline and `opponent` says so. `others` are
    metrics that floors name beside `metric`. A candidate that costs less may lose up to `allowed` of the metric, and
    need not gain. Raises DataError when the lengths differ.
    """

    metric: Metric
    truth: NDArray[Any]
    candidate: NDArray[Any]
    champion: NDArray[Any]
    seed: int
    opponent: Literal["champion", "baseline"] = "champion"
    slices: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    others: tuple[Metric, ...] = ()
    allowed: float = 0.0

    def __post_init__(self) -> None:
        for name, values in {"candidate": self.candidate, self.opponent: self.champion, **self.slices}.items():
            if len(values) != len(self.truth):
                counts = f"{len(self.truth)} truths but {len(values)} rows of '{name}'"
                raise DataError(f"The gate got {counts}. Give both the same rows.")

    def only(self, rows: NDArray[np.bool_]) -> "Case":
        """The same case on some of its rows; booleans of shape (n,)."""
        slices = {name: np.asarray(values)[rows] for name, values in self.slices.items()}
        truth, candidate, champion = self.truth[rows], self.candidate[rows], self.champion[rows]
        return replace(self, truth=truth, candidate=candidate, champion=champion, slices=slices)


@dataclass(frozen=True)
class Rules:
    """What the gate asks for. `margin`, `slice_drop` and `floors` are in the metric's own unit.

    A candidate is better when the whole interval of its gain, at `confidence`, lies above `margin`; fewer than `rows`
    rows are never enough. So a candidate that is as good as the champion is promoted in half of 1 - `confidence` of all
    turns: 3.5 %. No slice of at least `slice_rows` rows may have fallen by more than `slice_drop`; the same chance of a
    false alarm is shared out over all slices (Bonferroni). `floors` maps a metric to the value
    that the candidate must reach, or not exceed where lower is better. Raises ConfigError for a rule that makes no
    sense.
    """

    margin: float = 0.0
    confidence: float = 0.93
    resamples: int = 2000
    rows: int = 20
    slice_drop: float = 0.1
    slice_rows: int = 30
    floors: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = {
            "margin": (self.margin >= 0, "at least 0"),
            "confidence": (0.5 <= self.confidence < 1, "from 0.5 to below 1, such as 0.93"),
            "resamples": (self.resamples >= 100, "at least 100"),
            "rows": (self.rows >= 2, "at least 2"),
            "slice_drop": (self.slice_drop >= 0, "at least 0"),
            "slice_rows": (self.slice_rows >= 2, "at least 2"),
        }
        for name, (sensible, words) in wanted.items():
            if not sensible:
                raise ConfigError(f"The gate's '{name}' is {getattr(self, name)!r}; give a number {words}.")


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
    'mae 3.000 -> 1.000, gain 2.000 [2.000, 2.000] on 200 rows: better'
    >>> judge(case, Rules(margin=2.5)).reason
    'mae 3.000 -> 1.000, gain 2.000 [2.000, 2.000] on 200 rows, asked for more than 2.500: not enough evidence'
    >>> judge(case, Rules(floors={"mae": 0.5})).reason
    'mae 3.000 -> 1.000, gain 2.000 [2.000, 2.000] on 200 rows, but mae 1.000 is not at most 0.500: worse'
    """
    floors = _floors(case, rules)
    rows = len(case.truth)
    if rows < rules.rows:
        reason = f"{rows} rows to compare on, the gate asks for at least {rules.rows}: not enough evidence"
        return Decision("not enough evidence", reason, {"rows": rows})
    gain = compare(
        case.metric,
        case.truth,
        case.candidate,
        case.champion,
        seed=case.seed,
        resamples=rules.resamples,
        confidence=rules.confidence,
    )
    verdict = _verdict(gain, -case.allowed if case.allowed else rules.margin)
    objections = [*_below(case, floors), *_fallen(case, rules)] if verdict == "better" else []
    if objections:
        reason = f"{_summary(case, gain)}, but {'; '.join(objections)}: worse"
        return Decision("worse", reason, _evidence(case, gain))
    asked = f", asked for more than {_number(rules.margin)}" if rules.margin else ""
    asked = f", may lose {_number(case.allowed)} for costing less" if case.allowed else asked
    return Decision(verdict, f"{_summary(case, gain)}{asked}: {verdict}", _evidence(case, gain))


def _verdict(gain: Gain, margin: float) -> Verdict:
    if gain.low > margin:
        return "better"
    return "worse" if gain.high < -abs(margin) else "not enough evidence"


def _floors(case: Case, rules: Rules) -> list[tuple[Metric, float]]:
    """Every floor beside the metric that it is about."""
    metrics = {metric.name: metric for metric in (case.metric, *case.others)}
    for name in rules.floors:
        if name not in metrics:
            near = did_you_mean(name, metrics)
            raise ConfigError(f"The gate's floor '{name}' is no metric.{near} There are: {', '.join(sorted(metrics))}.")
    return [(metrics[name], floor) for name, floor in rules.floors.items()]


def _below(case: Case, floors: Sequence[tuple[Metric, float]]) -> Iterator[str]:
    """Say of each floor that the candidate does not reach it."""
    for metric, floor in floors:
        value = _measure(metric, case.truth, case.candidate)
        reached = value >= floor if metric.higher_is_better else value <= floor
        if not reached:
            words = "at least" if metric.higher_is_better else "at most"
            yield f"{metric.name} {_number(value)} is not {words} {_number(floor)}"


def _fallen(case: Case, rules: Rules) -> Iterator[str]:
    """Say of each slice that the candidate is confidently worse there, by more than `slice_drop`."""
    slices = list(_slices(case, rules.slice_rows))
    for name, here in slices:
        truth, candidate, champion = case.truth[here], case.candidate[here], case.champion[here]
        old, new = _measure(case.metric, truth, champion), _measure(case.metric, truth, candidate)
        drop = old - new if case.metric.higher_is_better else new - old
        if not drop > rules.slice_drop:
            continue  # its interval would reach over the limit as well: spare the draws
        gain = compare(
            case.metric,
            truth,
            candidate,
            champion,
            seed=case.seed,
            resamples=max(rules.resamples, _DRAWS_A_SLICE * len(slices)),
            confidence=1 - (1 - rules.confidence) / len(slices),  # only the upper end is asked about
        )
        if gain.high < -rules.slice_drop:
            yield f"where {name} it fell {_number(old)} -> {_number(new)}, {_interval(gain)} on {len(truth)} rows"


def _slices(case: Case, least: int) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name each slice of at least `least` rows, with its rows; booleans of shape (n,)."""
    for grouping, groups in case.slices.items():
        words = np.asarray(groups).astype(str)
        for group in np.unique(words):
            here = words == group
            if here.sum() >= least:
                yield f"{grouping} is {group}", here


def _measure(metric: Metric, truth: NDArray[Any], outputs: NDArray[Any]) -> float:
    with np.errstate(all="ignore"):
        return float(metric(truth, outputs))


def _evidence(case: Case, gain: Gain) -> dict[str, float]:
    return {
        "candidate": _measure(case.metric, case.truth, case.candidate),
        case.opponent: _measure(case.metric, case.truth, case.champion),
        "gain": gain.value,
        "low": gain.low,
        "high": gain.high,
        "rows": len(case.truth),
    }


def _summary(case: Case, gain: Gain) -> str:
    old = _number(_measure(case.metric, case.truth, case.champion))
    new = _number(_measure(case.metric, case.truth, case.candidate))
    opponent = " of the baseline" if case.opponent == "baseline" else ""
    return f"{case.metric.name} {old}{opponent} -> {new}, {_interval(gain)} on {len(case.truth)} rows"


def _interval(gain: Gain) -> str:
    if not math.isfinite(gain.value):
        return "gain not defined"
    return f"gain {_number(gain.value)} [{_number(gain.low)}, {_number(gain.high)}]"


def _number(value: float) -> str:
    """Three decimals, or three digits where those would show nothing.

    >>> [_number(value) for value in (0.8612, -0.0, 12.5, 0.00042, float("nan"))]
    ['0.861', '0.000', '12.500', '0.00042', 'nan']
    """
    return f"{value:.3g}" if 0 < abs(value) < 0.01 else f"{value + 0.0:.3f}"
