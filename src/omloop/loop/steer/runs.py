"""Runs: a list that stays quick with ten thousand of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import UnknownNameError
from omloop.loop.runs.index import RunIndex
from omloop.loop.runs.runs import order_runs, run_json, short_labels, with_tags
from omloop.loop.steer.paging import Page
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.request import Ask
    from omloop.track import RunRecord

ORDERS = ("", "asc", "desc")
_FIELDS = ("started", "seconds", "model", "status", "run", "version", "kind")
"""What runs are ordered by besides their metrics."""
MOST_LABELLED = 4
"""Projects whose runs' short names are kept in memory."""


def run_index(ask: Ask) -> RunIndex:
    """The index of the workspace's runs, one for the application."""
    found: RunIndex = ask.caches.once("runs", "", lambda: RunIndex(ask.workspace.tracker()), most=1)
    return found


def list_runs(ask: Ask) -> dict[str, object]:
    """The runs of a page, the newest first unless `sort` says otherwise; `q`, `status` and `tag` choose some."""
    page, index = Page.of(ask), run_index(ask)
    names = index.names(ask.project)
    chosen = names if _is_plain(ask) else [run.name for run in _ordered(ask, _chosen(ask, index.brief(ask.project)))]
    labels = _labels(ask, names)
    shown = index.whole(ask.project, page.part(chosen))
    if len(shown) < len(names):
        index.read_ahead(ask.project)  # whoever sees a page of them orders or searches all of them next
    return {
        **page.told(len(chosen)),
        "metrics": list(dict.fromkeys(name for run in shown for name in run.metrics)),
        "lower_is_better": sorted({name for run in shown for name in run.lower_is_better}),
        "runs": [{**run_json(run), "label": labels.get(run.name, run.name)} for run in shown],
    }


def _labels(ask: Ask, names: Sequence[str]) -> Mapping[str, str]:
    """What each run is called in short, found out anew where there are others."""
    key = (ask.project, len(names), *names[:1], *names[-1:])
    found: Mapping[str, str] = ask.caches.once("labels", key, lambda: short_labels(names), most=MOST_LABELLED)
    return found


def _is_plain(ask: Ask) -> bool:
    """Whether the page is one of all runs in the order of their names, which needs no look into any other run."""
    return not any(ask.query.get(name) for name in ("q", "status", "tag", "sort", "order"))


def _chosen(ask: Ask, runs: Sequence[RunRecord]) -> Sequence[RunRecord]:
    wanted, status = ask.query.get("q", "").strip().lower(), ask.query.get("status", "")
    tags = {
        key.strip(): value.strip() for key, _, value in (tag.partition("=") for tag in ask.lists.get("tag", ())) if key
    }
    if status:
        runs = [run for run in runs if run.status == status]
    if wanted:
        runs = [run for run in runs if wanted in _words(run)]
    return with_tags(runs, tags) if tags else runs


def _words(run: RunRecord) -> str:
    tags = " ".join(f"{key}={value}" for key, value in run.tags.items())
    return f"{run.name} {run.status} {run.kind} {run.model} {run.version} {run.verdict} {run.note} {tags}".lower()


def _ordered(ask: Ask, runs: Sequence[RunRecord]) -> Sequence[RunRecord]:
    """By a field or a metric; the best first where no order is said, and last what has no such value."""
    sort, order = ask.query.get("sort", ""), ask.one_of("order", ORDERS, "")
    if not sort or sort in _FIELDS:
        return _by_field(runs, sort or "started", order or "desc")
    if not runs:
        return runs
    try:
        best_first = order_runs(runs, sort)
    except UnknownNameError as error:
        raise Refusal(400, f"{error} Runs are also ordered by {', '.join(_FIELDS)}.", code="invalid_query") from error
    lower = any(sort in run.lower_is_better for run in runs)
    if not order or (order == "asc") == lower:
        return best_first
    known = [run for run in best_first if sort in run.metrics]
    return [*reversed(known), *best_first[len(known) :]]


def _by_field(runs: Sequence[RunRecord], name: str, order: str) -> list[RunRecord]:
    values = {run.name: run.name if name == "run" else getattr(run, name) for run in runs}
    known = [run for run in runs if values[run.name] not in (None, "")]
    known.sort(key=lambda run: values[run.name], reverse=order == "desc")
    return [*known, *(run for run in runs if values[run.name] in (None, ""))]
