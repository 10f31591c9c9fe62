"""Reading the pictures as their publishers lay them out: a folder or a zip of `<part>/<class>/<name>.jpg`."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from omloop.core import Columns, DataError

CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
PICTURES = {".jpg", ".jpeg", ".png"}
ARCHIVE = "fer2013_images.zip"


def read(path: Path) -> Columns:
    """Every picture below `train/` and `test/`, with the class that its folder names and the part it lies in.

    `path` is such a folder, a zip of it, or a folder that holds `fer2013_images.zip`.
    """
    if path.is_dir() and (path / ARCHIVE).is_file():
        path = path / ARCHIVE
    found = sorted(_zipped(path) if path.is_file() else _lying(path))
    if not found:
        raise DataError(f"{path} holds no picture as train/<class>/<name>.jpg. Classes are {', '.join(CLASSES)}.")
    names, contents = zip(*found, strict=True)
    places = [PurePosixPath(name).parts[-3:-1] for name in names]
    return {
        "image": list(contents),
        "emotion": [label for _, label in places],
        "part": [part for part, _ in places],
    }


def _wanted(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) > 2 and parts[-3] in ("train", "test") and PurePosixPath(name).suffix.lower() in PICTURES


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path} is not a zip archive, or was cut. Fetch it again.")
    with zipfile.ZipFile(path) as archive:
        for name in filter(_wanted, archive.namelist()):
            yield name, archive.read(name)


def _lying(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in path.rglob("*"):
        name = file.relative_to(path).as_posix()
        if _wanted(name):
            yield name, file.read_bytes()
