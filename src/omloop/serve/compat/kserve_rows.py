"""Reads a request of the Open Inference Protocol: its tensors as rows, and the wanted outputs."""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from omloop.serve.compat.tensors import DATATYPES, HEADER, split_body, values_of
from omloop.serve.compat.way import decoded_as_sent, rows_body
from omloop.serve.refusal import Refusal
from omloop.serve.version.serving import Serving


@dataclass(frozen=True)
class ReadRequest:
    """A decoded request: its rows in our own words, the client's id for it, and the wanted outputs.

    `wanted` says for each output by name whether it comes as bytes.
    """

    rows: bytes
    named: Mapping[str, str]
    wanted: Mapping[str, bool]


@dataclass(frozen=True)
class Reading:
    """Reads requests for one version: `outputs` are the names of its outputs, `most` how many rows it takes."""

    serving: Serving
    outputs: Sequence[str]
    most: int

    def read(self, content: bytes, length: str | None) -> ReadRequest:
        """The request; `length` is how many bytes of it are JSON, as the header says. Raises Refusal 400."""
        head, data = split_body(content, length)
        body, behind = decoded_as_sent(head), _Data(data)
        if not isinstance(body, dict) or not isinstance(body.get("inputs"), list) or not body["inputs"]:
            raise Refusal(400, 'the body must be an object with tensors, {"inputs": [...]}')
        if not isinstance(body.get("id", ""), str):
            raise Refusal(400, "must be a text", field="id")
        columns = self._columns(body["inputs"], behind)
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        named = {"id": body["id"]} if "id" in body else {}
        return ReadRequest(rows_body(rows), named, _wanted(body, self.outputs))

    def _columns(self, tensors: Sequence[object], behind: "_Data") -> dict[str, list[object]]:
        columns: dict[str, list[object]] = {}
        written = _base64 if takes_pictures(self.serving) else _text
        for index, tensor in enumerate(tensors):
            name, values = _tensor(tensor, f"inputs[{index}]", behind, self.most)
            if name in columns:
                raise Refusal(400, f"the tensor '{name:.80}' is there twice", field=f"inputs[{index}].name")
            columns[name] = [written(value, f"inputs[{index}].data") for value in values]
        if behind.left:
            raise Refusal(400, f"{behind.left} bytes are left behind the tensors; each says its binary_data_size")
        counts = {len(values) for values in columns.values()}
        if len(counts) > 1:
            told = ", ".join(map(str, sorted(counts)))
            raise Refusal(400, f"the tensors have different lengths: {told}", field="inputs")
        return columns


def takes_pictures(serving: Serving) -> bool:
    """Whether the version's rows are pictures."""
    return any(media.startswith("image/") for media in serving.kind.media_types)


class _Data:
    """The data behind the JSON, taken from its begin."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._taken = 0

    @property
    def left(self) -> int:
        """How many bytes nobody has taken yet."""
        return len(self._data) - self._taken

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        self._taken += size
        return self._data[self._taken - size : self._taken]


def _text(value: object, name: str) -> object:
    """A value of a tensor as JSON has it."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Refusal(400, "must be a text in UTF-8", field=name) from error


def _base64(value: object, name: str) -> object:
    """A picture in its JSON form. No picture format is ASCII throughout, so ASCII bytes are already encoded."""
    if not isinstance(value, bytes):
        return value
    return (value if value.isascii() else base64.b64encode(value)).decode()


def _tensor(tensor: object, where: str, behind: _Data, most: int) -> tuple[str, Sequence[object]]:
    """A tensor's name and its values, one a row, `most` at most; from its own data, or from those `behind` the JSON."""
    if not isinstance(tensor, dict) or not {"name", "shape", "datatype"} <= tensor.keys():
        raise Refusal(400, "must be an object with name, shape, datatype and data", field=where)
    name, shape, size = tensor["name"], tensor["shape"], _binary_size(tensor, where, behind)
    if not isinstance(name, str):
        raise Refusal(400, "must be a text", field=f"{where}.name")
    if tensor["datatype"] not in DATATYPES:
        raise Refusal(400, f"must be one of {', '.join(DATATYPES)}", field=f"{where}.datatype")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise Refusal(400, "must be a list of whole numbers", field=f"{where}.shape")
    if len(shape) not in (1, 2) or shape[1:] not in ([], [1]):
        raise Refusal(400, "must be [n] or [n, 1], one value a row", field=f"{where}.shape")
    count = math.prod(shape)
    if size is not None and count > most:
        raise Refusal(400, f"{count:,} rows are too many; send at most {most:,} a request", field=f"{where}.shape")
    if size is not None:
        return name, values_of(tensor["datatype"], behind.take(size), count, f"{where}.data")
    values = [one[0] if isinstance(one, list) and len(one) == 1 else one for one in tensor["data"]]
    if len(values) != count:
        raise Refusal(400, f"has {len(values)} values, the shape says {count}", field=f"{where}.data")
    return name, values


def _binary_size(tensor: Mapping[str, object], where: str, behind: _Data) -> int | None:
    """How many bytes behind the JSON are the tensor's; None where it has a list of values. Raises Refusal 400."""
    parameters = tensor.get("parameters")
    size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    if size is not None and "data" not in tensor:
        if type(size) is int and 0 <= size <= behind.left:
            return size
        told = f"must be a number of bytes; {behind.left} are left behind the JSON, if {HEADER} says where it ends"
        raise Refusal(400, told, field=f"{where}.parameters.binary_data_size")
    if not isinstance(tensor.get("data"), list):
        told = "must be a list; or leave it away, and give binary_data_size among the parameters"
        raise Refusal(400, told, field=f"{where}.data")
    return None


def _wanted(body: Mapping[str, object], there: Sequence[str]) -> Mapping[str, bool]:
    """The wanted outputs, by default all, and whether each comes as bytes; raises Refusal 400."""
    outputs = body.get("outputs", [])
    always = _parameters(body).get("binary_data_output") is True
    if not isinstance(outputs, list) or not all(isinstance(one, dict) for one in outputs):
        raise Refusal(400, "must be a list of objects with a name", field="outputs")
    for index, output in enumerate(outputs):
        where = f"outputs[{index}]"
        if output.get("name") not in there:
            raise Refusal(400, f"must be one of {', '.join(there)}", field=f"{where}.name")
        for name in ("classification", "shared_memory_region"):
            if _parameters(output).get(name):
                raise Refusal(400, "is not there; leave it away", field=f"{where}.parameters.{name}")
    chosen = {output["name"]: _parameters(output).get("binary_data", always) is True for output in outputs}
    return chosen or dict.fromkeys(there, always)


def _parameters(value: Mapping[str, object]) -> Mapping[str, object]:
    given = value.get("parameters")
    return given if isinstance(given, dict) else {}
