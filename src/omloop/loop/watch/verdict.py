"""The verdict on live predictions: what the rooms found out, put together for a report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Bundle, Cells, Sample
from omloop.core import (
    BundleError,
    DataError,
    Metric,
    Movement,
    Window,
    write_whole,
)
from omloop.drift import (
    differences,
    find_unusual,
    mean_with_interval,
    moved_since,
    worst_slices,
)
from omloop.loop.version.copies import labelled_once
from omloop.loop.watch.evidence import rise_of
from omloop.loop.watch.live import LivePredictions, distinct, estimated_error, moment_of, scores_of
from omloop.report import (
    ErrorEvidence,
    MovedColumn,
    Pair,
    Verdict,
    Where,
    number,
    verdict_json,
    verdict_markdown,
    verdict_page,
)

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = 12
COLUMNS = 5


@dataclass(frozen=True)
class LookWindows:
    """The predictions of a version that a look judged; its page shows them.

    `newest` are those of the alarm, or the newest `NEWEST`. `ever` are the labelled ones that are evidence of the
    error. `answered` are the newest with and without labels (see `rise_of`).
    """

    newest: Window
    ever: Window
    answered: Window | None = None


def make_verdict(
    bundle: Bundle,
    windows: LookWindows,
    columns: Sequence[Movement] | None,
    *,
    now: float,
    metrics: Sequence[Metric] = (),
) -> Verdict:
    """The verdict on the newest predictions of the bundle's version.

    `columns` are those of a drift or an alarm; empty if nothing moved, and None with too few rows to tell. `metrics`
    score the labelled ones. `now` is in seconds since 1970. Equal labelled rows count once.
    """
    window = windows.newest
    live, once = LivePredictions(bundle, window), LivePredictions(bundle, labelled_once(bundle, window))
    unusual, examples = unusual_pairs(distinct(bundle, window))
    return Verdict(
        project=bundle.manifest.project,
        version=bundle.version,
        made=moment_of(now),
        rows=len(live.predictions),
        first=live.time(0) if live.predictions else "",
        last=live.time(-1) if live.predictions else "",
        judged=columns is not None,
        columns=len(live.reference.columns),
        moved=tuple(_moved(live, [column for column in columns or () if column.moved])),
        hurt=_hurt(live, once, windows.ever, windows.answered, metrics),
        unusual=unusual,
        wrong=_wrong(once),
        examples=examples,
    )


def write_verdict(verdict: Verdict, folder: Path) -> Path:
    """Write `verdict.html`, `verdict.md` and `verdict.json` into `folder`, and give the first; raises StoreError."""
    page = folder / "verdict.html"
    write_whole(page, verdict_page(verdict).encode())
    write_whole(folder / "verdict.md", verdict_markdown(verdict).encode())
    content = json.dumps(verdict_json(verdict), indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(folder / "verdict.json", content.encode())
    return page


def evidently_of(bundle: Bundle, window: Window) -> bytes:
    """Evidently's page on the same window, against the bundle's sample; raises BundleError where that is not there."""
    from omloop.report.evidently import evidently_page

    if bundle.sample is None:
        raise BundleError("The bundle holds no sample.json: an older omloop packaged it. Package the model again.")
    live = LivePredictions(bundle, window)
    return evidently_page(_shared(live, bundle.sample), live.observed, live.categories)


def _moved(live: LivePredictions, moved: Sequence[Movement]) -> Iterator[MovedColumn]:
    total = sum(column.distance for column in moved)
    for column in sorted(moved, key=lambda column: -column.distance):
        known = live.reference.columns.get(column.column)  # several columns together have none
        values = live.observed.get(column.column, np.zeros(0))
        cells = known if len(values) else None  # what was refused is in no window
        row = moved_since(cells, values) if cells else 0
        yield MovedColumn(
            column=column.column,
            share=column.distance / total if total else 0.0,
            distance=column.distance,
            p_value=column.p_value,
            how=how_moved(column.effects) if known else how_together(column.effects),
            since="" if cells is None else live.time(row) if row else f"{live.time(0)} or before",
            cells=tuple(cell_shares(cells, cells.count(values))) if cells else (),
            words=bool(cells and cells.categories),
        )


def how_moved(effects: Mapping[str, float]) -> str:
    """The shift of a number in standard deviations, and the cell whose share grew the most."""
    told = [f"{effects['shift']:+.2f} sd"] if "shift" in effects else []
    told += [f"{name}: {100 * share:+.0f} %" for name, share in effects.items() if name.startswith("more in ")]
    return ", ".join(told)


def how_together(effects: Mapping[str, float]) -> str:
    """The largest shifts of columns in a joint test, in standard deviations."""
    shifts = sorted(((n, v) for n, v in effects.items() if n != "distance"), key=lambda item: -abs(item[1]))
    return ", ".join(f"{name} {shift:+.2f} sd" for name, shift in shifts[:3])


def cell_shares(cells: Cells, live: NDArray[np.int64]) -> Iterator[tuple[str, float, float]]:
    """The label of each cell that holds anything, and its shares of the reference and of the live rows."""
    reference = np.asarray(cells.counts)
    for label, before, now in zip(
        cells.names, reference / max(1, reference.sum()), live / max(1, live.sum()), strict=True
    ):
        if before or now:
            yield label, float(before), float(now)


def _hurt(
    live: LivePredictions, once: LivePredictions, ever: Window, answered: Window | None, metrics: Sequence[Metric]
) -> ErrorEvidence:
    baseline = live.bundle.baseline
    estimated, problem = estimated_error(live.bundle, live.window)
    all_labelled = LivePredictions(live.bundle, ever)
    rise = rise_of(live.bundle, ever, answered)
    since = rise.since if rise else None
    return ErrorEvidence(
        name=live.output.error,
        tested=baseline.tested if baseline else None,
        live=mean_with_interval(once.errors) if len(once.errors) else None,
        labelled=len(once.errors),
        labels=len(all_labelled.labelled),
        since="" if since is None else all_labelled.time(since),
        estimated=estimated,
        problem=problem,
        scores=tuple(scores_of(once, metrics)),
        shares=rise.problem if rise else "",
    )


def _wrong(live: LivePredictions) -> tuple[Where, ...]:
    sample = live.bundle.sample
    if sample is None:
        return ()
    known = _shared(live, sample)
    rows = {name: live.observed[name][live.labelled] for name in known}
    found = worst_slices(live.errors, rows, live.categories, known)
    return tuple(Where(slice_.name, slice_.rows, slice_.inside, slice_.outside) for slice_ in found)


def unusual_pairs(live: LivePredictions) -> tuple[tuple[Where, ...], tuple[Pair, ...]]:
    """The slices with the most unusual rows, and the most unusual rows beside their nearest reference rows."""
    sample = live.bundle.sample
    if sample is None or not live.predictions:
        return (), ()
    known = _shared(live, sample)
    if min(map(len, known.values()), default=0) < 2:
        return (), ()
    observed = {name: live.observed[name] for name in known}
    found = find_unusual(known, observed, live.categories)
    slices = worst_slices(found.beyond, observed, live.categories, known)
    order = np.argsort(-found.distances, kind="stable")[:EXAMPLES]
    pairs = []
    for row in order.tolist():
        other = int(found.nearest[row])
        names = [*differences(known, observed, live.categories, (row, other))][:COLUMNS]
        words = [(n, _words(live, n, observed[n][row]), _words(live, n, known[n][other])) for n in names]
        pairs.append(
            Pair(
                time=live.time(row),
                answer=_short(next(iter(live.predictions[row].output.values()))),
                truth=_short(live.window.labels.get(live.predictions[row].id, "")),
                distance=float(found.distances[row] / (found.limit or 1.0)),
                columns=tuple(words),
                live=_glimpse(live, row),
                reference=sample.glimpses[other] if other < len(sample.glimpses) else {},
            )
        )
    return tuple(Where(s.name, s.rows, s.inside, s.outside) for s in slices), tuple(pairs)


def _shared(live: LivePredictions, sample: Sample) -> dict[str, NDArray[np.float64]]:
    return {name: values for name, values in sample.observed.items() if name in live.observed}


def _glimpse(live: LivePredictions, row: int) -> Mapping[str, object]:
    """The picture or the text of a live example; nothing if there is none, or the log did not keep it."""
    raw = live.kind.replay(live.predictions[row].inputs)
    if raw is None:
        return {}
    try:
        return live.kind.glimpse(live.kind.encode({name: [value] for name, value in raw.items()}))[0]
    except DataError:
        return {}


def _words(live: LivePredictions, column: str, value: float) -> str:
    if np.isnan(value):
        return "missing"
    words = live.categories[column]
    return words[int(value)] if words else number(float(value))


def _short(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
