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
    from omloop.loop.steer.request import SteerRequest
    from omloop.track import RunRecord

ORDERS = ("", "asc", "desc")
_FIELDS = ("started", "seconds", "model", "status", "run", "version", "kind")
"""The sort orders of runs besides their metrics."""
MOST_LABELLED = 4
"""How many projects' short run names to keep in memory."""


def run_index(request: SteerRequest) -> RunIndex:
    """The index of the workspace's runs, one for the application."""
    found: RunIndex = request.caches.once("runs", "", lambda: RunIndex(request.workspace.tracker()), most=1)
    return found


def list_runs(request: SteerRequest) -> dict[str, object]:
    """The runs of a page, the newest first unless `sort` says otherwise; `q`, `status` and `tag` choose some."""
    page, index = Page.of(request), run_index(request)
    names = index.names(request.project)
    chosen = (
        names
        if _is_plain(request)
        else [run.name for run in _ordered(request, _chosen(request, index.brief(request.project)))]
    )
    labels = _labels(request, names)
    shown = index.whole(request.project, page.part(chosen))
    if len(shown) < len(names):
        index.read_ahead(request.project)  # whoever sees a page of them orders or searches all of them next
    return {
        **page.told(len(chosen)),
        "metrics": list(dict.fromkeys(name for run in shown for name in run.metrics)),
        "lower_is_better": sorted({name for run in shown for name in run.lower_is_better}),
        "runs": [{**run_json(run), "label": labels.get(run.name, run.name)} for run in shown],
    }


def _labels(request: SteerRequest, names: Sequence[str]) -> Mapping[str, str]:
    """The short name of each run, computed again if there are new ones."""
    key = (request.project, len(names), *names[:1], *names[-1:])
    found: Mapping[str, str] = request.caches.once("labels", key, lambda: short_labels(names), most=MOST_LABELLED)
    return found


def _is_plain(request: SteerRequest) -> bool:
    """Whether the page is one of all runs in the order of their names, which needs no look into any other run."""
    return not any(request.query.get(name) for name in ("q", "status", "tag", "sort", "order"))


def _chosen(request: SteerRequest, runs: Sequence[RunRecord]) -> Sequence[RunRecord]:
    wanted, status = request.query.get("q", "").strip().lower(), request.query.get("status", "")
    tags = {
        key.strip(): value.strip()
        for key, _, value in (tag.partition("=") for tag in request.lists.get("tag", ()))
        if key
    }
    if status:
        runs = [run for run in runs if run.status == status]
    if wanted:
        runs = [run for run in runs if wanted in _words(run)]
    return with_tags(runs, tags) if tags else runs


def _words(run: RunRecord) -> str:
    tags = " ".join(f"{key}={value}" for key, value in run.tags.items())
    return f"{run.name} {run.status} {run.kind} {run.model} {run.version} {run.verdict} {run.note} {tags}".lower()


def _ordered(request: SteerRequest, runs: Sequence[RunRecord]) -> Sequence[RunRecord]:
    """By a field or a metric; by default the best first, and runs without the value last."""
    sort, order = request.query.get("sort", ""), request.one_of("order", ORDERS, "")
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
