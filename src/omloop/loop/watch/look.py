"""What the live predictions of a version show: what moved, since when, and whether it hurts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omloop.bundle import Bundle
from omloop.core import Alarm, Estimate, Metric, Predictions, Window, number_text, some
from omloop.drift import LEARNED, AlarmBudget, Foresight, Rise, foresee, stuck_at
from omloop.drift.stuck import LAST
from omloop.loop.project.scoring import live_scores, metrics_in
from omloop.loop.records.episodes import BrokenSpans, InputState, broken_spans, input_state
from omloop.loop.records.faults import ColumnFault
from omloop.loop.records.ordering import HOW, without_order
from omloop.loop.version.copies import distinct, labelled_once
from omloop.loop.watch.counts import BucketCounts, counted_in, counted_path
from omloop.loop.watch.door import door_of, fault_of
from omloop.loop.watch.evidence import ANSWERED, rise_of
from omloop.loop.watch.listening import listen_on, newest_warnings
from omloop.loop.watch.live import LivePredictions, estimated_error
from omloop.loop.watch.snapshot import Snapshot, snapshot
from omloop.loop.watch.verdict import LookWindows, make_verdict, write_verdict

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.watch.policy import Policy
    from omloop.loop.workspace import Workspace

NEWEST = 1000
"""How many predictions the live metric and the estimate use, unless an alarm says how many."""


@dataclass(frozen=True)
class Observation:
    """The findings of a look at the live predictions.

    `rows` is how many predictions of the version it looked at, `labelled` how many of them have labels. `labelled_ever`
    counts the labels of all versions, without broken data. `main` is the main metric, and `higher_is_better` which way
    is better. `buckets` is the number of tested buckets so far.

    `alarm` is that of the lasting drift, with all columns that moved in it so far; None while all is quiet. `state` is
    the state of the input, for the history. `warning` is what the newest bucket shows while the watch still learns the
    traffic's own variation; it is no alarm. `promise` says in words what holds until then.

    `live` and `tested` are the metrics on the labelled part of the newest window and on the test part. `rise` says
    whether the error rose. `estimate` is the estimated error without labels, if no concept drifted. `estimated_loss` is
    how much more that is than in the test, as a share of the bound on errors (1 for classes).

    `broken` names faults of the data, not changes of the world, until the drift is over. The alarm's cause began about
    at the time `began` (seconds since 1970); `labelled_since` labels came since. `untested` says that no whole bucket
    of inputs has come since then, so nobody knows whether they are broken. `windows` are the predictions behind all
    this.
    """

    project: str
    version: str
    rows: int
    labelled: int
    labelled_ever: int
    main: str
    higher_is_better: bool
    buckets: int = 0
    calibrating: bool = False
    alarm: Alarm | None = None
    warning: Alarm | None = None
    promise: str = ""
    live: Mapping[str, Estimate] = field(default_factory=dict)
    tested: Mapping[str, Estimate] = field(default_factory=dict)
    rise: Rise | None = None
    estimate: Estimate | None = None
    estimated_loss: float = 0.0
    broken: tuple[str, ...] = ()
    state: InputState = field(default_factory=InputState)
    began: float = 0.0
    labelled_since: int = 0
    untested: bool = False
    windows: LookWindows | None = field(default=None, repr=False, compare=False)

    @property
    def collecting(self) -> bool:
        """Whether there are too few predictions for a verdict."""
        return not self.buckets

    @property
    def moved(self) -> tuple[str, ...]:
        """What moved, the surest first; columns together are last."""
        return () if self.alarm is None else tuple(column.column for column in self.alarm.columns)

    @property
    def warned(self) -> str:
        """What moved, or may have, during calibration, in words; nothing without a warning."""
        if self.warning is None:
            return ""
        names = some([column.column for column in self.warning.columns], most=3)
        return f"calibrating: {names} moved, or this traffic varies by itself; not an alarm yet"

    @property
    def hurt(self) -> bool:
        """Whether labels show a loss."""
        return self.rise is not None and self.rise.rings

    @property
    def worse(self) -> bool:
        """Whether the main metric of the window is worse than in the test by more than both intervals allow."""
        now, before = self.live.get(self.main), self.tested.get(self.main)
        if now is None or before is None:
            return False
        return now.high < before.low if self.higher_is_better else now.low > before.high

    @property
    def verdict(self) -> str:
        """What labels say of the error: by all of them that it rose, by this window that it may have, or neither."""
        if self.hurt:
            return "it hurts"
        if self.worse:
            return "worse in this window, not yet beyond doubt"
        return "no loss" if self.live else "too few labels to tell"

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
        return f"{some(self.moved, most=3)} moved" if self.moved else ""

    @property
    def loss(self) -> str:
        """How much worse the model got, in words; nothing where labels do not show it."""
        if self.rise is None or not self.rise.rings:
            return ""
        if self.rise.live is None or self.rise.tested is None:
            return "the error rose"
        like = " for answers like these" if self.rise.problem else ""
        tested = number_text(self.rise.tested, self.rise.live.size)
        return f"the error rose, it is {self.rise.live} since then and was {tested} in the test{like}"

    @property
    def live_value(self) -> float | None:
        """The main metric on live labels, None without any."""
        return self.live[self.main].value if self.main in self.live else None


def look(now: Snapshot, workspace: Workspace, policy: Policy, *, tell: Callable[[str], None]) -> Observation:
    """Compare the live predictions of the champion with its training and test data.

    It keeps the counts. Call `looked_at` after handling the findings, so that the next look begins there.
    """
    name, version, bundle = now.project, now.version, now.bundle
    promise = AlarmBudget(false_alarms=policy.false_alarms)
    path, moment = counted_path(workspace.watch(name), version), workspace.clock()
    with contextlib.closing(workspace.predictions(name)) as predictions:
        counted = counted_in(path, bundle).until_now(bundle, predictions, moment)
        answered = predictions.window(version=version, newest=ANSWERED)
        before = input_state(now.events, version).with_told(counted.told)
        state = listen_on(bundle, counted, before, promise, _stuck(bundle, newest_of(answered, LAST)))
        alarm = state.episode.alarm if state.episode else None
        labelled = predictions.window(labelled=True)
        window = _judged(predictions, version, answered, alarm.buckets * bundle.reference.bucket if alarm else NEWEST)
    # Now, since it holds whatever becomes of the rest of the look.
    counted.save(path)
    warning = _warning(bundle, counted, state, promise)
    broken = BrokenSpans({**broken_spans(now.events, moment).spans, version: state.spans}, moment)
    ever = evidence_of(labelled, version, state, moment)
    tell(f"watch: {len(counted.buckets)} buckets of {bundle.reference.bucket} predictions of {version}")
    estimate, _ = estimated_error(bundle, window)
    metrics = metrics_in(bundle, workspace.settings)
    rise = rise_of(bundle, ever, answered)
    began = _began(counted, alarm, ever, rise)
    broken_now = [*(state.episode.broken if state.episode else ()), *_shut(bundle, counted)]
    return Observation(
        project=name,
        version=version,
        rows=len(window.predictions),
        labelled=len(ever.predictions),
        labelled_ever=distinct(bundle, broken.without(labelled).predictions),
        main=metrics[0].name,
        higher_is_better=metrics[0].higher_is_better,
        buckets=len(counted.buckets),
        calibrating=_calibrating(bundle, counted),
        alarm=alarm,
        warning=warning,
        promise=f"{without_order(bundle.reference.bucket)}. {HOW}" if _calibrating(bundle, counted) else "",
        live=_scores(bundle, window, metrics),
        tested=bundle.manifest.tested,
        rise=rise,
        estimate=estimate,
        estimated_loss=_estimated_loss(bundle, estimate),
        broken=tuple(fault.told for fault in broken_now),
        state=state,
        began=began,
        labelled_since=distinct(bundle, (prediction for prediction in ever.predictions if prediction.time >= began)),
        untested=not (counted.starts >= began).any(),
        windows=LookWindows(window, ever, answered),
    )


def foresight(name: str, workspace: Workspace, policy: Policy) -> Foresight:
    """What the watch of the champion will see how soon, and how often it errs, by simulation on its reference."""
    return foresee(snapshot(name, workspace).bundle.reference, AlarmBudget(false_alarms=policy.false_alarms))


def write_report(seen: Observation, windows: LookWindows, bundle: Bundle, workspace: Workspace) -> Path:
    """Write the findings as a page, Markdown and JSON, and give the page; raises StoreError."""
    verdict = make_verdict(
        bundle,
        windows,
        None if seen.collecting else () if seen.alarm is None else seen.alarm.columns,
        metrics=metrics_in(bundle, workspace.settings),
        now=workspace.clock(),
    )
    verdict = replace(verdict, warned=seen.warned)
    return write_verdict(verdict, workspace.watch(seen.project))


def looked_at(seen: Observation, folder: Path, bundle: Bundle) -> None:
    """Remember that the buckets of `seen` are tested and handled, and what was reported of them."""
    path = counted_path(folder, seen.version)
    replace(counted_in(path, bundle), looked=seen.buckets, told=seen.state.episode).save(path)


def newest_of(window: Window, rows: int) -> Window:
    """The newest `rows` predictions of a window."""
    return replace(window, predictions=window.predictions[-rows:])


def evidence_of(labelled: Window, version: str, state: InputState, now: float) -> Window:
    """The `labelled` predictions that are evidence of a version's error, in the order of their labels.

    Those of broken data are not. Behind broken data the evidence starts again, so that none of it lasts.
    """
    window = BrokenSpans({version: state.spans}, now).without(labelled)
    ended = max((end for _, end in state.broken), default=float("-inf"))
    own = tuple(p for p in window.predictions if p.version == version and p.time > ended)
    return _as_labelled(replace(window, predictions=own))


def _judged(predictions: Predictions, version: str, answered: Window, rows: int) -> Window:
    """The newest `rows` of a version, from the fetched ones if these are enough."""
    if rows <= ANSWERED:
        return newest_of(answered, rows)
    return predictions.window(version=version, newest=rows)


def _as_labelled(window: Window) -> Window:
    """The predictions in the order of their labels: a late label does not change earlier findings."""
    times = window.label_times
    return replace(window, predictions=tuple(sorted(window.predictions, key=lambda p: (times.get(p.id, 0.0), p.time))))


def _began(counted: BucketCounts, alarm: Alarm | None, ever: Window, rise: Rise | None) -> float:
    """When the alarm's cause began: with the first moved bucket, or with the first answer of the higher error."""
    found = [] if alarm is None else counted.starts[alarm.since : alarm.since + 1].tolist()
    if rise is not None and rise.since is not None:
        found.append(ever.predictions[rise.since].time)
    return min(found, default=0.0)


