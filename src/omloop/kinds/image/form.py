"""What becomes of pictures that come in any size and any colours."""

from typing import Literal, NamedTuple

Fit = Literal["stretch", "crop", "pad"]


class PictureForm(NamedTuple):
    """The size and the channels of every picture, how other proportions are met, and what is refused."""

    width: int
    height: int
    channels: int
    fit: Fit
    most_pixels: int
    most_frames: int
