"""Reading the Olivetti faces as their publishers ship them: one array of pictures, one of the people on them."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import DataError, SourceError

PEOPLE = 40
NAMES = tuple(f"person_{number:02d}" for number in range(PEOPLE))
PAIRS = {
    "olivetti_faces.npy": "olivetti_faces_target.npy",
    "augmented_faces.npy": "augmented_labels.npy",
    "images.npy": "target.npy",
}
"""Files of pictures, each with the file of its labels: Kaggle's two data sets, and what the source `sklearn` keeps."""

TEST = 2
SEED = 2026


def read(path: Path) -> dict[str, Any]:
    """The records in a folder of two .npy files: one of pictures, one of labels.

    `path` may be the folder or its file of pictures. Pictures are floats in [0, 1] or bytes, of shape (n, 64, 64);
    labels are integers from 0 to 39. Raises SourceError when a file is not there, DataError for one of another shape.
    """
    pictures, labels = _pair(path)
    return records(_load(pictures), _load(labels))


def records(pictures: NDArray[Any], labels: NDArray[Any]) -> dict[str, Any]:
    """Pictures and labels as records, two pictures a person dealt to the test part."""
    if pictures.ndim != 3 or pictures.shape[1:] != (64, 64) or labels.shape != pictures.shape[:1]:
        raise DataError(
            f"The pictures have the shape {pictures.shape} and the labels {labels.shape}; they must be (n, 64, 64) "
            "and (n,)."
        )
    if labels.dtype.kind not in "iu" or not np.isin(labels, np.arange(PEOPLE)).all():
        raise DataError(f"The labels must be integers from 0 to {PEOPLE - 1}, one a person.")
    return {"image": list(pictures), "person": [NAMES[label] for label in labels.tolist()], "part": deal(labels, SEED)}


def deal(labels: NDArray[Any], seed: int) -> list[str]:
    """`test` for two pictures of every person who has more than two, drawn by `seed`, and `train` for the others.

    >>> deal(np.array([0, 0, 0, 1]), seed=1).count("test")
    2
    """
    random, part = np.random.default_rng(seed), np.full(len(labels), "train", dtype="<U5")
    for person in np.unique(labels):
        shown = np.flatnonzero(labels == person)
        if len(shown) > TEST:
            part[random.choice(shown, TEST, replace=False)] = "test"
    dealt: list[str] = part.tolist()
    return dealt


def _pair(path: Path) -> tuple[Path, Path]:
    folder, wanted = (path.parent, [path.name]) if path.suffix == ".npy" else (path, list(PAIRS))
    for name in wanted:
        if name in PAIRS and (folder / name).is_file() and (folder / PAIRS[name]).is_file():
            return folder / name, folder / PAIRS[name]
    pairs = " or ".join(f"{pictures} and {labels}" for pictures, labels in PAIRS.items())
    raise SourceError(f"{folder} does not hold {pairs}. Give the folder that does, as data.path.")


def _load(path: Path) -> NDArray[Any]:
    try:
        # An array that needs pickle would run what its author wrote: it is refused.
        found: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is not an array of numbers as NumPy saves it. Fetch it again.") from error
    return found
