"""Infers the meaning of a folder of pictures, or of a table that names them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from omloop.core import DataError, InputError, SourceError, UnknownNameError, some
from omloop.data.infer.answers import answer_of, classes_of
from omloop.data.infer.guess import AnswerGuess, PictureGuess
from omloop.data.infer.profile import Profile, natural, profile
from omloop.data.infer.roles import find_group
from omloop.data.infer.table import read_found
from omloop.data.sources.picture_files import find_pictures, picture_files, readable, sort_folders

SIZES = (32, 64, 96)
"""Sides that a network on a laptop's cores learns from in minutes; twice the side takes four times as long."""
SAMPLE = 300
NAMED = 0.5
"""The share of a column's values that must name pictures for it to be the column of files."""
FEW_OF_A_CLASS = 5
_ALIKE = 0.9


def infer_pictures(path: Path, target: str = "") -> PictureGuess:
    """What the pictures at `path` mean: a folder or a zip with a folder a class, or a table with the names of files.

    `target` is the column of the answer. For folders it is the name for the record column (`label`); for a table it is
    the one to answer, which you must name. Raises DataError, which says what is wrong and what would work.
    """
    if not path.exists():
        raise SourceError(f"{path} is not there. Name a folder of pictures, a zip of one, or a CSV with their names.")
    if path.is_dir():
        tables = sorted(one for one in path.iterdir() if one.suffix.lower() in (".csv", ".tsv"))
        flat = not any(one.is_dir() and not one.name.startswith(".") for one in path.iterdir())
        if len(tables) == 1 and (flat or target):
            return _table(tables[0], target)
        return _folder(path, target or "label")
    return _folder(path, target or "label") if path.suffix.lower() == ".zip" else _table(path, target)


def _folder(path: Path, target: str) -> PictureGuess:
    files = picture_files(path)
    names, classes, parts = sort_folders(path, files)
    good, looks = _look([files[name] for name in names])
    counts = Counter(label for label, kept in zip(classes, good, strict=True) if kept)
    if len(counts) < 2:
        readable = f"only '{next(iter(counts))}' holds pictures" if counts else "no folder holds a picture"
        raise DataError(f"{path}: {readable} that can be read, such as PNG, JPEG and WebP. Mend the others.")
    ordered = {name: counts[name] for name in sorted(counts, key=natural)}
    answer = classes_of(target, ordered, f"{len(counts)} folders, a class each", missing=0)
    options = {} if target == "label" else {"target": target}
    left_out = {"file": "the name of the picture's file"}
    part = "part" if parts else None
    return _guess(path, "read_picture_folder", options, answer, (names, good, looks), left_out=left_out, part=part)


def _table(path: Path, target: str) -> PictureGuess:
    frame, found = read_found(path)
    if target not in frame.columns:
        raise UnknownNameError("column", target, frame.columns, next_step=f"{path} has no such target.")
    columns = {name: profile(frame.get_column(name)) for name in frame.columns}
    readers = {
        name: find_pictures(path.parent, frame[name].to_list()) for name in _candidates(frame.columns, target, columns)
    }
    shares = {name: sum(one is not None for one in found) / len(found) for name, found in readers.items()}
    column = max(shares, key=lambda name: shares[name], default="")
    if not column or shares[column] < NAMED:
        raise DataError(
            f"{path} has no column that names pictures below {path.parent}. One must hold the paths or the names of "
            "the files, with or without their suffix."
        )
    answer = answer_of(path, columns[target])
    names = [str(name) for name in frame[column].to_list()]
    good, looks = _look([read or _nothing for read in readers[column]])
    others = [one for name, one in columns.items() if name not in (target, column)]
    group = find_group(others, columns[target].numbers, words=answer.kind == "classes")
    options = ({} if column == "file" else {"column": column}) | {one.option: one.value for one in found}
    part = next((one.name for one in others if _says_part(one)), None)
    unused = {one.name: "the answer follows from the picture alone" for one in others if one.name != part}
    more = {"left_out": {column: "the name of the picture's file"} | unused, "group": group, "part": part}
    return _guess(path, "read_picture_table", options, answer, (names, good, looks), **more)


