"""Runs: a list that stays quick with ten thousand of them, one run with its curves, several beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import UnknownNameError, explain_missing
from omloop.loop.runs.compare import compare_kept
from omloop.loop.runs.curves import curves_in
from omloop.loop.runs.index import RunIndex
from omloop.loop.runs.kept import KeptRun, require_several
from omloop.loop.runs.runs import find_name, order_runs, run_json, short_labels, with_tags
from omloop.loop.steer.paging import Page
from omloop.loop.steer.request import command_line
from omloop.report import comparison_json
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.request import Ask
    from omloop.track import RunRecord

CONFIG = "config.yaml"
CURVES = {"curves": ("metrics.jsonl", "step"), "machine": ("system.jsonl", "time")}
"""The files of a run that hold curves, and by what."""
ORDERS = ("", "asc", "desc")
_FIELDS = ("started", "seconds", "model", "status", "run", "version", "kind")
"""What runs are ordered by besides their metrics."""
MOST_DRAWN = 64
"""Runs whose curves are kept in memory."""
MOST_LABELLED = 4
"""Projects whose runs' short names are kept in memory."""
Curves = dict[str, dict[str, list[float]]]


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


def get_run(ask: Ask) -> dict[str, object]:
    """A run with its curves, configuration, environment and the names of its files."""
    index = run_index(ask)
    run = one_run(ask)
    kept = KeptRun(run, run.name, ask.project, index.tracker)
    return {
        **run_json(run),
        "lower_is_better": list(run.lower_is_better),
        **_drawn(ask, index, kept),
        "config": kept.text(CONFIG),
        "environment": kept.facts,
        "files": [{"name": name, "bytes": _size(index, ask.project, run.name, name)} for name in kept.files],
        "command": command_line("compare", ask.project, run.name, "OTHER"),
    }


def _drawn(ask: Ask, index: RunIndex, run: KeptRun) -> dict[str, Curves]:
    """The curves of a run by step, and of the machine by second; drawn once, and of one that goes on as it grows."""

    def draw() -> dict[str, Curves]:
        return {key: _curves(run.read(name) or b"", by) for key, (name, by) in CURVES.items()}

    name = run.record.name
    sizes = [_size(index, ask.project, name, file) for file, _ in CURVES.values() if file in run.files]
    if run.record.seconds is None and None in sizes:
        return draw()
    found: dict[str, Curves] = ask.caches.once("curves", (ask.project, name, *sizes), draw, most=MOST_DRAWN)
    return found


def one_run(ask: Ask) -> RunRecord:
    """The run that the path names, by its name or a part that no other shares; raises UnknownNameError."""
    index = run_index(ask)
    names = index.names(ask.project)
    name = find_name(names, ask.path["run"], ask.project)
    found = index.whole(ask.project, [name])
    if not found:
        raise UnknownNameError("run", name, (), next_step=f"See: omloop runs {ask.project}")
    return found[0]


def _curves(content: bytes, by: str) -> Curves:
    return {
        name: {"steps": [step for step, _ in points], "values": [value for _, value in points]}
        for name, points in curves_in(content, by).items()
    }


def _size(index: RunIndex, project: str, run: str, name: str) -> int | None:
    """The bytes of a file; None where it lies far away."""
    return None if index.files is None else index.files.size(project, run, name)


def compare(ask: Ask) -> Mapping[str, object]:
    """What 2 to 12 runs scored, and in what they differ, with the curves of each."""
    index, given = run_index(ask), ask.lists.get("run", [])
    names = index.names(ask.project)
    found = [find_name(names, one, ask.project) for one in given]
    require_several(found, ask.project)
    labels, records = short_labels(names), index.whole(ask.project, found)
    require_several([record.name for record in records], ask.project)
    kept = [KeptRun(record, labels[record.name], ask.project, index.tracker) for record in records]
    with explain_missing("Comparing runs"):
        compared = comparison_json(compare_kept(ask.project, kept))
    return {
        **compared,
        "curves": {run.label: _drawn(ask, index, run)["curves"] for run in kept},
        "command": command_line("compare", ask.project, *(run.label for run in kept)),
    }
