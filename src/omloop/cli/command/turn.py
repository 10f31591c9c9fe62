"""`omloop turn`."""

import argparse
from dataclasses import asdict
from pathlib import Path

from omloop.cli.command.optimise import menu_json, menu_tables
from omloop.cli.console import style_line
from omloop.cli.fail_on import exit_code, fail_on_argument
from omloop.cli.models import models_json, models_table
from omloop.cli.notify import notify_argument, notify_of
from omloop.cli.on import on_argument, submit
from omloop.cli.overrides import plan_of, project_arguments
from omloop.cli.show import plain, progress, scores_table, show
from omloop.cli.tags import annotation_arguments, annotation_of
from omloop.core import OmloopError, write_whole
from omloop.loop.deploy.notify import Promotion, tell_promotion
from omloop.loop.turn.markdown import turn_markdown
from omloop.loop.turn.turn import TurnResult, turn

EXAMPLE = "omloop turn student_performance data=file data.path=students.csv"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the configuration, what to say of the run, and what to exit with."""
    project_arguments(parser)
    annotation_arguments(parser)
    fail_on_argument(parser)
    on_argument(parser)
    notify_argument(parser)
    parser.add_argument(
        "--markdown", metavar="FILE", type=Path, help="write the result as Markdown, for a pull request"
    )


def run(args: argparse.Namespace) -> int:
    """Take the project round once and print what came of it."""
    if args.on and (args.notify or args.markdown):
        raise OmloopError("--notify and --markdown tell of a turn that is carried out here, and --on says elsewhere.")
    notify = notify_of(args)
    annotation, plan = annotation_of(args), plan_of(args, by="omloop turn")
    if args.on:
        stops = ["--fail-on", args.fail_on] if args.fail_on else []
        return submit(args, ["turn", args.project, *args.overrides, *annotation.words(), *stops])
    turned = turn(plan, annotation=annotation)
    if args.markdown:
        write_whole(args.markdown, turn_markdown(turned).encode())
    show(args, as_json(turned), *as_lines(turned))
    if notify and turned.promoted:
        promoted = Promotion(turned.project, turned.version, turned.before, turned.decision.reason)
        progress(args)(f"told {tell_promotion(notify, promoted)}: its workflow tests this version and deploys it")
    return exit_code(args, turned.decision, in_charge=turned.promoted)


def as_lines(turned: TurnResult) -> list[object]:
    """The result for people: the models, the packaged one against its opponent, the decision."""
    names = list(turned.report.metrics)
    opponent = f"champion {turned.before}" if turned.before else "baseline"
    scored = [("candidate", turned.report.metrics)]
    if turned.beside:
        scored.append((f"candidate, {turned.beside.rows} new to both", turned.beside.metrics))
    if turned.opponent:
        scored.append((f"{opponent}, the same" if turned.beside else opponent, turned.opponent.metrics))
    rows = [[who, *(str(metrics[name]) for name in names)] for who, metrics in scored]
    train, validation, test = turned.rows
    state = ("champion now", "green") if turned.promoted else f"not promoted; champion: {turned.champion or 'none'}"
    return [
        style_line(
            (turned.project, "bold"),
            f": {turned.source}; rows to train {train}, choose {validation}, judge {test}",
        ),
        models_table(turned.models, turned.chosen, turned.chosen_by),
        scores_table("on the test rows", names, rows, title="Packaged as ONNX, on rows it never saw"),
        *(menu_tables(turned.menu, names[0]) if turned.menu else []),
        f"parity    at most {turned.parity.relative:.1e} relative from the original over {turned.parity.rows} rows",
        f"learned   from {turned.learned_from}",
        *([f"sure      {turned.confidence}"] if turned.confidence else []),
        f"gate      {turned.decision.reason}",
        style_line("version   ", (turned.version, "bold"), f" ({turned.chosen}), ", state),
        *(f"note      {note}" for note in turned.notes),
        f"run       {turned.run}, {turned.seconds:.1f} s",
    ]


def as_json(turned: TurnResult) -> dict[str, object]:
    """The result as JSON."""
    return {
        "project": turned.project,
        "run": turned.run,
        "source": turned.source,
        "rows": dict(zip(("train", "validation", "test"), turned.rows, strict=True)),
        "models": models_json(turned.models),
        "chosen": turned.chosen,
        "chosen_by": turned.chosen_by,
        "learned_from": turned.learned_from,
        "version": turned.version,
        "metrics": plain(turned.report.metrics),
        "opponent": plain(turned.opponent.metrics) if turned.opponent else None,
        "compared_rows": turned.opponent.rows if turned.opponent else None,
        "compared_metrics": plain((turned.beside or turned.report).metrics) if turned.opponent else None,
        "parity": {"relative": turned.parity.relative, "rows": turned.parity.rows},
        "menu": menu_json(turned.menu) if turned.menu else None,
        "confidence": asdict(turned.confidence) if turned.confidence else None,
        "verdict": turned.decision.verdict,
        "reason": turned.decision.reason,
        "before": turned.before,
        "champion": turned.champion,
        "promoted": turned.promoted,
        "notes": list(turned.notes),
        "seconds": round(turned.seconds, 3),
    }
