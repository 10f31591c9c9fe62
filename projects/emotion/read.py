"""Reading the pictures as their publishers lay them out, from a folder or a zip.

FER2013 is `<part>/<class>/<name>.jpg`; AffectNet, in the layout of YOLO, `<part>/images/<name>.png` beside
`<part>/labels/<name>.txt`, whose first number is the class. Either may lie below any other folders.
"""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from omloop.core import Columns, DataError

FER2013 = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
CLASSES = (*FER2013, "contempt")
AFFECTNET = ("angry", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The class of each number in AffectNet's labels."""

PARTS = {"train": "train", "valid": "validation", "test": "test"}
PICTURES = {".jpg", ".jpeg", ".png"}
ARCHIVE = "fer2013_images.zip"

Files = Mapping[str, Callable[[], bytes]]
"""A file's name, with slashes -> what reads it."""


def read(path: Path) -> Columns:
    """Every picture below `train/`, `valid/` and `test/`, with its class and the part it lies in.

    `path` is a folder, a zip of one, or a folder that holds `fer2013_images.zip`. Raises DataError when there is no
    picture, and for an AffectNet picture whose label is missing or is no class.
    """
    if path.is_dir() and (path / ARCHIVE).is_file():
        path = path / ARCHIVE
    if path.is_dir():
        return _records(path, _lying(path))
    from omloop.data import zip_members

    return _records(path, zip_members(path))


def _records(path: Path, files: Files) -> Columns:
    pictures = sorted(filter(_is_picture, files))
    if not pictures:
        raise DataError(
            f"{path} holds no picture as train/<class>/<name>.jpg (FER2013) or train/images/<name>.png beside "
            f"train/labels/<name>.txt (AffectNet). Classes are {', '.join(CLASSES)}."
        )
    return {
        "image": [files[name]() for name in pictures],
        "emotion": [_label(name, files) for name in pictures],
        "part": [PARTS[PurePosixPath(name).parts[-3]] for name in pictures],
    }


def _is_picture(name: str) -> bool:
    at = PurePosixPath(name)
    return len(at.parts) > 2 and at.parts[-3] in PARTS and at.suffix.lower() in PICTURES and at.name[0] != "."


def _label(name: str, files: Files) -> str:
    """The folder's name, or the class that the first number of a label file gives."""
    picture = PurePosixPath(name)
    if picture.parent.name != "images":
        return picture.parent.name
    file = (picture.parent.parent / "labels" / f"{picture.stem}.txt").as_posix()
    if file not in files:
        raise DataError(f"{name} has no label: there is no {file}. Add it, or leave the picture out.")
    words = files[file]().decode(errors="replace").split(maxsplit=1)
    if not words or words[0] not in _NUMBERS:
        found = f"begins with '{words[0]:.20}'" if words else "is empty"
        raise DataError(f"{file} {found}; it must begin with the number of a class, 0 to {len(AFFECTNET) - 1}.")
    return AFFECTNET[_NUMBERS.index(words[0])]


_NUMBERS = [str(number) for number in range(len(AFFECTNET))]


def _lying(path: Path) -> dict[str, Callable[[], bytes]]:
    return {file.relative_to(path).as_posix(): file.read_bytes for file in path.rglob("*")}
