r"""The form of one record in a segment: a line of its checksum, its length and its JSON.

    f9a5efc2 91 {"kind":"label","id":"18c1…","label":61.5,"time":1763690000.0,"number":1}\n

The checksum is the CRC-32 of the JSON (`zlib.crc32`), as eight hexadecimal digits; the length counts its bytes. JSON
holds no line break, so a reader that meets a broken record continues at the next line. New versions only add fields: a
reader takes the default for a missing field, and ignores an unknown one.
"""

import zlib
from dataclasses import asdict

import msgspec
import orjson

from omloop.core import DataError, Prediction, RefusalCount, Shadow


class PredictionRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="prediction"):
    """A prediction read back from the log; `inputs` and `output` are still JSON."""

    id: str
    time: float
    version: str
    inputs: msgspec.Raw
    output: msgspec.Raw
    latency_ms: float
    variant: str = "model.onnx"
    key: str | None = None


class LabelRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="label"):
    """A received label; `label` is JSON. `number` counts a prediction's labels from 1; the highest counts."""

    id: str
    label: msgspec.Raw
    time: float
    number: int


class ShadowRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="shadow"):
    """What a version on trial answered to a prediction's input; `output` is JSON, null where it could not answer."""

    id: str
    time: float
    version: str
    output: msgspec.Raw
    latency_ms: float


class RefusalRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="refusal"):
    """How many rows a server refused within a short time, by fault; never their values."""

    time: float
    version: str
    field: str
    reason: str
    rows: int


Record = PredictionRecord | LabelRecord | ShadowRecord | RefusalRecord
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


def frame_prediction(prediction: Prediction) -> bytes:
    """The line that keeps `prediction`; raises DataError when it holds something that JSON cannot."""
    return _frame(
        {
            "kind": "prediction",
            "id": prediction.id,
            "time": prediction.time,
            "version": prediction.version,
            "inputs": prediction.inputs,
            "output": prediction.output,
            "latency_ms": prediction.latency_ms,
            "variant": prediction.variant,
            "key": prediction.key,
        }
    )


def frame_shadow(shadow: Shadow) -> bytes:
    """The line that keeps `shadow`; raises DataError when it holds something that JSON cannot."""
    return _frame(
        {
            "kind": "shadow",
            "id": shadow.id,
            "time": shadow.time,
            "version": shadow.version,
            "output": shadow.output,
            "latency_ms": shadow.latency_ms,
        }
    )


def frame_refusal(refused: RefusalCount) -> bytes:
    """The line that keeps `refused`."""
    return _frame({"kind": "refusal", **asdict(refused)})


def frame_label(record: LabelRecord) -> bytes:
    """The line that keeps a label."""
    return _seal(msgspec.json.encode(record))


def to_json(value: object) -> bytes:
    """`value` as JSON, NaN as null; raises DataError when JSON cannot hold it."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except orjson.JSONEncodeError as error:
        raise DataError(f"A record for the prediction log must be made of JSON values, but: {error}.") from error


def read_record(line: bytes) -> Record | None:
    r"""The record on a whole line, or None for a broken line.

    >>> line = frame_label(LabelRecord("a", msgspec.Raw(b"61.5"), 0.0, 1))
    >>> read_record(line).id
    'a'
    >>> read_record(line.replace(b"61.5", b"91.5")) is None
    True
    """
    try:
        checksum, length, content = line.rstrip(b"\n").split(b" ", 2)
        if int(length) != len(content) or int(checksum, 16) != zlib.crc32(content):
            return None
        return _decoder.decode(content)
    except (ValueError, msgspec.DecodeError):
        return None


def _frame(record: dict[str, object]) -> bytes:
    return _seal(to_json(record))


def _seal(content: bytes) -> bytes:
    return b"%08x %d %b\n" % (zlib.crc32(content), len(content), content)
