"""`omloop new`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.cli.named import workspace_of
from omloop.cli.show import show, table
from omloop.core import ConfigError, some
from omloop.loop.project.new import new_project

if TYPE_CHECKING:
    from omloop.data.infer import PictureGuess, TableGuess, TextGuess
    from omloop.loop.project.from_data import MadeProject

EXAMPLE = "omloop new rides --from rides.csv --target minutes"
SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and what to make it from."""
    parser.add_argument("name", metavar="NAME", help="the new project's name: small letters, digits and _")
    parser.add_argument(
        "--from",
        dest="data",
        metavar="PATH",
        help="your data: a CSV, TSV, Parquet, Excel or JSON file, or a folder of pictures",
    )
    parser.add_argument("--target", metavar="COLUMN", default="", help="the column to predict")
    parser.add_argument("--text", metavar="COLUMN", default="", help="predict only from the texts in this column")
    parser.add_argument("--sheet", metavar="SHEET", default="", help="the sheet of a workbook (default: the first)")
    parser.add_argument("--like", metavar="PROJECT", default="", help="copy this project or example")
    parser.add_argument("--kind", default="table", help="copy the first project with such inputs (default: table)")


def run(args: argparse.Namespace) -> int:
    """Make a project from data, or copy a working one under another name."""
    show(args, *make(args))
    return 0


def make(args: argparse.Namespace) -> tuple[object, *tuple[object, ...]]:
    """Make the project, and give what to tell of it: as JSON, and as lines."""
    workspace = workspace_of(args)
    if args.data and args.like:
        raise ConfigError("--from makes a project from data, --like copies one: give one of the two.")
    if args.data and "://" in args.data:
        raise ConfigError(
            "--from takes a file or a folder of this machine. Make the project from a sample that lies here; its turns "
            "then take all of it: data=s3, data=gcs, data=sql or data=url, and data.url=..."
        )
    if args.data:
        from omloop.loop.project.from_data import project_from_data

        made = project_from_data(
            args.name,
            workspace.settings,
            Path(args.data).expanduser(),
            target=args.target,
            text=args.text,
            sheet=args.sheet,
        )
        return as_json(args.name, made), *as_lines(args.name, made)
    if args.target or args.text or args.sheet:
        raise ConfigError("--target, --text and --sheet say what to make of data. Name the data: --from PATH.")
    folder = new_project(args.name, workspace, like=args.like, kind=args.kind)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    value = {"project": args.name, "folder": str(folder), "files": files}
    return value, f"made {folder} with {', '.join(files)}", f"try it: omloop turn {args.name}"


def as_json(name: str, made: "MadeProject") -> dict[str, object]:
    """The decisions, as JSON."""
    guess, answer = made.guess, made.guess.answer
    roles = {role: getattr(guess, role, None) for role in ("group", "time", "id")}
    return {
        "project": name,
        "folder": str(made.folder),
        "lines": made.lines,
        "target": answer.target,
        "answer": answer.kind,
        "classes": dict(zip(answer.words, answer.counts, strict=True)),
        "labelled": answer.labelled,
        "unlabelled": answer.missing,
        "metric": answer.metric,
        "balance": answer.balance,
        "features": {row[0]: row[1:] for row in _features(guess)},
        "left_out": dict(guess.left_out),
        "roles": {role: found.column for role, found in roles.items() if found},
        "notes": list(guess.notes),
    }


def as_lines(name: str, made: "MadeProject") -> list[object]:
    """The decisions, their reasons, and how to change them."""
    guess, answer = made.guess, made.guess.answer
    features = _features(guess)
    lines: list[object] = [table(["learned from", "as", "why"], [list(row) for row in features[:SHOWN]])]
    if len(features) > SHOWN:
        lines.append(f"and {len(features) - SHOWN} more columns: see schema.json")
    left_out = [[column or "(no name)", reason] for column, reason in guess.left_out.items()]
    if left_out:
        lines.append(table(["left out", "why"], left_out[:SHOWN]))
    without = f", {answer.missing:,} records without it left out" if answer.missing else ""
    lines.append(f"answer     {answer.target}: {answer.reason}{without}")
    if answer.words:
        shares = [f"{word} {count:,}" for word, count in zip(answer.words, answer.counts, strict=True)]
        lines.append(
            f"classes    {some(shares, most=8)}"
            + (f"; rare ones weigh more ({answer.balance:g})" if answer.balance else "")
        )
    lines.append(f"judged by  {answer.metric}: {answer.metric_reason}")
    for role in ("group", "time", "id"):
        if found := getattr(guess, role, None):
            lines.append(f"{role:<10} {found.column}: {found.reason}")
    seen = getattr(getattr(guess, "reading", None), "seen", {})
    lines += [f"read with  {option}: {why}" for option, why in seen.items()]
    lines += [f"note       {note}" for note in guess.notes]
    lines.append(f"made {made.folder}: project.py of {made.lines} lines. Change there what you would decide otherwise.")
    lines.append(f"next: omloop turn {name} && omloop serve {name}")
    return lines


def _features(guess: "TableGuess | TextGuess | PictureGuess") -> list[tuple[str, str, str]]:
    from omloop.data.infer import PictureGuess, TextGuess

    if isinstance(guess, TextGuess):
        return [(guess.column, "text", guess.reason)]
    if isinstance(guess, PictureGuess):
        form = f"{guess.width}x{guess.height}, {'grey' if guess.channels == 1 else 'colour'}"
        return [("image", form, guess.size_reason)]
    return [
        (
            feature.column.name,
            f"{feature.column.type}{', may be missing' if feature.column.missing else ''}",
            feature.reason,
        )
        for feature in guess.features
    ]
