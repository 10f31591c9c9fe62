"""Reading HAM10000 as its publishers lay it out: a table of pictures, and the pictures in folders or zips."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from omloop.core import DataError, SourceError

CLASSES = ("nv", "mel", "bkl", "bcc", "akiec", "vasc", "df")
MALIGNANT = ("mel", "bcc", "akiec")
MEANINGS = {
    "nv": "an ordinary mole, harmless",
    "mel": "melanoma: a dangerous skin cancer",
    "bkl": "a harmless growth of the skin, such as an age spot",
    "bcc": "basal cell carcinoma: a skin cancer that grows slowly and seldom spreads",
    "akiec": "actinic keratosis or Bowen's disease: a very early skin cancer, or a step before one",
    "vasc": "a harmless mark of blood vessels, such as a cherry spot",
    "df": "dermatofibroma: a harmless firm bump",
}
"""Each class in plain words, after Tschandl et al., The HAM10000 dataset (2018)."""
TABLE = "HAM10000_metadata.csv"
DEALT = "split.csv"
ARCHIVE = re.compile(r"HAM10000_images(_part_[12])?\.zip", re.IGNORECASE)
PICTURES = {".jpg", ".jpeg", ".png"}
COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")

Files = Mapping[str, Callable[[], bytes]]
"""A file's name -> what reads it."""


def read(path: Path) -> dict[str, Any]:
    """Every row of `HAM10000_metadata.csv` with its picture `<image_id>.jpg`, wherever the two lie below `path`.

    `path` is a folder or a zip of one; pictures may also lie in zips called `HAM10000_images.zip` or
    `HAM10000_images_part_1.zip` in that folder. Where there is a `split.csv` of `image_id,split`, it says which are for
    the test part. Raises SourceError when the table is not there, DataError for one that does not fit its pictures.
    """
    files = _files(path)
    if TABLE not in files:
        raise SourceError(f"{path} does not hold {TABLE}. Give the folder or the zip that does, as data.path.")
    rows = _table(files[TABLE](), TABLE, COLUMNS)
    pictures = {PurePosixPath(name).stem: take for name, take in files.items() if _is_picture(name)}
    missing = [row["image_id"] for row in rows if row["image_id"] not in pictures]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(rows)} pictures in {TABLE} are not below {path}, the first {missing[0]}.jpg. "
            "HAM10000 comes in two parts: put both beside the table, or leave the missing rows out of it."
        )
    records: dict[str, Any] = {name: [row[name] for row in rows] for name in COLUMNS}
    records["image"] = [pictures[row["image_id"]]() for row in rows]
    records["age_band"] = [age_band(row["age"]) for row in rows]
    if DEALT in files:
        dealt = {row["image_id"]: row["split"] for row in _table(files[DEALT](), DEALT, ("image_id", "split"))}
        records["part"] = [dealt.get(row["image_id"], "train") for row in rows]
    return records


def age_band(age: str) -> str:
    """The twenty years that an age lies in.

    >>> age_band("60.0"), age_band("")
    ('60-79', 'unknown')
    """
    if not age:
        return "unknown"
    low = int(float(age)) // 20 * 20
    return f"{low}-{low + 19}"


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in PICTURES


def _files(path: Path) -> Files:
    """Every file that matters, by its bare name: the archive on Kaggle holds its pictures twice, in folders."""
    if path.is_file():
        return dict(_zipped(path))
    found: dict[str, Callable[[], bytes]] = {}
    for file in sorted(path.rglob("*")):
        if ARCHIVE.fullmatch(file.name):
            found.update(_zipped(file))
        elif file.name in (TABLE, DEALT) or _is_picture(file.name):
            found[file.name] = file.read_bytes
    return found


def _zipped(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    from omloop.data import zip_members

    for name, content in zip_members(path).items():
        yield PurePosixPath(name).name, content


def _table(content: bytes, name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """A CSV's rows; raises DataError when a column is missing."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{name} is not a CSV table: {error}. Fetch it again.") from error
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing or not rows:
        raise DataError(f"{name} has no column {', '.join(missing)}." if missing else f"{name} has no rows.")
    return rows
