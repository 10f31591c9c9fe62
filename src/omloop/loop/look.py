"""What the live predictions of a version show: what moved, since when, and whether it hurts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from omloop.bundle import Bundle, Cells
from omloop.core import Alarm, Estimate, OmloopError, Window
from omloop.drift import LEARNED, Foresight, Promise, Rise, foresee, listen
from omloop.evaluate import evaluate
from omloop.loop.counted import Counted, counted_in, counted_path
from omloop.loop.evidence import ANSWERED, distinct
from omloop.loop.verdict import Live, estimated_error, make_verdict, rise_of, write_verdict

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.policy import Policy
    from omloop.loop.workspace import Workspace

NEWEST = 1000
"""Predictions that the live metric and the estimate are taken on, where no alarm says on how many."""

LEAST = 20
"""Labels from which on a live metric is shown. What rings is the rise of the error, by its own rule."""

ABSENT = 0.05
"""By how much the share of absent or unknown values must have grown for the data to be called broken."""

FAR = 10.0
"""How many times the reference's range the middle value must lie outside of it to be taken for another unit."""


@dataclass(frozen=True)
class Seen:
    """What a look at the live predictions showed.

    `rows` predictions of the version were looked at, `labelled` have labels; `labelled_ever` are those of all
    versions. `buckets` were tested so far, and `alarm` is the newest of those that were not looked at
    before and of the last one, None where none rang.
    `live` and `tested` are the metrics on the labelled part of the newest window and on the test part. `rise` says
    whether the error rose, `estimate` what it is by estimate, without labels and if no concept drifted, and
    `estimated_loss` how much more that is than in the test, as a share of what bounds an error (1 for classes).
    `broken` names what is no change of the world but a fault of the data. What rings began about at the time `began`
    (seconds since 1970), since when `labelled_since` labels came.
    """

    project: str
    version: str
    rows: int
    labelled: int
    labelled_ever: int
    main: str
    buckets: int = 0
    calibrating: bool = False
    alarm: Alarm | None = None
    live: Mapping[str, Estimate] = field(default_factory=dict)
    tested: Mapping[str, Estimate] = field(default_factory=dict)
    rise: Rise | None = None
    estimate: Estimate | None = None
    estimated_loss: float = 0.0
    broken: tuple[str, ...] = ()
    began: float = 0.0
    labelled_since: int = 0

    @property
    def collecting(self) -> bool:
        """Whether there are too few predictions for a verdict."""
        return not self.buckets

    @property
    def moved(self) -> tuple[str, ...]:
        """The columns that moved, the surest first."""
        return () if self.alarm is None else tuple(column.column for column in self.alarm.columns)

    @property
    def hurt(self) -> bool:
        """Whether labels show a loss."""
        return self.rise is not None and self.rise.rings

    @property
    def rings(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.signs)

    @property
    def signs(self) -> tuple[str, ...]:
        """What is wrong, in one word each."""
        found = {"drift": bool(self.moved), "loss": self.hurt, "broken": bool(self.broken)}
        return tuple(name for name, wrong in found.items() if wrong)

    @property
    def told(self) -> str:
        """What is wrong, in words."""
        broken = f"broken: {', '.join(self.broken)}" if self.broken else ""
        return "; ".join(filter(None, [self.loss, self.what_moved, broken]))

    @property
    def what_moved(self) -> str:
        """The columns that moved, in words; nothing when none did."""
        more = f" and {len(self.moved) - 3} more" if len(self.moved) > 3 else ""
        return f"{', '.join(self.moved[:3])}{more} moved" if self.moved else ""

    @property
    def loss(self) -> str:
        """How much worse the model got, in words; nothing where labels do not show it."""
        if self.rise is None or not self.rise.rings:
            return ""
        if self.rise.live is None or self.rise.tested is None:
            return "the error rose"
        like = " for answers like these" if self.rise.problem else ""
        return f"the error rose, it is {self.rise.live} since then and was {self.rise.tested:.4g} in the test{like}"

    @property
    def live_value(self) -> float | None:
        """The main metric on live labels, None without any."""
        return self.live[self.main].value if self.live else None


def look(name: str, version: str, workspace: Workspace, policy: Policy, *, tell: Callable[[str], None]) -> Seen:
    """Compare the live predictions of a version with what it was trained and tested on.

    What was counted is kept; call `looked_at` once what was seen is dealt with, so that the next look begins there.
    """
    bundle = workspace.registry(name).load(version)
    promise = Promise(false_alarms=policy.false_alarms)
    path = counted_path(workspace.watch(name), version)
    with contextlib.closing(workspace.predictions(name)) as predictions:
        before = counted_in(path, bundle)
        counted = before.until_now(bundle, predictions)
        ever = _as_labelled(predictions.window(version=version, labelled=True))
        labelled_ever = distinct(bundle, predictions.window(labelled=True).predictions)
        first = max(0, min(counted.looked, len(counted.buckets) - 1))  # the newest says whether it is over
        alarms = listen(bundle.reference, counted.buckets, first=first, promise=promise)
        alarm = alarms[-1] if alarms else None
        newest = alarm.buckets * bundle.reference.bucket if alarm else NEWEST
        window = predictions.window(version=version, newest=newest)
        answered = predictions.window(version=version, newest=ANSWERED)
    counted.save(path)
    tell(f"watch: {len(counted.buckets)} buckets of {bundle.reference.bucket} predictions of {version}")
    estimate, _ = estimated_error(bundle, window)
    rise = rise_of(bundle, ever, answered)
    began = _began(counted, alarm, ever, rise)
    return Seen(
        project=name,
        version=version,
        rows=len(window.predictions),
        labelled=len(ever.predictions),
        labelled_ever=labelled_ever,
        main=bundle.output.metrics[0],
        buckets=len(counted.buckets),
        calibrating=_calibrating(bundle, counted),
        alarm=alarm,
        live=_scores(bundle, window),
        tested=bundle.manifest.variants[bundle.manifest.served].metrics,
        rise=rise,
        estimate=estimate,
        estimated_loss=_estimated_loss(bundle, estimate),
        broken=() if alarm is None else tuple(_broken(bundle, window, alarm)),
        began=began,
        labelled_since=distinct(bundle, (prediction for prediction in ever.predictions if prediction.time >= began)),
    )


