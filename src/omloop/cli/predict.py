"""`omloop predict`."""

import argparse
import json
import sys
from pathlib import Path

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show, table
from omloop.core import OmloopError
from omloop.loop.predict import predict, predict_files

EXAMPLE = "omloop predict student_performance --csv rows.csv"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the rows, and which version answers."""
    name_argument(parser)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--csv", metavar="FILE", help="rows with a header line; - for standard input")
    given.add_argument("--rows", metavar="FILE", help='JSON {"rows": [...]}; - for standard input')
    given.add_argument("--file", metavar="FILE", action="append", help="a picture or a text; may be given again")
    parser.add_argument("--version", metavar="VERSION", help="who answers (default: the champion)")
    parser.add_argument("--record", action="store_true", help="keep the answers in the prediction log")


def run(args: argparse.Namespace) -> int:
    """Answer the rows without a server."""
    workspace = workspace_of(args)
    asked = {"version": args.version, "record": args.record}
    if args.file:
        answered = predict_files(args.name, workspace, [_existing(file) for file in args.file], **asked)
    else:
        media_type = "text/csv" if args.csv else "application/json"
        answered = predict(args.name, workspace, _read(args.csv or args.rows), media_type, **asked)
    rows = [[p["id"], *(_words(value) for key, value in p.items() if key != "id")] for p in answered["predictions"]]
    columns = list(answered["predictions"][0])
    show(args, answered, f"version {answered['version']}", table(columns, rows))
    return 0


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
    return f"{value:.6g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
