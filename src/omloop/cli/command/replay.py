"""`omloop replay`."""

import argparse

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show, table
from omloop.core import number_text
from omloop.loop.serving.answers import flat
from omloop.loop.serving.replay import Replay, Replays, replay

EXAMPLE = "omloop replay student_performance --random 1000"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and which predictions."""
    name_argument(parser)
    parser.add_argument("ids", metavar="ID", nargs="*", help="ids of predictions in the log")
    parser.add_argument("--newest", metavar="N", type=int, help="the newest N predictions")
    parser.add_argument("--random", metavar="N", type=int, help="N predictions drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw (default: 0)")


def run(args: argparse.Namespace) -> int:
    """Answer them again; the exit code is 3 where an answer differs by more than rounding."""
    workspace = workspace_of(args)
    found = replay(args.name, workspace, args.ids, newest=args.newest, random=args.random, seed=args.seed)
    worst = max(found.replays, key=lambda one: one.difference, default=None)
    shown = [_table(worst)] if worst is not None and (args.ids or not worst.equal) else []
    show(args, _value(found), _line(found), *shown)
    return 3 if found.count("differs") else 0


def _line(found: Replays) -> str:
    counted = f"{len(found.replays):,} answered again: {found.count('equal'):,} equal to the last bit"
    for verdict, words in (("rounding", "the same but for rounding"), ("differs", "different")):
        if count := found.count(verdict):
            counted += f", {count:,} {words}"
    largest = max((one.difference for one in found.replays), default=0.0)
    if largest:
        counted += f"; the largest difference is {number_text(largest)} of a number"
    if found.not_kept:
        counted += f". Of {found.not_kept:,} the log kept only what was observed, not the input"
    return counted


def _table(one: Replay) -> object:
    logged, again = flat(one.prediction.output), flat(one.again)
    rows = [[name, str(logged.get(name, "")), str(again.get(name, ""))] for name in {**logged, **again}]
    title = f"{one.prediction.id}, version {one.prediction.version}: {one.verdict}"
    return table(["answer", "logged", "now"], rows, title)


def _value(found: Replays) -> dict[str, object]:
    replays = [
        {
            "id": one.prediction.id,
            "version": one.prediction.version,
            "variant": one.prediction.variant,
            "verdict": one.verdict,
            "difference": one.difference,
            "logged": one.prediction.output,
            "now": one.again,
        }
        for one in found.replays
    ]
    return {**found.facts(), "not_kept": found.not_kept, "replays": replays}
