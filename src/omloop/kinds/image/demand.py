"""What a request for pictures claims of a server, read off the headers of its files alone."""

from collections.abc import Sequence
from typing import NamedTuple

from omloop.core import Demand, InputError
from omloop.kinds.image.header import decoding_bytes, header
from omloop.kinds.image.jpeg import JpegLayout, read_layout

_LOOKED_AT = 1_000
"""How many headers of one request it looks at; they stand for all."""
_KEPT_BYTES = 32_768  # of a body whose files stay beside it while it waits: a copy of what is longer would count


class OpenedPictures(NamedTuple):
    """A body's files, each with the field that a refusal names, and the layouts of those that are ordinary JPEGs."""

    files: Sequence[tuple[str, bytes]]
    layouts: Sequence[JpegLayout | None]


def picture_demand(files: Sequence[tuple[str, bytes]], most_pixels: int, memory: int) -> Demand:
    """The pixels that the headers claim, and `memory` plus that of the costliest picture: decoding takes them in turn.

    A picture that is unreadable, or has more than `most_pixels`, costs little: the reader refuses it.
    """
    pixels, dearest, length, layouts = 0, 0, 0, list[JpegLayout | None]()
    for _, file in files[:_LOOKED_AT]:
        layout = read_layout(file)
        layouts.append(layout)
        length += len(file)
        try:
            found = header(file) if layout is None else ("JPEG", layout.width, layout.height)
        except InputError:
            continue
        claimed = found[1] * found[2]
        pixels += min(claimed, most_pixels)
        dearest = max(dearest, decoding_bytes(file, *found, layout=layout) if claimed <= most_pixels else 0)
    share = len(files) / max(1, min(len(files), _LOOKED_AT))
    opened = OpenedPictures(files, layouts) if length <= _KEPT_BYTES and share == 1 else None
    return Demand(len(files), round(pixels * share), memory + dearest, opened)