def _says_part(one: Profile) -> bool:
    """Whether a column says which records its publisher meant for testing."""
    return one.content == "words" and "test" in one.counts and set(one.counts) <= {"train", "validation", "test"}


def _candidates(names: Sequence[str], target: str, columns: Mapping[str, Any]) -> list[str]:
    return [name for name in names if name != target and columns[name].distinct > columns[name].rows / 2]


def _nothing() -> bytes:
    return b""


def _look(readers: Sequence[Callable[[], bytes]]) -> tuple[list[bool], list[tuple[int, int, bool]]]:
    """Which pictures are readable, with their width, height and whether they are grey."""
    from omloop.kinds.image.header import header

    images = [read() for read in readers]
    good = readable(images)
    looks = []
    grey = _all_grey([image for image, kept in zip(images, good, strict=True) if kept])
    for image, kept in zip(images, good, strict=True):
        if kept:
            try:
                looks.append((*header(image)[1:], grey))
            except InputError:  # pragma: no cover - it was decoded
                continue
    return good, looks


def _all_grey(images: Sequence[bytes]) -> bool:
    """Whether a sample of the pictures, evenly spread, shows no colour."""
    import PIL.Image

    for image in images[:: max(1, len(images) // SAMPLE)]:
        with PIL.Image.open(io.BytesIO(image)) as opened:
            opened.draft("RGB", (64, 64))
            if opened.mode in ("L", "1", "I", "I;16"):
                continue
            pixels = np.asarray(opened.convert("RGB").resize((32, 32)), np.int64)
        if (pixels.max(axis=2) - pixels.min(axis=2)).max() > 8:
            return False
    return True


def _guess(
    path: Path,
    reader: Literal["read_picture_folder", "read_picture_table"],
    options: Mapping[str, Any],
    answer: AnswerGuess,
    looked: tuple[list[str], list[bool], list[tuple[int, int, bool]]],
    **more: Any,
) -> PictureGuess:
    names, good, looks = looked
    if not looks:
        raise DataError(f"{path}: none of {len(names)} files is a picture that can be read.")
    width, height, why = _size([look[:2] for look in looks])
    bad = [name for name, kept in zip(names, good, strict=True) if not kept]
    order = sorted(looks, key=lambda look: look[0] * look[1])
    told = (
        [f"{len(bad):,} of {len(names):,} files are no pictures that can be read, and are left out: {some(bad)}"]
        if bad
        else []
    )
    few = [word for word, count in zip(answer.words, answer.counts, strict=True) if count < FEW_OF_A_CLASS]
    if few:
        told.append(f"{len(few)} of {len(answer.words)} classes have fewer than {FEW_OF_A_CLASS} pictures: {some(few)}")
    return PictureGuess(
        path=path,
        reader=reader,
        options={**options, **({"drop": True} if bad else {})},
        answer=answer,
        width=width,
        height=height,
        channels=1 if looks[0][2] else 3,
        size_reason=why + (", all grey" if looks[0][2] else ""),
        sizes=(order[0][:2], order[len(order) // 2][:2], order[-1][:2]),
        pictures=len(looks),
        unreadable=len(bad),
        unreadable_names=tuple(bad[:5]),
        notes=tuple(told),
        **more,
    )


def _size(sizes: Sequence[tuple[int, int]]) -> tuple[int, int, str]:
    """The width and the height for resizing pictures, and why."""
    (width, height), count = Counter(sizes).most_common(1)[0]
    if count == len(sizes) and max(width, height) <= SIZES[-1]:
        return width, height, f"all pictures are {width} x {height}"
    shorter = float(np.median([min(size) for size in sizes]))
    side = max([one for one in SIZES if one <= shorter], default=SIZES[0])
    shapes = np.array([wide / high for wide, high in sizes])
    usual = float(np.median(shapes))
    if (np.abs(shapes / usual - 1) < 0.05).mean() < _ALIKE:
        return side, side, f"the shorter side has {shorter:.0f} pixels as a rule, and proportions differ"
    wide, high = (round(side * usual), side) if usual >= 1 else (side, round(side / usual))
    return (
        wide,
        high,
        f"most pictures have the proportions of {width} x {height}, and {side} pixels are learned from soon",
    )
