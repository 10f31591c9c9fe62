"""Bounds on an ONNX file, checked on its bytes before any engine sees it.

An engine opens files that a graph names, and takes memory for what the graph declares. This module walks the file as
the protocol buffer that it is (https://protobuf.dev/programming-guides/encoding/, fields as in onnx.proto). It does
without the library `onnx`, which a server does not have.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

from omloop.bundle.engine.axis_ranges import RANGE, MainGraph, SmallNode
from omloop.core import BundleError

MOST_NODES = 100_000
"""Engines take time and memory for each, however small the file."""
MOST_TENSORS = 100_000
MOST_DEPTH = 16
"""Graphs within graphs, as a branch or a loop holds them."""
ELEMENTS_A_BYTE = 8
"""No type of ONNX packs more elements into a byte (it has 2 and 4 bits at least)."""

MOST_UNFOLDED = 2**28
"""Most elements of a sparse tensor once an engine unfolds it: 1 GiB of float32."""

GROWS = frozenset(
    ["ConstantOfShape", "Expand", "EyeLike", "Loop", "OneHot", "Pad", "Range", "Resize", "Scan", "Tile", "Upsample"]
)
"""Operators whose work or output depends on a value, not on the size of the file."""
_KNOWN_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}

_IN_MAIN = 2  # how deep the nodes and tensors of the outermost graph lie: model, graph, node
_INPUT, _INT64 = 11, 7  # a graph's field, and a tensor's type

# Field numbers by message: those of more messages, by the name of what they hold.
_INSIDE = {
    "model": {7: "graph", 25: "function"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
# An attribute's numbers stand one by one, millions of them in a forest: each run of them is passed over at once.
_RUNS = {0x3D: re.compile(rb"(?:\x3d.{4})++", re.DOTALL), 0x40: re.compile(rb"(?:\x40[\x80-\xff]*+[\x00-\x7f])++")}


MOST_KNOWN = 32
"""How many files' operators it remembers by digest: a server opens the same few again and again."""
_KNOWN: dict[str, frozenset[str]] = {}


@dataclass
class _Found:
    nodes: int = 0
    tensors: int = 0
    ranges: int = 0
    operators: set[str] = field(default_factory=set)
    main: MainGraph = field(default_factory=MainGraph)


def operators_of(model: bytes, digest: str = "") -> frozenset[str]:
    """The operators of an ONNX file within the bounds; one of an unknown domain as `domain.name`.

    They leave out `Range` if every range counts along an axis of an input, because then the inputs bound it. Raises
    BundleError for data outside the file, and for more nodes or tensors than the bounds. Raises it too for a tensor
    that declares more elements than it holds, and for anything but a protocol buffer. It remembers the last
    `MOST_KNOWN` graphs: a server asks twice about each, and a forest's takes half a second. `digest` is the file's
    SHA-256, 64 hexadecimal digits, if known; computing it takes a tenth of a second for 100 MB.
    """
    content = digest or hashlib.sha256(model).hexdigest()
    if content in _KNOWN:
        return _KNOWN[content]
    found = _Found()
    try:
        _walk(model, 0, len(model), "model", found, 0)
    except (IndexError, ValueError) as error:
        raise BundleError(
            "The model is no ONNX file, or is cut off: its fields do not add up. Package it again."
        ) from error
    while len(_KNOWN) >= MOST_KNOWN:
        _KNOWN.pop(next(iter(_KNOWN)), None)
    if found.ranges == len(found.main.ranges) and found.main.count_along_axes():
        found.operators.discard(RANGE)
    _KNOWN[content] = frozenset(found.operators)
    return _KNOWN[content]


def _walk(model: bytes, start: int, end: int, message: str, found: _Found, depth: int) -> None:
    if depth > MOST_DEPTH * 3:  # node, attribute, graph
        raise BundleError(f"The graph nests deeper than {MOST_DEPTH} graphs. Package a flatter model.")
    if message == "tensor":
        name, number = _check_tensor(model, start, end, found)
        if depth == _IN_MAIN:
            found.main.numbers[name] = None if name in found.main.numbers else number
        return
    if message == "node":
        node = _note_node(model, start, end, found)
        if depth == _IN_MAIN:
            found.main.add(node)
    if message == "sparse":
        _check_sparse(model, start, end)
    inside = _INSIDE[message]
    for number, kind, begin, stop in _fields(model, start, end, runs=message == "attribute"):
        if kind == 2 and number in inside:
            _walk(model, begin, stop, inside[number], found, depth + 1)
        elif kind == 2 and number == _INPUT and message == "graph" and depth == _IN_MAIN - 1:
            found.main.inputs |= {
                _text(model, at, to) for field, _, at, to in _fields(model, begin, stop) if field == 1
            }


