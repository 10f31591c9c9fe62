"""What a body will take, estimated before reading it: its rows, the pixels to decode, and the memory meanwhile."""

from omloop.core import Demand

# Objects of JSON and Python in memory by bytes of text, in the worst case that was measured: `{}` again and again.
_BYTES_A_BYTE = 20
_MARKS = {"application/json": b"{", "text/csv": b"\n"}


def text_demand(content: bytes, media_type: str) -> Demand:
    """The demand of rows as text: objects of JSON, lines of CSV behind the first, or one text.

    >>> text_demand(b'{"rows": [{"age": 1}, {"age": 2}]}', "application/json")
    Demand(rows=2, pixels=0, memory=680, opened=None)
    """
    mark = _MARKS.get(media_type) or _MARKS.get(media_type.partition(";")[0].strip().lower())
    return Demand(1 if mark is None else max(1, content.count(mark) - 1), 0, _BYTES_A_BYTE * len(content))
