"""What the prediction log keeps of a picture: the file as it came where that is cheap, else a PNG."""

from omloop.kinds.image.jpeg import JpegLayout
from omloop.kinds.image.metadata import without_metadata

# A file is kept in the log as it came while it has no more bytes than the model's pixels, within these limits, and at
# most so many times as many pixels; what is larger is kept as a PNG at the model's size.
_ALWAYS_KEPT, _MOST_KEPT, _MOST_TIMES = 4_096, 262_144, 16


def kept_file(content: bytes, layout: JpegLayout | None, *, came: int, becomes: int, channels: int) -> bytes | None:
    """The file without its metadata; None where keeping and decoding it costs more than a PNG of the model's size.

    `came` and `becomes` are the pixels of the picture as it came and at the model's size, `layout` that of an ordinary
    JPEG.
    """
    short = len(content) <= min(_MOST_KEPT, max(_ALWAYS_KEPT, becomes * channels))
    return without_metadata(content, layout) if short and came <= _MOST_TIMES * becomes else None
