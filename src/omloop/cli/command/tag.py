"""`omloop tag`."""

import argparse

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show
from omloop.cli.tags import tags_line, tags_of
from omloop.core import Annotation, OmloopError
from omloop.loop.runs.runs import find_run, runs_of

EXAMPLE = 'omloop tag student_performance c0526e for=paper --note "the one of figure 2"'


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the run, and what to say of it."""
    name_argument(parser)
    parser.add_argument("run", metavar="RUN", help="a run's name, or a part of it that fits no other run")
    parser.add_argument("tags", metavar="KEY=VALUE", nargs="*", help="a tag to set; KEY= removes it")
    parser.add_argument("--note", metavar="TEXT", help="a note that replaces the last one; '' removes it")


def run(args: argparse.Namespace) -> int:
    """Change a run's tags and note, and print what they are now."""
    change = Annotation(tags_of(args.tags), args.note)
    if change == Annotation():
        raise OmloopError("Nothing is to be changed. Give tags as KEY=VALUE, or --note TEXT.")
    workspace = workspace_of(args)
    found = find_run(runs_of(args.name, workspace), args.run, args.name)
    workspace.tracker().annotate(args.name, found.name, change)
    now = find_run(runs_of(args.name, workspace), found.name, args.name)
    lines = (f"run   {now.name}", f"tags  {tags_line(dict(now.tags)) or 'none'}", f"note  {now.note or 'none'}")
    show(args, {"run": now.name, "tags": dict(now.tags), "note": now.note}, *lines)
    return 0