def foresight(name: str, workspace: Workspace, policy: Policy) -> Foresight:
    """What the watch of the champion will see how soon, and how often it errs, by simulation on its reference."""
    registry = workspace.registry(name)
    version = registry.champion()
    if version is None:
        raise OmloopError(f"'{name}' has no champion to watch. Make one with: omloop turn {name}")
    return foresee(registry.load(version).reference, Promise(false_alarms=policy.false_alarms))


def write_report(seen: Seen, workspace: Workspace) -> Path:
    """Write the page, the Markdown and the JSON about what was seen, and give the page; raises StoreError."""
    bundle = workspace.registry(seen.project).load(seen.version)
    with contextlib.closing(workspace.predictions(seen.project)) as predictions:
        window = predictions.window(version=seen.version, newest=seen.rows or 1)
        ever = _as_labelled(predictions.window(version=seen.version, labelled=True))
        answered = predictions.window(version=seen.version, newest=ANSWERED)
    columns = None if seen.collecting else () if seen.alarm is None else seen.alarm.columns
    verdict = make_verdict(seen.project, bundle, window, columns, ever=ever, answered=answered, now=workspace.clock())
    return write_verdict(verdict, workspace.watch(seen.project))


def looked_at(seen: Seen, folder: Path, bundle: Bundle) -> None:
    """Remember that the buckets which `seen` is about were tested and dealt with."""
    path = counted_path(folder, seen.version)
    replace(counted_in(path, bundle), looked=seen.buckets).save(path)


def _as_labelled(window: Window) -> Window:
    """The predictions in the order in which their labels came: what came late changes nothing of what was seen."""
    times = window.label_times
    return replace(window, predictions=tuple(sorted(window.predictions, key=lambda p: (times.get(p.id, 0.0), p.time))))


def _began(counted: Counted, alarm: Alarm | None, ever: Window, rise: Rise | None) -> float:
    """When what rings began: with the first bucket that moved, or with the answer from which on the error is higher."""
    found = [] if alarm is None else [float(counted.starts[alarm.since])]
    if rise is not None and rise.since is not None:
        found.append(ever.predictions[rise.since].time)
    return min(found, default=0.0)


def _calibrating(bundle: Bundle, counted: Counted) -> bool:
    """Whether the traffic's own variation is still being learned, so that only gross changes ring."""
    unknown = any(cells.dispersion is None for cells in bundle.reference.columns.values())
    return unknown and len(counted.buckets) < LEARNED


def _scores(bundle: Bundle, window: Window) -> Mapping[str, Estimate]:
    live = Live(bundle, window)
    if len(live.labelled) < LEAST:
        return {}
    outputs, names = live.outputs[live.labelled], bundle.output.metrics
    return evaluate(live.truth, outputs, names, part="live", seed=len(live.labelled)).metrics


def _estimated_loss(bundle: Bundle, estimate: Estimate | None) -> float:
    baseline = bundle.baseline
    if estimate is None or baseline is None or estimate.low <= baseline.tested.value:
        return 0.0
    return (estimate.value - baseline.tested.value) / baseline.scale


def _broken(bundle: Bundle, window: Window, alarm: Alarm) -> list[str]:
    """What of the columns that moved looks like a fault of the data: absent or unknown values, or another unit."""
    live, found = Live(bundle, window), []
    for column in alarm.columns:
        if column.column not in bundle.reference.columns:  # several columns together
            continue
        cells, values = bundle.reference.columns[column.column], live.observed[column.column]
        reference, counts = np.asarray(cells.counts), cells.count(values)
        grown = counts / max(1, counts.sum()) - reference / max(1, reference.sum())
        shares = dict(zip(cells.names, grown.tolist(), strict=True))
        for name in ("unseen", "absent"):
            if shares.get(name, 0.0) >= ABSENT:
                found.append(f"{column.column} is {name} in {shares[name]:.0%} more rows")
        if _is_far(cells, float(np.nanmedian(values)) if not np.isnan(values).all() else np.nan):
            found.append(f"{column.column} is {np.nanmedian(values):.4g} where it was up to {cells.edges[-1]:.4g}")
    return found


def _is_far(cells: Cells, middle: float) -> bool:
    if cells.categories:
        return False
    low, high = cells.edges[0], cells.edges[-1]
    return bool(max(low - middle, middle - high) > FAR * max(high - low, abs(high), abs(low)))
