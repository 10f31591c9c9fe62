"""`omloop report`."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from omloop.cli.named import workspace_of
from omloop.cli.show import show, table
from omloop.cli.tables import Cell
from omloop.core import OmloopError, some
from omloop.loop.report.build import build_report
from omloop.loop.report.check import COLLECTED, CheckedReport, check_report
from omloop.loop.report.html import write_report_page
from omloop.report.course import LIMITS, PLACEHOLDER, QUESTIONS, Judgement, Note, log_lines

EXAMPLE = "omloop report check reports/README.md"
FAILED = 3
TAKEN = {"template": ("check",), "output": ("html", "build")}
"""Which actions take an option."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """ACTION, and which report."""
    parser.add_argument("action", metavar="ACTION", choices=tuple(ACTIONS), help=", ".join(ACTIONS))
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        default=".",
        help="the report, or a folder with its README.md or reports/README.md (default: this folder); "
        "build: the project's name",
    )
    parser.add_argument("--template", metavar="YEAR", choices=tuple(LIMITS), help=_TEMPLATE)
    parser.add_argument("--output", type=Path, metavar="FILE", help=_OUTPUT)


_TEMPLATE = f"check: whose limits to take, {' or '.join(LIMITS)} (default: the year in the report's text)"

_OUTPUT = "html: write this page (default: report.html beside it); build: write this folder (default: reports/NAME)"


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    for option, actions in TAKEN.items():
        if getattr(args, option) is not None and args.action not in actions:
            raise OmloopError(f"`omloop report {args.action}` takes no --{option}. That is for: {', '.join(actions)}.")
    return ACTIONS[args.action](args)


def _check(args: argparse.Namespace) -> int:
    """Print the checker's own lines on standard error, where the course counts them; the rest on standard output."""
    report = check_report(args.path, args.template or "")
    for line in log_lines(report.questions, datetime.now()):
        sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
    show(args, report.value(), *_lines(report))
    return 0 if report.all_passed else FAILED


def _html(args: argparse.Namespace) -> int:
    page = write_report_page(args.path, args.output)
    show(args, {"page": str(page)}, f"wrote      {page} ({page.stat().st_size:,} bytes)")
    return 0


def _build(args: argparse.Namespace) -> int:
    workspace = workspace_of(args)
    files = build_report(args.path, workspace, args.output)
    show(args, {"files": [str(path) for path in files]}, *(f"wrote      {path}" for path in files))
    return 0


def _lines(report: CheckedReport) -> list[object]:
    lines: list[object] = [
        table(["question", "about", "", "words", "pictures", "line"], list(map(_row, report.questions)))
    ]
    if report.notes:
        lines.append(table(["line", "question", "what the checker does not see"], list(_notes(report.notes))))
    boxes = report.checklist
    lines += [
        f"report     {report.path}",
        f"template   {report.template.name}; the limits are those of {report.year}",
        *(f"           {one}" for one in report.template.differences),
        f"check-list {boxes.ticked} of {boxes.boxes} ticked",
    ]
    if report.is_collected is False:
        lines.append(
            f"path       the course collects {COLLECTED.as_posix()} of the repository, and finds no other file"
        )
    return [*lines, f"verdict    {report.passed} of {len(report.questions)} questions pass"]


def _notes(notes: Sequence[Note]) -> Iterator[Sequence[str]]:
    """A row for each note; one row for all placeholders of the template."""
    placeholders = sorted({note.question for note in notes if note.text == PLACEHOLDER})
    others = [str(question) for question in placeholders[1:]]
    more = f", and in {len(others)} more: {some(others, most=QUESTIONS)}" if others else ""
    for note in notes:
        if note.text != PLACEHOLDER:
            yield str(note.line), str(note.question), note.text
        elif note.question in placeholders[:1]:
            placeholders = []
            yield str(note.line), str(note.question), f"{PLACEHOLDER}{more}"


def _row(one: Judgement) -> list[Cell]:
    verdict: Cell = ("passed", "green") if one.passed else ("failed", "red")
    words, pictures = _of(one.words, one.limits.words), _of(one.pictures, one.limits.pictures)
    return [str(one.question), one.limits.about, verdict, words, pictures, str(one.line)]


def _of(found: int, asked: tuple[int, int] | None) -> str:
    if asked is None:
        return f"{found:,}"
    return f"{found:,} of {asked[0]}" if asked[0] == asked[1] else f"{found:,} of {asked[0]}-{asked[1]}"


ACTIONS: Mapping[str, Callable[[argparse.Namespace], int]] = {"check": _check, "html": _html, "build": _build}
"""The actions on a report, by name."""
