"""Values on a pipe between this process and one of its own: a length and MessagePack each."""

from __future__ import annotations

import struct
from typing import IO, Any

import msgspec

_LENGTH = struct.Struct("<Q")


def send_frame(pipe: IO[bytes], *value: object) -> None:
    """Write a value of texts, numbers, bytes, sequences and mappings; raises OSError where nobody reads."""
    content = msgspec.msgpack.encode(value)
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> Any:
    """Read the next value, as a list; raises EOFError where the other process ended."""
    head = pipe.read(_LENGTH.size)
    content = pipe.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
    if not content:
        raise EOFError("the other process ended")
    return msgspec.msgpack.decode(content)
