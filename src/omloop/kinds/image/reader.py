"""Files of pictures as examples: all headers first, then all pixels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omloop.core import InputError
from omloop.kinds.faults import PlaceFaults
from omloop.kinds.image.form import PictureForm
from omloop.kinds.image.jpeg import JpegLayout

if TYPE_CHECKING:  # Pillow is loaded with the first picture: servers of other kinds have no use for it
    from omloop.kinds.image.decode import CheckedPicture, DecodedPicture

# One request may claim this many times the pixels of the largest picture: many small files make a bomb too.
_REQUEST_PIXELS = 4


class ReadPicture(NamedTuple):
    """A decoded file, its header, and whether its example is the same without its metadata."""

    content: bytes
    checked: "CheckedPicture"
    same: bool


class PictureReader:
    """Reads pictures called `name` into examples of `dtype`, as `form` says."""

    def __init__(self, name: str, form: PictureForm, dtype: np.dtype[np.void]) -> None:
        self._name = name
        self._form = form
        self._dtype = dtype

    def read(
        self, files: Sequence[tuple[str, bytes]], layouts: Sequence[JpegLayout | None] | None = None
    ) -> tuple[NDArray[np.void], list[ReadPicture]]:
        """The examples, and what the reader found in each file; all headers come before any pixel.

        A picture counts for as many pixels as it has, or as it becomes: many tiny files would make a bomb as well.
        `layouts` are those of ordinary JPEGs, if known. Raises InputError, which names every fault by the field beside
        each file.
        """
        from omloop.kinds.image.decode import CheckedPicture, check, decode_checked

        form, faults, layouts = self._form, PlaceFaults(), layouts or [None] * len(files)
        most, resized = _REQUEST_PIXELS * form.most_pixels, form.width * form.height
        checked, claimed = list[CheckedPicture](), 0
        for (field, content), layout in zip(files, layouts, strict=True):
            try:
                checked.append(check(content, layout, most_pixels=form.most_pixels, most_frames=form.most_frames))
                claimed += max(checked[-1].pixels, resized)
            except InputError as error:
                faults.add(field or self._name, error)
        faults.require_none()
        if claimed > most:
            raise InputError(f"{len(files)} pictures have {claimed:,} pixels; send at most {most:,} a request", "rows")
        examples, found = np.empty(len(files), self._dtype), list[ReadPicture]()
        for index, ((field, content), known) in enumerate(zip(files, checked, strict=True)):
            try:
                picture, same = decode_checked(content, known, form)
            except InputError as error:
                faults.add(field or self._name, error)
            else:
                put_picture(examples, index, picture)
                found.append(ReadPicture(content, known, same))
        faults.require_none()
        return examples, found


def put_picture(examples: NDArray[np.void], index: int, picture: "DecodedPicture") -> None:
    """Make the picture the example `index`."""
    examples["pixels"][index], examples["width"][index], examples["height"][index] = picture
