"""Tensors as bytes: the binary extension of the Open Inference Protocol, as Triton's clients speak it by default.

A body is a JSON object, with its length in a header, and behind it the data of each tensor that gives a
`binary_data_size`, in their order. Numbers are little-endian; each text has its length before it as four bytes. See
https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from omloop.serve.refusal import Refusal

HEADER = "inference-header-content-length"
"""The request's and the answer's header: how many bytes of the body are JSON."""
_NUMPY = {
    "BOOL": "?",
    "UINT8": "u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "BF16": "<u2",
    "FP32": "<f4",
    "FP64": "<f8",
}
DATATYPES = (*_NUMPY, "BYTES")
_PREFIX = 4


def split_body(content: bytes, length: str | None) -> tuple[bytes, bytes]:
    """The JSON and the data behind it; `length` is the header's value. Raises Refusal 400."""
    if length is None:
        return content, b""
    given = length.strip()
    if not (given.isascii() and given.isdigit() and len(given) < 12 and int(given) <= len(content)):
        raise Refusal(
            400,
            f"is '{given:.20}'; send how many of the {len(content)} bytes are JSON",
            field=HEADER,
            code="invalid_header",
        )
    return content[: int(given)], content[int(given) :]


def values_of(datatype: str, data: bytes, count: int, where: str) -> Sequence[object]:
    """The `count` values of one tensor: numbers, or `bytes` each; NaN is absent, None. Raises Refusal 400.

    It makes no more values than that, whatever the data holds.
    """
    if datatype == "BYTES":
        texts = list(islice(_texts(data, where), count + 1))
        if len(texts) != count:
            many = f"more than {count}" if len(texts) > count else len(texts)
            raise Refusal(400, f"has {many} values, the shape says {count}", field=where)
        return texts
    dtype = np.dtype(_NUMPY[datatype])
    if len(data) != count * dtype.itemsize:
        told = (
            f"has {len(data)} bytes; {count} values of {datatype}, which the shape says, have {count * dtype.itemsize}"
        )
        raise Refusal(400, told, field=where)
    values = np.frombuffer(data, dtype)
    if datatype == "BF16":  # the upper half of an FP32
        values = (values.astype(np.uint32) << 16).view(np.float32)
    if values.dtype.kind != "f":
        plain: list[object] = values.tolist()
        return plain
    if np.isinf(values).any():
        where = f"{where}[{int(np.argmax(np.isinf(values)))}]"
        raise Refusal(400, "is infinite; send a finite number, or NaN where the value is absent", field=where)
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124


def bytes_of(datatype: str, values: Sequence[Any]) -> bytes:
    """The data of one tensor.

    >>> bytes_of("BYTES", ["ab"]), bytes_of("BOOL", [True])
    (b'\\x02\\x00\\x00\\x00ab', b'\\x01')
    """
    if datatype != "BYTES":
        return np.array(values, _NUMPY[datatype]).tobytes()
    written = [value.encode() for value in values]
    return b"".join(len(one).to_bytes(_PREFIX, "little") + one for one in written)


def _texts(data: bytes, where: str) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        begin = start + _PREFIX
        start = begin + int.from_bytes(data[start:begin], "little")
        if begin > len(data) or start > len(data):
            raise Refusal(400, "ends within a value; send each with its length before it, in four bytes", field=where)
        yield data[begin:start]
