"""`omloop evaluate`."""

import argparse

from omloop.cli.named import workspace_of
from omloop.cli.overrides import project_arguments
from omloop.cli.show import plain, progress, show, table, words_of
from omloop.loop import find_project
from omloop.loop.judging import judge_version

EXAMPLE = "omloop evaluate student_performance --version 4f1c0b --gate"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the data, which version, and whether to judge it."""
    project_arguments(parser)
    parser.add_argument("--version", metavar="VERSION", help="which version (default: the champion)")
    parser.add_argument("--gate", action="store_true", help="judge it against the champion and record the decision")


def run(args: argparse.Namespace) -> int:
    """Score a version and print its metrics, overall and by slice."""
    workspace = workspace_of(args)
    project = find_project(args.name, workspace.settings)
    progress(args)("evaluate: the packaged model on the test rows")
    judged = judge_version(project, args.overrides, workspace, version=args.version, gate=args.gate)
    names = list(judged.report.metrics)
    rows = [[judged.version, *(words_of(judged.report.metrics[name]) for name in names)]]
    if judged.theirs:
        rows.append([f"champion {judged.champion}", *(words_of(judged.theirs.metrics[name]) for name in names)])
    lines = [f"{judged.source}; {judged.report.rows} test rows", table(["version", *names], rows)]
    for slicing, groups in judged.report.slices.items():
        sliced = [[group, *(words_of(scores[name]) for name in names)] for group, scores in groups.items()]
        lines.append(table([slicing, *names], sliced))
    if judged.decision:
        lines.append(f"gate  {judged.decision.reason}")
    value = {
        "version": judged.version,
        "source": judged.source,
        "rows": judged.report.rows,
        "metrics": plain(judged.report.metrics),
        "slices": {s: {g: plain(scores) for g, scores in groups.items()} for s, groups in judged.report.slices.items()},
        "champion": judged.champion,
        "champion_metrics": plain(judged.theirs.metrics) if judged.theirs else None,
        "verdict": judged.decision.verdict if judged.decision else None,
        "reason": judged.decision.reason if judged.decision else None,
    }
    show(args, value, *lines)
    return 0
