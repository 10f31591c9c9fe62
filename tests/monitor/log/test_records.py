"""One record, one line; a broken line is never taken for a record."""

import math
import zlib
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import DataError, Prediction
from omloop.monitor.log.records import PredictionRecord, frame_prediction, read_record

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OLD = (
    b'{"kind":"prediction","id":"18c4b0f2a96d31e0b7a25f90cc","time":1763690000.5,"version":"0a1b2c3d4e5f",'
    b'"inputs":{"age":19},"output":{"value":61.25},"latency_ms":0.4}'
)
SAMPLE = Prediction("a", 1.0, "v1", {"age": 19, "word": "naïve\n"}, {"value": 61.25}, 0.5)


@settings(max_examples=50)
@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_record_is_read_back_as_it_was_written(inputs: dict[str, Any]) -> None:
    line = frame_prediction(Prediction("a", 1.0, "v1", inputs, {}, 0.5))
    assert line.count(b"\n") == 1
    record = read_record(line)
    assert isinstance(record, PredictionRecord)
    assert orjson.loads(bytes(record.inputs)) == inputs


@settings(max_examples=100)
@given(st.integers(0, len(frame_prediction(SAMPLE)) - 2), st.integers(0, 7))
def test_a_flipped_bit_is_noticed_or_changes_nothing(position: int, bit: int) -> None:
    """A bit of a hexadecimal digit's case may flip: then the checksum is the same number."""
    line = bytearray(frame_prediction(SAMPLE))
    line[position] ^= 1 << bit
    record = read_record(bytes(line))
    assert record is None or record == read_record(frame_prediction(SAMPLE))


@pytest.mark.parametrize("line", [b"", b"\n", b"word\n", b"1 2\n", b"00000000 0 \n", b"zz 2 {}\n", b"\xff\xfe 1 x\n"])
def test_what_is_no_record_is_none(line: bytes) -> None:
    assert read_record(line) is None


def test_a_number_that_json_cannot_hold_becomes_null() -> None:
    record = read_record(frame_prediction(Prediction("a", 1.0, "v1", {"age": math.nan}, {}, 0.5)))
    assert isinstance(record, PredictionRecord)
    assert bytes(record.inputs) == b'{"age":null}'


@pytest.mark.parametrize("value", [object(), "\ud800", 2**70])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(DataError, match="must be made of JSON values"):
        frame_prediction(Prediction("a", 1.0, "v1", {"age": value}, {}, 0.5))


def test_a_record_of_before_variants_and_keys_is_read() -> None:
    """Fields are only ever added, so what a reader does not find has its default."""
    record = read_record(b"%08x %d %b\n" % (zlib.crc32(OLD), len(OLD), OLD))
    assert isinstance(record, PredictionRecord)
    assert (record.id, record.latency_ms) == ("18c4b0f2a96d31e0b7a25f90cc", 0.4)
    assert (record.variant, record.key) == ("model.onnx", None)


def test_a_record_with_fields_of_a_later_omloop_is_read() -> None:
    content = OLD.replace(b'"kind"', b'"later":{"x":[1]},"kind"')
    record = read_record(b"%08x %d %b\n" % (zlib.crc32(content), len(content), content))
    assert isinstance(record, PredictionRecord)


def test_a_caller_and_a_variant_are_kept() -> None:
    record = read_record(frame_prediction(Prediction("a", 1.0, "v1", {}, {}, 0.5, "int8.onnx", "caller-7")))
    assert isinstance(record, PredictionRecord)
    assert (record.variant, record.key) == ("int8.onnx", "caller-7")
