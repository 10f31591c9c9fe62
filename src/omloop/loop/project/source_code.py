"""The text of a project.py from facts inferred from data, as a person would write it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from omloop.data.infer import AnswerGuess, PictureGuess, TableGuess, TextGuess
from omloop.kinds import Column
from omloop.kinds.table.schema_file import TableSchema, schema_text

Guess = TableGuess | TextGuess | PictureGuess

MOST_LINES = 60
"""A project that would be longer keeps its columns in a file of their own."""

WIDE = 110


def kind_of(guess: Guess) -> str:
    """What goes in: `table`, `text` or `image`."""
    return {TableGuess: "table", TextGuess: "text", PictureGuess: "image"}[type(guess)]


def summary_of(guess: Guess) -> str:
    """What the project does, in a sentence."""
    answer, file = guess.answer, guess.path.name
    what = f"Predicts {answer.target}" if answer.kind == "number" else f"Tells which {answer.target} it is"
    if isinstance(guess, PictureGuess):
        return f"{what}, one of {len(answer.words)}, from a picture."
    if isinstance(guess, TextGuess):
        return f"{what} from a text, {guess.column}."
    return f"{what} from {len(guess.features)} columns of {file}."


def code_of(name: str, guess: Guess) -> tuple[str, str]:
    """The text of project.py, and that of schema.json where the columns or classes take too much room in it."""
    code = _render(name, guess, apart=False)
    if len(code.splitlines()) <= MOST_LINES:
        return code, ""
    columns = guess.columns if isinstance(guess, TableGuess) else ()
    schema = TableSchema(columns, _ignored(guess), guess.answer.words)
    return _render(name, guess, apart=True), schema_text(schema)


def _render(name: str, guess: Guess, *, apart: bool) -> str:
    answer, kind = guess.answer, kind_of(guess)
    imports = {"table": ["Project", "Table"], "text": ["Project", "Text"], "image": ["Image", "Project"]}[kind]
    imports.append("Number" if answer.kind == "number" else "Classes")
    if kind == "table" and not apart:
        imports.append("Column")
    reader, options = _reader(guess)
    reads = [reader] if options or reader != "read_table" else []  # without options a file is read as any other is
    lines = [_docstring(summary_of(guess)), ""]
    lines += ["from functools import partial"] if options else []
    lines += ["from pathlib import Path", "", f"from omloop import {', '.join(sorted(imports))}, models"]
    lines += [f"from omloop.data import {', '.join(sorted(['Resample', *reads]))}"]
    lines += ["from omloop.kinds import read_schema"] if apart else []
    lines += ["", "here = Path(__file__).parent"]
    if apart:
        lines.append('columns, IGNORED, CLASSES = read_schema(here / "schema.json")')
    ignored = _ignored(guess)
    if ignored and not apart:
        lines += ["IGNORED = {", *(line for item in ignored.items() for line in _pair(*item)), "}"]
    lines += ["", *_inputs(guess, apart=apart, ignored=bool(ignored)), ""]
    lines += ["project = Project(", f"    name={_quoted(name)},", *_field("summary", summary_of(guess))]
    lines += ["    inputs=inputs,", *_outputs(answer, apart=apart), f"    target={_quoted(answer.target)},"]
    balance = f"balance={answer.balance:g}" if answer.balance and kind != "text" else ""
    models = {"table": f"for_tables({balance})", "text": "for_texts()", "image": f"for_pictures({balance})"}[kind]
    lines += [f"    models=models.{models},", '    baseline="baseline",']
    number = f", id={_quoted(guess.id.column)}" if not isinstance(guess, PictureGuess) and guess.id else ""
    lines.append(f'    simulate=Resample(here / "sample.parquet", inputs{number}),')
    if reads:
        lines += _partial(reader, options)
    if ignored:
        lines.append("    ignored=IGNORED,")
    lines += [f"    {role}={_quoted(column)}," for role, column in _roles(guess).items()]
    return "\n".join([*lines, ")", ""])


def _docstring(text: str) -> str:
    plain = text.isprintable() and not {'"', "\\"} & set(text)
    return f'"""{text}"""' if plain else _quoted(text)


def _reader(guess: Guess) -> tuple[str, Mapping[str, Any]]:
    if isinstance(guess, PictureGuess):
        return guess.reader, guess.options
    return "read_table", guess.reading.options


def _roles(guess: Guess) -> dict[str, str]:
    roles = {"group": guess.group.column if guess.group else None}
    if isinstance(guess, PictureGuess):
        roles["part"] = guess.part
    else:
        roles |= {
            "time": guess.time.column if guess.time else None,
            "id": guess.id.column if guess.id else None,
        }
    return {role: column for role, column in roles.items() if column}


def _ignored(guess: Guess) -> dict[str, str]:
    found = dict(guess.left_out)
    if isinstance(guess, PictureGuess) and guess.reader == "read_picture_folder":
        found.setdefault("file", "it names the file")
    return found


def _inputs(guess: Guess, *, apart: bool, ignored: bool) -> list[str]:
    own = {guess.answer.target: "it is the target, which the model predicts"}
    refused = "{**IGNORED, " + _source(own)[1:] if ignored or apart else _source(own)
    if isinstance(guess, TextGuess):
        most = _round_up(max(20_000, 2 * guess.characters[2]))
        longer = f", most_characters={most:_}" if most > 20_000 else ""
        return [f"inputs = Text({_quoted(guess.column)}{longer})"]
    if isinstance(guess, PictureGuess):
        return [f"inputs = Image(width={guess.width}, height={guess.height}, channels={guess.channels})"]
    if apart:
        return ["inputs = Table(", "    columns,", f"    refused={refused},", ")"]
    columns = [line for column in guess.columns for line in _column(column)]
    return ["inputs = Table(", "    (", *columns, "    ),", f"    refused={refused},", ")"]


def _outputs(answer: AnswerGuess, *, apart: bool) -> list[str]:
    if answer.kind == "number":
        limits = {"low": answer.low, "high": answer.high}
        told = "".join(f", {name}={_number(limit)}" for name, limit in limits.items() if limit is not None)
        return [f"    outputs=Number({_quoted(answer.target)}{told}),"]
    words = "CLASSES" if apart else _source(answer.words)
    line = f"    outputs=Classes({_quoted(answer.target)}, {words}),"
    if len(line) <= WIDE:
        return [line]
    return ["    outputs=Classes(", f"        {_quoted(answer.target)},", *_wrapped(answer.words, 8), "    ),"]


def _partial(reader: str, options: Mapping[str, Any]) -> list[str]:
    told = [f"{name}={_source(value)}" for name, value in options.items()]
    line = f"    read=partial({', '.join([reader, *told])})," if told else f"    read={reader},"
    if len(line) <= WIDE:
        return [line]
    return ["    read=partial(", f"        {reader},", *(f"        {one}," for one in told), "    ),"]


def _column(column: Column) -> list[str]:
    """The call that makes a column, over as many lines as it needs."""
    told = [_quoted(column.name), _quoted(column.type)]
    for field in ("low", "high"):
        if (limit := getattr(column, field)) is not None:
            told.append(f"{field}={_number(limit)}")
    if column.categories:
        told.append(f"categories={_source(column.categories)}")
    told += [
        f"{field}={_quoted(getattr(column, field))}" for field in ("other", "format", "unit") if getattr(column, field)
    ]
    told += ["missing=True"] if column.missing else []
    line = f"        Column({', '.join(told)}),"
    if len(line) <= WIDE + 10:
        return [line]
    words = _wrapped(column.categories, 12)
    begin = "            categories=" + words[0].lstrip()
    others = [one for one in told if not one.startswith("categories=")]
    return [
        "        Column(",
        f"            {', '.join(others[:2])},",
        begin,
        *words[1:],
        *([f"            {', '.join(others[2:])},"] if others[2:] else []),
        "        ),",
    ]


def _wrapped(words: Sequence[str], indent: int) -> list[str]:
    """A tuple of words over several lines."""
    space = " " * indent
    filled = textwrap.wrap(
        ", ".join(_quoted(word).replace(" ", "\0") for word in words) + ",",
        WIDE - indent - 4,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [f"{space}(", *(f"{space}    {line}".replace("\0", " ") for line in filled), f"{space}),"]


def _pair(name: str, reason: str) -> list[str]:
    line = f"    {_quoted(name)}: {_quoted(reason)},"
    if len(line) <= WIDE + 10:
        return [line]
    return [f"    {_quoted(name)}: (", *_sentences(reason, 8), "    ),"]


def _field(name: str, text: str) -> list[str]:
    line = f"    {name}={_quoted(text)},"
    return [line] if len(line) <= WIDE + 10 else [f"    {name}=(", *_sentences(text, 8), "    ),"]


def _sentences(text: str, indent: int) -> list[str]:
    parts = textwrap.wrap(text, WIDE - indent, drop_whitespace=False, break_long_words=True) or [""]
    return [" " * indent + _quoted(part) for part in parts]


def _source(value: Any) -> str:
    """A value as Python source, with double quotes as in the rest of a project."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_source(key)}: {_source(one)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple | list):
        inside = ", ".join(_source(one) for one in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def _quoted(text: str) -> str:
    """A text as a Python literal in double quotes; it escapes characters that a terminal or an editor does not show."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in plain) + '"'


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _round_up(count: int) -> int:
    step = int(10 ** (len(str(count)) - 1))
    return -(-count // step) * step
