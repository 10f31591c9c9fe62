"""`omloop sweep`."""

import argparse
from collections.abc import Sequence
from typing import Any

from omloop.cli.command.turn import as_json as turn_json
from omloop.cli.command.turn import as_lines as turn_lines
from omloop.cli.console import style_line
from omloop.cli.durations import seconds
from omloop.cli.fail_on import exit_code, fail_on_argument
from omloop.cli.named import workspace_of
from omloop.cli.on import on_argument
from omloop.cli.overrides import project_arguments
from omloop.cli.show import progress, show, table
from omloop.cli.tags import annotation_arguments, annotation_of
from omloop.core import number_text
from omloop.loop.project.discover import find_project
from omloop.loop.sweep.order import TRIALS, Sweep, SweepOrder
from omloop.loop.sweep.sweep import SweepResult, sweep, worth_text
from omloop.loop.sweep.sweep_file import with_sweep_file
from omloop.sweep import METHODS, PRUNERS, SweepTrial
from omloop.sweep.wandb_definition import wandb_definition

EXAMPLE = "omloop sweep student_performance model=mlp model.lr=log:1e-4,1e-1 model.width=32,64,128 --trials 20"
BEST = 8


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, what to vary, how to search, and what to do with the best trial."""
    project_arguments(parser)
    parser.add_argument("--trials", metavar="N", type=int, help=f"trials in all (default: {TRIALS})")
    parser.add_argument("--jobs", metavar="N", type=int, help="trials at once, each in a process (default: 1)")
    parser.add_argument("--method", choices=METHODS, help=f"how to choose the next trial (default: {METHODS[0]})")
    parser.add_argument("--prune", choices=PRUNERS, help=f"what ends a trial early (default: {PRUNERS[0]})")
    parser.add_argument("--seed", metavar="N", type=int, help="seed of the search (default: 0)")
    parser.add_argument(
        "--within", metavar="TIME", type=seconds, help="begin no trial after this long, such as 30m or 2h"
    )
    parser.add_argument(
        "--name", dest="sweep_name", metavar="TEXT", help="the sweep's name; a new name begins a new sweep"
    )
    parser.add_argument(
        "--study",
        metavar="ADDRESS",
        help="where to keep trials: a file, or postgresql://... for several machines",
    )
    parser.add_argument("--export", choices=("wandb",), help="run nothing: print the sweep for Weights & Biases")
    parser.add_argument("--no-turn", action="store_true", help="do not make a version of the best trial")
    on_argument(parser, wait=False)
    annotation_arguments(parser)
    fail_on_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Run the trials, and take the best through a turn."""
    workspace, annotation = workspace_of(args), annotation_of(args)
    words, options = with_sweep_file(find_project(args.project, workspace.settings), args.overrides, _given(args))
    order = SweepOrder.of(args.project, words, options, workspace)
    if args.export:
        found = Sweep.of(order)
        text = wandb_definition(found.project.name, found.space, found.rules, found.metric, options.trials, found.loss)
        show(args, {"definition": text}, text.rstrip())
        return 0
    tell = progress(args, always=True)
    swept = sweep(order, on=args.on or "", turned=not args.no_turn, annotation=annotation, tell=tell)
    show(args, _as_json(swept), *_as_lines(swept))
    return exit_code(args, swept.turned.decision, in_charge=swept.turned.promoted) if swept.turned else 0


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The options on the command line."""
    options = {key: getattr(args, key) for key in ("trials", "jobs", "method", "prune", "seed", "study")}
    options |= {"seconds": args.within, "name": args.sweep_name}
    return {key: value for key, value in options.items() if value is not None}


def _as_lines(swept: SweepResult) -> list[object]:
    over = [trial for trial in swept.trials if trial.over]
    pruned, failed = (sum(trial.state == state for trial in over) for state in ("pruned", "failed"))
    count = f"{len(over)} trials ({pruned} pruned, {failed} failed) in {swept.seconds:.0f} s"
    return [
        style_line((f"{swept.project}, sweep {swept.name}", "bold"), f": {count}"),
        _table(swept.ranked[:BEST], swept),
        *([worth_text(swept.importance)] if swept.importance else []),
        f"best      {' '.join(swept.overrides)}",
        f"kept in   {swept.folder}: trials.csv, plots",
        *(turn_lines(swept.turned) if swept.turned else ()),
    ]


def _table(trials: Sequence[SweepTrial], swept: SweepResult) -> object:
    keys = list(dict.fromkeys(key for trial in trials for key in trial.words))
    rows = [
        [
            str(trial.number),
            number_text(trial.value or 0.0),
            *(trial.words.get(key, "") for key in keys),
            f"{trial.seconds or 0.0:.1f}",
        ]
        for trial in trials
    ]
    return table(["trial", swept.metric, *keys, "s"], rows, title="The best trials")


def _as_json(swept: SweepResult) -> dict[str, object]:
    return {
        "project": swept.project,
        "sweep": swept.name,
        "metric": swept.metric,
        "trials": [
            {
                "trial": trial.number,
                "state": trial.state,
                "value": trial.value,
                "parameters": dict(trial.words),
                "seconds": trial.seconds,
                "run": trial.run or None,
                "reason": trial.reason or None,
            }
            for trial in swept.trials
        ],
        "best": {"trial": swept.best.number, "value": swept.best.value, "overrides": list(swept.overrides)},
        "importance": dict(swept.importance),
        "folder": str(swept.folder),
        "turn": turn_json(swept.turned) if swept.turned else None,
        "seconds": round(swept.seconds, 3),
    }
