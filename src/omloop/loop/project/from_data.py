"""A new project from your own data: the facts inferred from a file, written as a person would write them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from omloop.core import ConfigError, DataError, Settings
from omloop.data import (
    is_absent,
    read_picture_folder,
    read_picture_table,
    read_table,
    sample_of,
    take_rows,
    times_of,
    write_sample,
)
from omloop.data.infer import PictureGuess, TableGuess, infer_pictures, infer_table
from omloop.loop.project.new import TEST, target_of, whole_folder
from omloop.loop.project.source_code import Guess, code_of, kind_of, summary_of

FEW = 2_000
"""Below this many records of a table, a choice by the validation rows is a guess, and `blend` alone was better."""

MOST_TRIED = 200_000
"""For more records it tries only the fast models, unless you name others."""

SAMPLES = {"table": 2000, "text": 2000, "image": 400}
"""How many records of the file a project simulates from."""

README = """# {name}

{summary} Made from `{path}`, which a turn learns from:

```console
$ omloop turn {name}
$ omloop serve {name}
```

`project.py` says what goes in and what comes out, and why some columns are left out: change it as you like.
`sample.parquet` holds {rows} records of the file. What is simulated is drawn from them (`data=simulated`), so that the
test, `omloop demo {name}` and `omloop drill {name}` run without the file. Keep it out of version control if the data
must not be there.
"""


@dataclass(frozen=True)
class MadeProject:
    """A new folder, the facts inferred from the data, and the number of lines of its project.py."""

    folder: Path
    guess: Guess
    lines: int


def project_from_data(
    name: str, settings: Settings, path: Path, *, target: str = "", text: str = "", sheet: str = ""
) -> MadeProject:
    """Make the project `name` from the table, the texts or the pictures at `path`, to answer the column `target`.

    With `text` the answer follows from the texts in that one column. `sheet` names the one of a workbook. Raises
    OmloopError for a taken name, and DataError or UnknownNameError for unusable data; then it makes nothing.
    """
    folder = target_of(name, settings)
    if folder.exists():
        raise ConfigError(f"{folder} exists already. Choose another name, or remove it first.")
    guess = _guess(path, target, text, sheet)
    with whole_folder(name, settings) as staged:
        records = _records(guess)
        labelled = [row for row, value in enumerate(records[guess.answer.target]) if not is_absent(value)]
        records = take_rows(records, labelled)
        most = SAMPLES[kind_of(guess)]
        chosen = sample_of(records, guess.answer.target, most=most, least=max(3, most // 100))
        write_sample(_without_parts(guess, records), chosen, staged / "sample.parquet")
        guess = _with_readable_time(guess, records)
        code, schema = code_of(name, guess)
        written = {
            "project.py": code,
            "test_project.py": TEST,
            "README.md": README.format(name=name, summary=summary_of(guess), path=_shown(guess.path), rows=len(chosen)),
            "conf/config.yaml": _config(guess, len(labelled)),
            "conf/data/file.yaml": _source(guess),
            **({"schema.json": schema} if schema else {}),
        }
        if len(labelled) > MOST_TRIED:
            written["conf/model/best.yaml"] = _fast()
        for relative, content in written.items():
            place = staged / relative
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content, encoding="utf-8")
    return MadeProject(folder, guess, len(code.splitlines()))


def _guess(path: Path, target: str, text: str, sheet: str) -> Guess:
    pictures = path.is_dir() or (path.suffix.lower() == ".zip" and not target)
    if pictures:
        return infer_pictures(path, target)
    if not target:
        raise ConfigError(f"What is to be predicted from {path}? Name its column: --target COLUMN.")
    return infer_table(path, target, text=text, sheet=sheet)


def _records(guess: Guess) -> Mapping[str, Any]:
    if isinstance(guess, PictureGuess):
        readers: Mapping[str, Any] = {
            "read_picture_folder": read_picture_folder,
            "read_picture_table": read_picture_table,
        }
        found: Mapping[str, Any] = readers[guess.reader](guess.path, **guess.options)
        return found
    return read_table(guess.path, **guess.reading.options)


def _with_readable_time(guess: Guess, records: Mapping[str, Any]) -> Guess:
    """The guess without a time that only a format tells, which no input column carries."""
    if isinstance(guess, PictureGuess) or guess.time is None:
        return guess
    name = guess.time.column
    if isinstance(guess, TableGuess) and name in [column.name for column in guess.columns]:
        return guess
    try:
        times_of(records, name)
    except DataError:
        return replace(guess, time=None)
    return guess


def _without_parts(guess: Guess, records: Mapping[str, Any]) -> Mapping[str, Any]:
    """Simulated records get a new split: a sample of the file's parts would keep few of the smallest."""
    part = guess.part if isinstance(guess, PictureGuess) else None
    return {name: values for name, values in records.items() if name != part}


def _config(guess: Guess, rows: int) -> str:
    few = isinstance(guess, TableGuess) and rows < FEW
    model = "blend  # few records: best would choose by too few of them" if few else "best"
    return textwrap.dedent(f"""\
        defaults:
          - omloop_base
          - data: file
          - model: {model}
          - _self_
          - experiment: null

        gate:
          metric: {guess.answer.metric}
        """)


def _source(guess: Guess) -> str:
    path = _shown(guess.path).replace("'", "''")
    return (
        f"# relative to the folder that omloop is started in\ndefaults:\n  - base_file\n  - _self_\n\npath: '{path}'\n"
    )


def _shown(path: Path) -> str:
    """The given path."""
    return path.as_posix()


def _fast() -> str:
    return (
        "# Many records: the others take minutes each, and are to be asked for (model=blend).\n"
        "defaults:\n  - base_best\n  - _self_\n\namong: [linear, boosting]\n"
    )