def _note_node(model: bytes, start: int, end: int, found: _Found) -> SmallNode:
    found.nodes += 1
    if found.nodes > MOST_NODES:
        raise BundleError(f"The graph has more than {MOST_NODES:,} nodes. Package a smaller model.")
    operator = domain = ""
    takes, gives = list[str](), list[str]()
    for number, kind, begin, stop in _fields(model, start, end):
        if kind == 2 and number in (1, 2):
            (takes if number == 1 else gives).append(_text(model, begin, stop))
        elif kind == 2 and number in (4, 7):
            text = _text(model, begin, stop)
            operator, domain = (text, domain) if number == 4 else (operator, text)
    whole = operator if domain in _KNOWN_DOMAINS else f"{domain}.{operator}"
    found.operators.add(whole)
    found.ranges += whole == RANGE
    return SmallNode(whole, tuple(takes), tuple(gives))


def _check_tensor(model: bytes, start: int, end: int, found: _Found) -> tuple[str, int | None]:
    """Check a tensor; gives its name, and its value where it is one whole number."""
    found.tensors += 1
    if found.tensors > MOST_TENSORS:
        raise BundleError(f"The graph has more than {MOST_TENSORS:,} tensors. Package a smaller model.")
    sizes, values, name, form, outside = list[int](), list[int | None](), "", 0, False
    for number, kind, begin, stop in _fields(model, start, end):
        if number == 1:
            sizes += [begin] if kind == 0 else _packed(model, begin, stop)
        elif number == 2:
            form = begin
        elif number == 8 and kind == 2:
            name = _text(model, begin, stop)
        elif number == 9 and kind == 2:
            values.append(int.from_bytes(model[begin:stop], "little", signed=True) if stop - begin == 8 else None)
        elif number == 7:
            values += [begin] if kind == 0 else _packed(model, begin, stop) if stop - begin <= 10 else [None]
        outside = outside or number == 13 or (number == 14 and begin != 0)
    if outside:
        raise BundleError(
            f"The tensor {_short(name)} keeps its data outside the model's file, where anything may lie. "
            "Package the model again with all data in one file."
        )
    if prod(sizes) > ELEMENTS_A_BYTE * (end - start):
        raise BundleError(
            f"The tensor {_short(name)} declares {prod(sizes):,} elements and holds {end - start:,} bytes. "
            "The model was changed or cut; package it again."
        )
    single = form == _INT64 and len(values) == 1 and prod(sizes) == 1
    return name, values[0] if single else None


def _check_sparse(model: bytes, start: int, end: int) -> None:
    """Refuse what would unfold beyond bounds: an engine takes memory for all zeros of a sparse tensor."""
    sizes = list[int]()
    for number, kind, begin, stop in _fields(model, start, end):
        if number == 3:
            sizes += [begin] if kind == 0 else _packed(model, begin, stop)
    if prod(sizes) > MOST_UNFOLDED:
        raise BundleError(
            f"A sparse tensor unfolds to {prod(sizes):,} elements; the most is {MOST_UNFOLDED:,}. "
            "Package a smaller model."
        )


def _fields(model: bytes, start: int, end: int, *, runs: bool = False) -> Iterator[tuple[int, int, int, int]]:
    """Each field's number, wire type, and where its content lies; a varint gives its value in place of a beginning."""
    position = start
    while position < end:
        if runs and (run := _RUNS.get(model[position])) and (passed := run.match(model, position, end)):
            position = passed.end()
            continue
        key, position = _varint(model, position)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, position = _varint(model, position)
            yield number, kind, value, position
            continue
        length = {1: 8, 5: 4}.get(kind, -1)
        if kind == 2:
            length, position = _varint(model, position)
        if length < 0 or position + length > end:
            raise ValueError("a field ends behind its message")
        yield number, kind, position, position + length
        position += length
    if position != end:
        raise ValueError("a field ends behind its message")


def _packed(model: bytes, start: int, end: int) -> list[int]:
    values = list[int]()
    while start < end:
        value, start = _varint(model, start)
        values.append(value)
    return values


def _text(model: bytes, start: int, end: int) -> str:
    return model[start:end].decode("utf-8", "replace")


def _short(name: str) -> str:
    return repr(name[:60])


def _varint(model: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = model[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
