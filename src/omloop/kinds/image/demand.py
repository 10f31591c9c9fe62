"""What a request for pictures claims of a server, read off the headers of its files alone."""

from collections.abc import Sequence

from omloop.core import Demand, InputError
from omloop.kinds.image.header import decoding_bytes, header
from omloop.kinds.image.jpeg import read_layout

_LOOKED_AT = 1_000
"""So many headers of one request are looked at, and stand for all."""


def picture_demand(files: Sequence[bytes], most_pixels: int, memory: int) -> Demand:
    """The pixels that the headers claim, and beside `memory` that of the dearest picture: they are decoded in turn.

    What cannot be read, or has more than `most_pixels`, costs little, because it is refused.
    """
    pixels, dearest = 0, 0
    for file in files[:_LOOKED_AT]:
        layout = read_layout(file)
        try:
            found = header(file) if layout is None else ("JPEG", layout.width, layout.height)
        except InputError:
            continue
        claimed = found[1] * found[2]
        pixels += min(claimed, most_pixels)
        dearest = max(dearest, decoding_bytes(file, *found, layout=layout) if claimed <= most_pixels else 0)
    share = len(files) / max(1, min(len(files), _LOOKED_AT))
    return Demand(len(files), round(pixels * share), memory + dearest)
