"""Infers the meaning of a table file from its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import DataError, UnknownNameError, some
from omloop.core._names import WATCHED
from omloop.data.infer.answers import answer_of
from omloop.data.infer.dialect import Found, find_dialect
from omloop.data.infer.features import feature_of, id_reason, text_reason
from omloop.data.infer.guess import AnswerGuess, Dialect, Feature, Role, TableGuess, TextGuess
from omloop.data.infer.hints import copies, leaks, same_as_target
from omloop.data.infer.profile import Profile, profile
from omloop.data.infer.roles import find_group, find_id, find_time
from omloop.data.infer.second_table import require_one_table
from omloop.data.infer.styles import find_styles
from omloop.data.sources.number_texts import rewrite
from omloop.data.sources.table_files import read_frame
from omloop.data.sources.table_options import TableOptions

if TYPE_CHECKING:
    import polars

ANSWERED = ("prediction", "confidence")
"""Columns that omloop watches beside the inputs."""
FEW_OF_A_CLASS = 5
DISTINCT = 0.5
"""With a smaller share of different records, the place in the file identifies a record."""
_NOT_READ = "the answer follows from the text alone"


def infer_table(path: Path, target: str, *, text: str = "", sheet: str = "") -> TableGuess | TextGuess:
    """The meaning of the table at `path` for answering `target`: how to read it, its columns, what to leave out.

    With `text` the answer follows from the texts in that one column. Without it, a table whose only useful column is
    free text is one of texts as well. `sheet` names the one of a workbook.

    Raises DataError, which says what is wrong with the file or the target and what would work. Raises UnknownNameError
    for an unknown column, with the nearest one.
    """
    frame, found = read_found(path, sheet)
    names = _rename_of(found)
    target, text = names.get(target, target.strip()), names.get(text, text.strip())
    _require_columns(path, frame, target, text)
    columns = {name: profile(frame.get_column(name)) for name in frame.columns}
    answer = answer_of(path, columns[target])
    others = [one for name, one in columns.items() if name != target]
    words, targets = answer.kind == "classes", columns[target].numbers
    ids = {one.name: reason for one in others if (reason := id_reason(one))}
    common: dict[str, Any] = {
        "path": path,
        "reading": _dialect(frame, found),
        "answer": answer,
        "group": find_group(others, targets, words=words),
        "time": find_time(others),
        "id": find_id(others, ids),
        "notes": tuple(_notes(columns.values(), answer)),
    }
    group = common["group"]
    if group is not None and common["time"] is not None:
        common |= {"group": None, "notes": (*common["notes"], _torn(group, common["time"]))}
    if text:
        reason = text_reason(columns[text]) or f"{columns[text].distinct:,} different texts"
        return _texts(common, columns[text], f"asked for: {reason}", {one.name: _NOT_READ for one in others})
    features, left_out = _features(others, columns[target], targets, words=words)
    if group is not None and group.column not in left_out:
        left_out[group.column] = f"the group of the records: {group.reason}"
        features = [one for one in features if one.column.name != group.column]
    if not features:
        raise DataError(f"{path} has no column to learn from. {_told(left_out)}")
    if [one.column.type for one in features] == ["text"]:
        only = features[0]
        return _texts(common, columns[only.column.name], f"the only column to learn from: {only.reason}", left_out)
    fields = [*(one.column.name for one in features), target]
    if (common["group"] or common["id"]) is None and (told := _alike(frame, fields)):
        number = next(name for name in ("row", "row number", "number of the row") if name not in columns)
        dialect = common["reading"]
        options = {**dialect.options, "number": number}
        common |= {
            "reading": replace(dialect, options=options, seen={**dialect.seen, "number": told}),
            "id": Role(number, told),
        }
        left_out[number] = f"it numbers the records: {told}"
    return TableGuess(features=tuple(features), left_out=left_out, **common)


def _alike(frame: polars.DataFrame, fields: Sequence[str]) -> str:
    """The evidence that content does not identify records, as most are copies; empty if it does.

    Copies of a record are one record to a split. If nearly all are copies, its parts would be a handful of repeated
    records, which do not represent future ones.
    """
    distinct = frame.select(fields).n_unique()
    return f"only {distinct:,} of {frame.height:,} records differ" if distinct < DISTINCT * frame.height else ""


def _torn(group: Role, time: Role) -> str:
    return (
        f"the split goes by the time '{time.column}'; '{group.column}' groups the records too ({group.reason}), and no "
        "split can keep both: to ask about new groups, declare it as the group and leave the time out"
    )


def _dialect(frame: polars.DataFrame, found: Sequence[Found]) -> Dialect:
    options, seen = {one.option: one.value for one in found}, {one.option: one.seen for one in found}
    return Dialect(options, seen, frame.height, tuple(frame.columns))


def read_found(path: Path, sheet: str = "") -> tuple[polars.DataFrame, list[Found]]:
    """The frame as the found options give it, and the options."""
    import polars

    found = list(find_dialect(path)) if path.exists() else []
    found += [Found("sheet", sheet, "asked for")] if sheet else []
    options = {one.option: one.value for one in found}
    frame = read_frame(path, TableOptions.of(options))
    require_one_table(path, frame)
    if frame.width < 2:
        raise DataError(f"{path} has one column. A table needs a target and at least one column to learn from.")
    found += _renames(frame)
    frame = frame.rename(dict(_rename_of(found)))
    # The frame is there: only what is left to do is done, as `read_table` does all of it at once.
    styles = list(find_styles(frame, str(options.get("separator", ","))))
    found += styles
    rest = TableOptions.of({one.option: one.value for one in styles})
    casts = [name for name, kind in frame.schema.items() if isinstance(kind, polars.Decimal)]
    return rewrite(frame.cast(dict.fromkeys(casts, polars.Float64)), rest), found


def _renames(frame: polars.DataFrame) -> Iterator[Found]:
    """Names that omloop uses itself, and blanks around names."""
    new: dict[str, str] = {}
    taken = set(frame.columns)
    for place, name in enumerate(frame.columns, start=1):
        changed = name.strip()
        if changed in ANSWERED or WATCHED.fullmatch(changed):
            changed += "_given"
        if not changed and place > 1:
            changed = f"column_{place}"
        if changed != name and changed not in taken:
            new[name] = changed
            taken.add(changed)
    if new:
        told = "; ".join(f"{old!r} is called '{name}'" for old, name in list(new.items())[:5])
        yield Found("rename", new, f"{told}: blanks around a name, or a name that omloop uses itself")


def _rename_of(found: Sequence[Found]) -> Mapping[str, str]:
    value: Any = next((one.value for one in found if one.option == "rename"), {})
    return dict(value)


def _require_columns(path: Path, frame: polars.DataFrame, target: str, text: str) -> None:
    for what, name in (("target", target), ("text", text)):
        if name not in frame.columns and (name or what == "target"):
            step = f"{path} has no column for the {what}."
            raise UnknownNameError("column", name, frame.columns, next_step=step)
    if text == target:
        raise DataError(f"{path}: '{target}' cannot be both the text and the target. Name another column.")


def _features(
    columns: Sequence[Profile], target: Profile, targets: NDArray[np.float64], *, words: bool
) -> tuple[list[Feature], dict[str, str]]:
    """What to learn from, in the file's order, and what to leave out and why."""
    made = {one.name: feature_of(one) for one in columns}
    left_out = {name: reason for name, reason in made.items() if isinstance(reason, str)}
    texts = {name for name, one in made.items() if isinstance(one, Feature) and one.column.type == "text"}
    useful = {one.name: one for one in columns if one.name not in {*left_out, *texts}}
    left_out |= dict(same_as_target(useful, target))
    left_out |= leaks([one for name, one in useful.items() if name not in left_out], targets, words=words)
    left_out |= copies([one for name, one in useful.items() if name not in left_out])
    features = [one for name, one in made.items() if isinstance(one, Feature) and name not in left_out]
    return features, {one.name: left_out[one.name] for one in columns if one.name in left_out}


