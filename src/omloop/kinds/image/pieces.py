"""A picture in pieces: the parts of a grid."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Pieces

ACROSS = 4
"""Parts of a side: more of them are dearer, and a person sees no more in them."""


def pieces_of_picture(example: NDArray[Any]) -> Pieces:
    """The parts of a picture, row by row; one that is left out has the mean colour of the picture."""
    pixels = example["pixels"][0]
    plain = pixels.mean(axis=(0, 1)).round().astype(np.uint8)
    parts = [
        (f"row {down}, column {along}", lines, places)
        for down, lines in enumerate(_parts(pixels.shape[0]), start=1)
        for along, places in enumerate(_parts(pixels.shape[1]), start=1)
    ]

    def compose(rows: NDArray[np.integer]) -> NDArray[Any]:
        made = np.repeat(example, len(rows))
        for number, (_, lines, places) in enumerate(parts):
            gone = np.flatnonzero(rows[:, number])
            made["pixels"][gone, lines, places] = plain
        return made

    return Pieces(tuple(name for name, *_ in parts), (None,) * len(parts), 1, compose)


def _parts(size: int) -> list[slice]:
    """A side in about equal parts, each of a pixel at least."""
    ends = np.linspace(0, size, min(ACROSS, size) + 1).round().astype(int).tolist()
    return [slice(begin, end) for begin, end in pairwise(ends)]
