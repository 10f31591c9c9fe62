"""`omloop predict`."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omloop.cli.batch_progress import batch_progress
from omloop.cli.console import is_unicode, visible
from omloop.cli.named import name_argument, registry_of, workspace_of
from omloop.cli.on import ATTACHED as TASKS
from omloop.cli.on import on_argument, submit
from omloop.cli.show import show, table
from omloop.core import OmloopError
from omloop.loop.serving.answers import FORMS, flat, write_answers
from omloop.loop.serving.batch.batch import BatchOptions, predict_batch
from omloop.loop.serving.predict import RequestBody, predict, predict_files

EXAMPLE = "omloop predict student_performance --csv rows.csv --keep student_id --out answers.csv"
FIRST = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the rows, which version answers, and where the answers go."""
    name_argument(parser)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--csv", metavar="FILE", help="rows with a header line; - for standard input")
    given.add_argument("--rows", metavar="FILE", help='JSON {"rows": [...]}; - for standard input')
    given.add_argument(
        "--batch",
        metavar="PATH",
        help="many rows, block by block: CSV, Parquet or JSON lines, a folder or pattern of them, or a folder or zip "
        "of pictures or texts; bad rows are set aside; needs --out, and goes on where it was killed",
    )
    given.add_argument("--file", metavar="FILE", action="append", help="a picture or a text; may be given again")
    given.add_argument(
        "--examples",
        metavar="N",
        type=int,
        help="answer nothing: print so many rows that the version takes, 16 at most",
    )
    parser.add_argument("--version", metavar="VERSION", help="who answers (default: the champion)")
    parser.add_argument("--record", action="store_true", help="keep the answers in the prediction log")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help=f"write all answers into this file: {', '.join(FORMS)}"
    )
    parser.add_argument(
        "--keep", metavar="COLUMN", action="append", default=[], help="carry this column along; may be given again"
    )
    parser.add_argument(
        "--rows-per-block",
        metavar="N",
        type=int,
        help="rows that --batch keeps together (default: by the model's speed)",
    )
    parser.add_argument(
        "--on-problem",
        choices=("stop", "skip", "mark"),
        default="stop",
        help="a bad row ends it (stop), is left out (skip), or is answered with what is wrong (mark)",
    )
    on_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Answer the rows without a server."""
    if args.out is not None and args.out.suffix not in FORMS:
        raise OmloopError(f"Answers cannot be written as '{args.out}'. End its name in one of: {', '.join(FORMS)}.")
    if args.examples is not None:
        return _examples(args)
    if args.batch:
        return _batch(args)
    if args.rows_per_block is not None or args.on:
        raise OmloopError(f"{'--on' if args.on else '--rows-per-block'} is for --batch.")
    answered = _answered(args)
    found, problems = answered["predictions"], answered.get("problems", {})
    if args.out is not None:
        write_answers(args.out, found)
        told = {"version": answered["version"], "rows": len(found), "problems": problems, "out": str(args.out)}
        show(args, told, f"version {answered['version']}: {len(found):,} rows answered into {args.out}")
    else:
        show(args, answered, f"version {answered['version']}", _as_table(found))
    if problems and not args.json:
        first = "; ".join(f"row {row}: {problem}" for row, problem in [*problems.items()][:FIRST])
        more = f"; and {len(problems) - FIRST:,} more" if len(problems) > FIRST else ""
        sys.stderr.write(f"omloop: {len(problems):,} rows were not answered: {first}{more}\n")
    return 0


def _examples(args: argparse.Namespace) -> int:
    """Print rows as `--rows` takes them: those by which a version proves itself."""
    registry = registry_of(args)
    if args.examples < 1:
        raise OmloopError(f"--examples {args.examples} is no number of rows; give 1 or more.")
    bundle = registry.load(args.version or registry.require_champion())
    found = {"rows": [*bundle.examples.rows[: args.examples]]}
    show(args, found, json.dumps(found, indent=2, ensure_ascii=not is_unicode()))
    return 0


def _batch(args: argparse.Namespace) -> int:
    if args.out is None or args.on_problem != "stop" or args.record:
        raise OmloopError(
            "--batch writes into a file: give it --out. It sets bad rows aside, and keeps no answer in the log: leave "
            "out --on-problem and --record."
        )
    if args.on and args.on.partition(":")[0] not in TASKS:
        return submit(args, _batch_words(args), [str(args.out), str(args.out.with_suffix(".bad.jsonl"))])
    options = BatchOptions(tuple(args.keep), args.rows_per_block, args.version, args.on or "")
    with batch_progress(args) as shown:
        found = predict_batch(
            args.name, workspace_of(args), args.batch, args.out, options, tell=shown.tell, progress=shown
        )
    line = f"version {found.version}: {found.answered:,} rows answered into {found.out}"
    line += f", {found.rows_per_s:,.0f} a second" if found.seconds > 1 else ""
    show(args, {**found.facts(), "first": list(found.first)}, line)
    if found.bad is not None and not args.json:
        more = "; ..." if found.set_aside > len(found.first) else ""
        rows = "1 row was" if found.set_aside == 1 else f"{found.set_aside:,} rows were"
        told = f"{rows} set aside in {found.bad}: {'; '.join(found.first)}{more}"
        sys.stderr.write(f"omloop: {visible(told)}\n")
    return 0


def _batch_words(args: argparse.Namespace) -> list[str]:
    """The same command for whoever carries it out as a whole."""
    given = {"--version": args.version, "--rows-per-block": args.rows_per_block}
    more = [f"{option}={value}" for option, value in given.items() if value is not None]
    keep = [f"--keep={name}" for name in args.keep]
    return ["predict", args.project, f"--batch={args.batch}", f"--out={args.out}", *more, *keep]


def _answered(args: argparse.Namespace) -> dict[str, Any]:
    workspace = workspace_of(args)
    asked = {"version": args.version, "record": args.record}
    if args.file:
        if args.keep or args.on_problem != "stop":
            raise OmloopError("--keep and --on-problem are for rows: --csv or --rows.")
        return predict_files(args.name, workspace, [_existing(file) for file in args.file], **asked)
    media_type = "text/csv" if args.csv else "application/json"
    rows = {"keep": args.keep, "on_problem": args.on_problem}
    return predict(args.name, workspace, RequestBody(_read(args.csv or args.rows), media_type), **asked, **rows)


def _as_table(found: Sequence[Mapping[str, object]]) -> object:
    rows = [flat(one) for one in found]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return table(columns, [[_words(row.get(name, "")) for name in columns] for row in rows])


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    return _existing(name).read_bytes()


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise OmloopError(f"There is no file {name}.")
    return path


def _words(value: object) -> str:
    """A value for people: four digits of a number, a text as it is.

    >>> _words(0.123456), _words("hot"), _words(True)
    ('0.1235', 'hot', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
