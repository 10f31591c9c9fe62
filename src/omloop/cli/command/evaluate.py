"""`omloop evaluate`."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from omloop.cli.fail_on import exit_code, fail_on_argument
from omloop.cli.named import workspace_of
from omloop.cli.overrides import project_arguments
from omloop.cli.show import plain, progress, scores_table, show, table
from omloop.core import OmloopError
from omloop.loop import find_project
from omloop.loop.version.rescore import RescoreResult, judge_version

if TYPE_CHECKING:
    from omloop.core import Project
    from omloop.loop.version.stress import StressTest
    from omloop.loop.workspace import Workspace

EXAMPLE = "omloop evaluate student_performance --version 4f1c0b --gate"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the data, which version, and whether to judge it or to spoil its inputs."""
    project_arguments(parser)
    parser.add_argument("--version", metavar="VERSION", help="the version (default: the champion)")
    parser.add_argument("--gate", action="store_true", help="judge it against the champion and record the decision")
    fail_on_argument(parser)
    parser.add_argument("--stress", action="store_true", help="also score it on increasingly corrupted inputs")


def run(args: argparse.Namespace) -> int:
    """Score a version and print its metrics, overall and by slice."""
    if args.fail_on and not args.gate:
        raise OmloopError("--fail-on tells what the gate said, so it needs --gate.")
    workspace = workspace_of(args)
    project = find_project(args.project, workspace.settings)
    progress(args)("evaluate: the packaged model on the test rows")
    judged = judge_version(project, args.overrides, workspace, version=args.version, gate=args.gate)
    names = list(judged.report.metrics)
    scored = [(judged.version, judged.report.metrics)]
    if judged.beside:
        scored.append((f"{judged.version}, {judged.beside.rows} new to both", judged.beside.metrics))
    if judged.theirs:
        same = ", the same" if judged.beside else ""
        scored.append((f"champion {judged.champion}{same}", judged.theirs.metrics))
    rows = [[who, *(str(metrics[name]) for name in names)] for who, metrics in scored]
    lines = [f"{judged.source}; {judged.report.rows} test rows", scores_table("version", names, rows)]
    for slicing, groups in judged.report.slices.items():
        sliced = [[group, *(str(scores[name]) for name in names)] for group, scores in groups.items()]
        lines.append(scores_table(slicing, names, sliced))
    if judged.thresholds:
        lines.append(f"threshold  {_best(judged)}")
    if judged.decision:
        lines.append(f"gate  {judged.decision.reason}")
    lines += [f"note  {note}" for note in judged.notes]
    stressed = _stressed(args, workspace, project) if args.stress else None
    if stressed:
        lines += [_stress_table(stressed), f"run {stressed.run}: stress.json, plots/stress.png"]
    value = {
        "version": judged.version,
        "source": judged.source,
        "rows": judged.report.rows,
        "metrics": plain(judged.report.metrics),
        "slices": {s: {g: plain(scores) for g, scores in groups.items()} for s, groups in judged.report.slices.items()},
        "champion": judged.champion,
        "champion_metrics": plain(judged.theirs.metrics) if judged.theirs else None,
        "compared_rows": judged.theirs.rows if judged.theirs else None,
        "compared_metrics": plain((judged.beside or judged.report).metrics) if judged.theirs else None,
        "threshold": _threshold_json(judged),
        "notes": list(judged.notes),
        "verdict": judged.decision.verdict if judged.decision else None,
        "reason": judged.decision.reason if judged.decision else None,
        "stress": asdict(stressed) if stressed else None,
    }
    show(args, value, *lines)
    return exit_code(args, judged.decision, in_charge=judged.version == judged.champion)


def _best(judged: RescoreResult) -> str:
    """What another threshold would do, in words."""
    found = judged.thresholds
    assert found is not None  # noqa: S101  it was asked before
    return (
        f"{found.best:g} for '{found.about}' has the best {found.metric} on the {found.part} rows, "
        f"{found.score:.3g}; now {found.now:g} has {found.score_now:.3g}"
    )


def _threshold_json(judged: RescoreResult) -> dict[str, object] | None:
    found = judged.thresholds
    if found is None:
        return None
    return {
        "class": found.about,
        "metric": found.metric,
        "part": found.part,
        "now": found.now,
        "score_now": found.score_now,
        "best": found.best,
        "score": found.score,
    }


def _stressed(args: argparse.Namespace, workspace: "Workspace", project: "Project") -> "StressTest":
    from omloop.loop.version.stress import stress_version

    progress(args)("stress: the packaged model on inputs that go wrong")
    return stress_version(project, args.overrides, workspace, version=args.version)


def _stress_table(found: "StressTest") -> object:
    """A line a corruption, a column a strength: the score, and what a server would have refused."""
    strengths = sorted({one.strength for one in found.results})
    rows: dict[str, list[str]] = {}
    for one in found.results:
        score = str(one.score) if one.score else "too few answered"
        refused = f", {100 * one.refused:.0f} % refused" if one.refused else ""
        rows.setdefault(one.corruption, []).append(f"{score}{refused}")
    head = [f"{found.metric} under", *(f"strength {strength:g}" for strength in strengths)]
    return table(head, [[name, *cells] for name, cells in rows.items()])
