"""`omloop runs`."""

import argparse
from collections.abc import Mapping, Sequence

from omloop.cli.console import style_line
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show, table
from omloop.cli.tables import Cell
from omloop.cli.tags import tags_line
from omloop.core import OmloopError, utc_text
from omloop.loop.project.scoring import CONFIG
from omloop.loop.runs.kept import KeptRun
from omloop.loop.runs.runs import find_run, order_runs, run_json, runs_of, short_names, with_tags
from omloop.track import RunRecord

EXAMPLE = "omloop runs student_performance --sort r2 --tag for=paper"
SHOWN = 20
LONGEST = 60
COLOURS = {"finished": "", "running": "green"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and which runs to show in which order."""
    name_argument(parser)
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="one run in full, with its configuration and the names of its files"
    )
    parser.add_argument(
        "--tag",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="only runs with this tag; KEY alone takes any value; may be given several times",
    )
    parser.add_argument("--sort", metavar="METRIC", help="the best by this metric first (default: the newest first)")
    parser.add_argument(
        "--limit", type=int, metavar="N", help=f"show so many; 0 shows all (default: {SHOWN}, and all with --json)"
    )


def run(args: argparse.Namespace) -> int:
    """List the runs of a project, or tell all of one."""
    if args.limit is not None and args.limit < 0:
        raise OmloopError(f"--limit {args.limit} is no number of runs; give 0 for all.")
    workspace = workspace_of(args)
    everything = runs_of(args.name, workspace)
    if args.run:
        return _one(args, KeptRun(find_run(everything, args.run, args.name), args.run, args.name, workspace.tracker()))
    chosen = with_tags(everything, _wanted(args.tag))
    if args.sort and chosen:
        chosen = order_runs(chosen, args.sort)
    most = args.limit if args.limit is not None else 0 if args.json else SHOWN
    shown = chosen[: most or None]
    found = [_as_json(one) for one in shown]
    if not shown:
        missing = f"'{args.name}' has no run yet. Make one with: omloop turn {args.name}"
        show(args, found, f"None of {len(everything):,} runs has this tag." if everything else missing)
        return 0
    more = [f"{len(chosen) - len(shown):,} more; --limit 0 shows all"] if len(chosen) > len(shown) else []
    show(args, found, _table(shown, short_names(everything), args.sort), *(style_line((line, "dim")) for line in more))
    return 0


def _one(args: argparse.Namespace, kept: KeptRun) -> int:
    found = _as_json(kept.record)
    more = {"config": kept.text(CONFIG), "environment": kept.facts, "files": [*kept.files]}
    told = {key: value for key, value in found.items() if value and not isinstance(value, Mapping)}
    lines = [f"{key:<9} {value}" for key, value in told.items()]
    scores = [f"{name:<9} {score}" for name, score in kept.record.metrics.items()]
    files = f"files     {', '.join(kept.files)}"
    tags = [f"tags      {tags_line(dict(kept.record.tags))}"] if kept.record.tags else []
    show(args, found | more, *lines, *scores, *tags, files, "configuration:", kept.text(CONFIG))
    return 0


def _wanted(words: Sequence[str]) -> dict[str, str]:
    return {key.strip(): value.strip() for key, _, value in (word.partition("=") for word in words)}


def _table(runs: Sequence[RunRecord], names: Mapping[str, str], sort: str | None) -> object:
    metric = sort or next((one.metric for one in runs if one.metric), "score")
    noted = any(one.note for one in runs)
    rows = [_row(one, names[one.name], metric) + ([_cut(one.note)] if noted else []) for one in runs]
    columns = ["run", "when (UTC)", "status", "model", metric, "version", "tags"]
    return table([*columns, *(["note"] if noted else [])], rows)


def _row(one: RunRecord, name: str, metric: str) -> list[Cell]:
    state = one.status if one.kind in ("", "turn") else f"{one.status}, {one.kind}"
    when = "" if one.started is None else utc_text(one.started)[:16]
    style = COLOURS.get(one.status, "red")
    return [name, when, (state, style), one.model, _score(one, metric), one.version, _cut(tags_line(dict(one.tags)))]


def _score(one: RunRecord, metric: str) -> str:
    """The metric of the column, or else the run's own, by its name; `val` on the validation part, `cv` by folds."""
    name = metric if metric in one.metrics else one.metric
    if name not in one.metrics:
        return ""
    part = {"validation": " val", "cross-validation": " cv"}.get(one.part, "")
    return f"{one.metrics[name]}{part}" + ("" if name == metric else f" ({name})")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _as_json(one: RunRecord) -> dict[str, object]:
    return {**run_json(one), "started": None if one.started is None else utc_text(one.started)}
