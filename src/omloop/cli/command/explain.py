"""`omloop explain`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import plain, progress, show, table
from omloop.core import OmloopError, as_store_error, number_text

if TYPE_CHECKING:
    from omloop.loop.serving.explain import ExplainedAnswer
    from omloop.loop.version.explain import VersionExplanation

EXAMPLE = "omloop explain student_performance --id 18c4b0f2a96d31e0b7a25f90cc"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, whose answer, and which version."""
    name_argument(parser)
    parser.add_argument("row", metavar="ROW", nargs="?", help="one row as JSON, such as '{\"age\": 20, ...}'")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--file", metavar="FILE", type=Path, help="one row in a JSON file, a picture or a text")
    given.add_argument("--id", metavar="ID", help="a logged prediction, by the id that it was answered with")
    parser.add_argument("--class", metavar="CLASS", dest="of", default="", help="which class (default: that answered)")
    parser.add_argument("--version", metavar="VERSION", help="which version (default: the champion, or who answered)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of what is drawn at random (default: 0)")


def run(args: argparse.Namespace) -> int:
    """Say what one answer hangs on, or which inputs matter to the version."""
    if args.row and (args.file or args.id):
        raise OmloopError("One answer is explained at a time: give a row, --file or --id, not two of them.")
    if args.row or args.file or args.id:
        _show_answer(args)
        return 0
    if args.of:
        raise OmloopError("--class is of one answer: give a row, --file or --id, too.")
    _show_version(args)
    return 0


def _show_version(args: argparse.Namespace) -> None:
    from omloop.loop.version.explain import explain_version

    found = explain_version(args.name, workspace_of(args), version=args.version, seed=args.seed, tell=progress(args))
    value = {
        "version": found.version,
        "metric": found.metric,
        "rows": found.rows,
        "importance": plain(found.importance),
        "explained": found.explained,
        "contributions": plain(found.contributions),
        "unit": found.unit,
        "notes": list(found.notes),
    }
    show(args, value, f"version {found.version}", _matters(found), *(f"note  {note}" for note in found.notes))


def _matters(found: VersionExplanation) -> object:
    """A line a column: what is lost when it is shuffled, and how much it adds or takes on average."""
    unit = f", {found.unit}" if found.unit else ""
    head = {f"loss of {found.metric} on {found.rows:,} test rows": found.importance} if found.importance else {}
    head |= {f"mean |Shapley| of {found.explained} answers{unit}": found.contributions} if found.contributions else {}
    names = list(found.importance or found.contributions)
    return table(["column", *head], [[name, *(str(told[name]) for told in head.values())] for name in names])


def _show_answer(args: argparse.Namespace) -> None:
    found = _explained(args)
    told = found.explanation
    value = {"version": found.version, "answer": dict(found.answer), "unit": found.unit, "explanation": told.told()}
    unit = f" {found.unit}" if found.unit else ""
    size = max(abs(one.value) for one in told.contributions)
    sure = [] if told.exact else [[f"{one.error:.2g}" if one.error > size / 1e4 else "0"] for one in told.contributions]
    rows = [
        [f"expected, over {told.background} rows" if told.background > 1 else "without any", "", _of(told.base, size)]
    ]
    rows += [[one.name, _given(one.given), _signed(one.value, size)] for one in told.contributions]
    rows += [["the answer", "", _of(told.answer, size)]]
    if sure:
        rows = [[*row, *more] for row, more in zip(rows, [[""], *sure, [""]], strict=True)]
    what = f"probability of {told.of}" if told.probability else f"{told.of}{unit}"
    how = "exact" if told.exact else "sampled orders, which add up to the answer"
    show(
        args,
        value,
        f"version {found.version}: {what}",
        table(["piece", "given", "adds", *(["± (one s.e.)"] if sure else [])], rows),
        f"{how}; the model answered {told.model_rows:,} rows",
    )


def _explained(args: argparse.Namespace) -> ExplainedAnswer:
    from omloop.loop.serving.explain import explain_file, explain_prediction, explain_row, row_of

    workspace, how = workspace_of(args), {"version": args.version, "of": args.of, "seed": args.seed}
    if args.id:
        return explain_prediction(args.name, workspace, args.id, **how)
    if args.row:
        return explain_row(args.name, workspace, row_of(args.row.encode()), **how)
    if args.file.suffix != ".json":
        if not args.file.is_file():
            raise OmloopError(f"There is no file {args.file}.")
        return explain_file(args.name, workspace, args.file, **how)
    with as_store_error("read", args.file):
        content = args.file.read_bytes()
    return explain_row(args.name, workspace, row_of(content), **how)


def _given(value: object) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _of(value: float, size: float) -> str:
    """A number with the digits that contributions of such a size call for."""
    return number_text(value, max(size, 1e-9))


def _signed(value: float, size: float) -> str:
    """The same with its sign.

    >>> _signed(-0.1234, 1.0), _signed(0.5, 1.0)
    ('-0.12', '+0.50')
    """
    return f"{'+' if value >= 0 else ''}{_of(value, size)}"
