"""What becomes of pictures that come in any size and any colours."""

from typing import Literal, NamedTuple

Fit = Literal["stretch", "crop", "pad"]


class PictureForm(NamedTuple):
    """The size and channels of every picture, how to fit other proportions, and what to refuse."""

    width: int
    height: int
    channels: int
    fit: Fit
    most_pixels: int
    most_frames: int
