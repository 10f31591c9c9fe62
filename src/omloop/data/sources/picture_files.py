"""Reading folders of pictures, a folder a class, and tables with the names of picture files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

from omloop.core import Columns, DataError, InputError, SourceError, UnknownNameError
from omloop.data.rows import take_rows
from omloop.data.sources.archive import zip_members
from omloop.data.sources.table_files import read_table

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})
PARTS = {
    **dict.fromkeys(("train", "training", "train_set"), "train"),
    **dict.fromkeys(("test", "testing", "test_set"), "test"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
}
"""What publishers call the folders of the parts, in lower case."""
Files = Mapping[str, Callable[[], bytes]]
"""The path of a file below a folder -> what reads it."""
_THREADS = 4


def read_picture_folder(path: Path, target: str = "label", *, drop: bool = False) -> Columns:
    """The pictures in a folder or a zip of one, where each class has a folder of its name.

    The records have the columns `image` (the bytes of a file), the `target` and `file` (the path below the folder). If
    the classes lie in folders called train and test or the like, they also have `part`. With `drop` it leaves out a
    file that is no picture. Raises SourceError for a folder that is not there, DataError for one without folders of
    pictures.
    """
    files = picture_files(path)
    names, classes, parts = sort_folders(path, files)
    images = [files[name]() for name in names]
    kept = range(len(names)) if not drop else [row for row, good in enumerate(readable(images)) if good]
    records: dict[str, Any] = {
        "image": [images[row] for row in kept],
        target: [classes[row] for row in kept],
        "file": [names[row] for row in kept],
    }
    return records | ({"part": [parts[row] for row in kept]} if parts else {})


def read_picture_table(path: Path, column: str = "file", *, drop: bool = False, **options: Any) -> Columns:
    """The records of a table whose `column` names picture files, with the pictures as the column `image`.

    A name is a path from the table's folder on, or the bare name of a file below it, with or without its suffix. It
    also looks into zips in that folder. With `drop` it leaves out a record without a readable picture. `options`
    are those of `read_table`. Raises DataError for a name of no file, ConfigError where there is no such column.
    """
    table = read_table(path, **options)
    if column not in table:
        raise UnknownNameError("column", column, list(table))
    found = find_pictures(path.parent, list(table[column]))
    missing = [str(name) for name, read in zip(table[column], found, strict=True) if read is None]
    if missing and not drop:
        raise DataError(
            f"{len(missing)} of {len(found)} pictures in '{column}' are not below {path.parent}, the first "
            f"{missing[0]!r:.80}. Put them there, or read with drop=True to leave those records out."
        )
    images = [read() if read is not None else b"" for read in found]
    kept = [row for row, good in enumerate(readable(images)) if good] if drop else range(len(images))
    records: dict[str, Any] = {**take_rows(table, kept)}
    return {**records, "image": [images[row] for row in kept]}


def picture_files(path: Path) -> Files:
    """The picture files below a folder or in a zip, by their paths; raises SourceError where there is nothing."""
    if path.is_dir():
        below = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        names = {file.relative_to(path).as_posix(): file.read_bytes for file in below}
    elif path.is_file():
        names = {name: read for name, read in sorted(zip_members(path).items()) if _is_picture(name)}
    else:
        raise SourceError(f"{path} is not there. Name a folder of pictures, or a zip of one.")
    return {name: read for name, read in names.items() if not _is_hidden(name)}


def sort_folders(path: Path, files: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """The files that lie in folders of classes, the class of each, and the part of each where folders say so.

    Raises DataError where there are no such folders, or only one.
    """
    placed = [(name, PurePosixPath(name).parts[:-1]) for name in files]
    if not placed:
        raise DataError(
            f"{path} holds no picture ({', '.join(sorted(SUFFIXES))}). Give a folder with a folder a class."
        )
    found = [(name, folders[-1], _part(folders[:-1])) for name, folders in placed if folders]
    found = [one for one in found if one[1].lower() not in PARTS]
    classes = sorted({label for _, label, _ in found})
    if len(classes) < 2:
        what = f"one folder of pictures, '{classes[0]}'" if classes else "pictures and no folders"
        raise DataError(
            f"{path} holds {what}, so there is nothing to tell apart. Give a folder with a folder of pictures for each "
            "class, two at least, or a CSV that names the files and their classes."
        )
    parts = [part for _, _, part in found]
    whole = "test" in parts and all(parts)
    return [name for name, _, _ in found], [label for _, label, _ in found], parts if whole else []


def find_pictures(folder: Path, names: Sequence[object]) -> list[Callable[[], bytes] | None]:
    """What reads the picture of each name, by its path or its bare name below the folder; None where there is none."""
    files = dict(picture_files(folder))
    for archive in sorted(folder.glob("*.zip")):
        files.update(picture_files(archive))
    by_name: dict[str, Callable[[], bytes]] = {}
    for name, read in files.items():
        path = PurePosixPath(name)
        by_name |= {path.stem: read, path.name: read}
    return [files.get(str(name)) or by_name.get(PurePosixPath(str(name)).name) for name in names]


def readable(images: Sequence[bytes]) -> list[bool]:
    """Which files are pictures that the kind `image` decodes whole."""
    from omloop.kinds.image.decode import decode

    def judge(content: bytes) -> bool:
        try:
            decode(content, 8, 8, 3, fit="stretch", most_pixels=40_000_000, most_frames=100)
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(judge, images))


def _part(folders: tuple[str, ...]) -> str:
    return next((PARTS[one.lower()] for one in reversed(folders) if one.lower() in PARTS), "")


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