def _texts(common: Mapping[str, Any], text: Profile, reason: str, left_out: Mapping[str, str]) -> TextGuess:
    if text.content != "words":
        who = f"{common['path']}: the column '{text.name}'"
        raise DataError(f"{who} holds {text.content}, no texts. Name a column of texts.")
    sizes = text.column.str.len_chars().fill_null(0).to_numpy()
    empty = (f"{text.missing:,} rows have no '{text.name}': a text is needed to answer",) if text.missing else ()
    return TextGuess(
        column=text.name,
        reason=reason,
        characters=(int(np.median(sizes)), int(np.quantile(sizes, 0.99)), int(sizes.max())),
        left_out={name: told for name, told in left_out.items() if name != text.name},
        **{**common, "notes": (*common["notes"], *empty)},
    )


def _notes(columns: Iterable[Profile], answer: AnswerGuess) -> Iterator[str]:
    if answer.missing:
        yield (
            f"{answer.missing:,} of {answer.labelled + answer.missing:,} rows have no '{answer.target}': they are left "
            "out, and nothing is learned from them"
        )
    few = [word for word, count in zip(answer.words, answer.counts, strict=True) if count < FEW_OF_A_CLASS]
    if few:
        yield f"{len(few)} of {len(answer.words)} classes have fewer than {FEW_OF_A_CLASS} rows: {some(few)}"
    for one in columns:
        if one.dates is not None and one.dates.unsure:
            yield f"'{one.name}' was read as {one.dates.format}; {one.dates.unsure} would fit as well"


def _told(left_out: Mapping[str, str]) -> str:
    return " ".join(f"'{name}': {reason}." for name, reason in list(left_out.items())[:5])