def _shut(bundle: Bundle, counted: BucketCounts) -> list[ColumnFault]:
    """The refusals, if they fill a whole bucket since the last one: the server may hardly answer again."""
    refused = counted.waiting
    if refused.sum() < counted.bucket:
        return []
    return [fault_of(door_of(bundle.kind), refused, counted.rows - counted.whole * counted.bucket)]


def _calibrating(bundle: Bundle, counted: BucketCounts) -> bool:
    """Whether the watch still learns the traffic's own variation, so that only gross changes ring."""
    unknown = any(cells.dispersion is None for cells in bundle.reference.columns.values())
    return unknown and len(counted.buckets) < LEARNED


def _warning(bundle: Bundle, counted: BucketCounts, state: InputState, promise: AlarmBudget) -> Alarm | None:
    """What the newest bucket warns of, without what rings."""
    warnings = newest_warnings(bundle, counted, state, promise)
    rings = state.episode.alarm.columns if state.episode else ()
    known = {column.column for column in rings}
    columns = tuple(c for warning in warnings for c in warning.columns if c.column not in known)
    return replace(warnings[-1], columns=columns) if columns else None


def _stuck(bundle: Bundle, window: Window) -> dict[str, str]:
    """The columns whose newest values are all but equal where the reference has many, with that value.

    Not dates: the rows of one day have one date.
    """
    observed, dates = LivePredictions(bundle, window).observed, bundle.kind.dates
    cells = {name: known for name, known in bundle.reference.columns.items() if name in observed and name not in dates}
    return {name: value for name, known in cells.items() if (value := stuck_at(known, observed[name]))}


def _scores(bundle: Bundle, window: Window, metrics: Sequence[Metric]) -> Mapping[str, Estimate]:
    live = LivePredictions(bundle, labelled_once(bundle, window))
    return live_scores(metrics, live.truth, live.outputs[live.labelled])


def _estimated_loss(bundle: Bundle, estimate: Estimate | None) -> float:
    baseline = bundle.baseline
    if estimate is None or baseline is None or estimate.low <= baseline.tested.value:
        return 0.0
    return (estimate.value - baseline.tested.value) / baseline.scale
