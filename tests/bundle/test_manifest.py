"""The manifest: read strictly, written the same way every time."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from omloop.bundle import Cost, Manifest
from omloop.bundle.manifest import decode_manifest, encode_manifest
from omloop.core import BundleError, Estimate, UnknownNameError
from omloop.kinds import Classes, Number, Table
from omloop.testing.bundles import TABLE, tiny_bundle


@pytest.fixture
def manifest() -> Manifest:
    return tiny_bundle().manifest


def changed(manifest: Manifest, **changes: Any) -> bytes:
    return json.dumps(json.loads(encode_manifest(manifest)) | changes).encode()


def test_a_manifest_comes_back_as_it_was_written(manifest: Manifest) -> None:
    assert decode_manifest(encode_manifest(manifest)) == manifest


def test_the_same_content_is_the_same_bytes_whatever_the_order_of_its_keys(manifest: Manifest) -> None:
    backwards = replace(manifest, inputs=dict(reversed(manifest.inputs.items())))
    assert encode_manifest(backwards) == encode_manifest(manifest)


def test_a_manifest_is_for_people_too(manifest: Manifest) -> None:
    content = encode_manifest(manifest)
    assert content.endswith(b"\n")
    assert len(content.splitlines()) > 50


def test_a_score_without_a_value_survives(manifest: Manifest) -> None:
    """R² of one row has no value, and JSON has no NaN."""
    (name,) = manifest.variants
    nothing = replace(manifest.variants[name], metrics={"r2": Estimate(float("nan"), float("nan"), 1.0)})
    content = encode_manifest(replace(manifest, variants={name: nothing}))
    again = decode_manifest(content)
    found = again.variants[name].metrics["r2"]
    assert math.isnan(found.value) and math.isnan(found.low) and found.high == 1.0 and not found.defined
    assert encode_manifest(again) == content


def test_kind_and_output_are_restored(manifest: Manifest) -> None:
    assert manifest.kind({}) == TABLE
    assert isinstance(manifest.output(), Number)
    assert isinstance(tiny_bundle(classes=("sad", "happy")).manifest.output(), Classes)


@pytest.mark.parametrize("number", [0, 2, "1", None, [1] * 1000])
def test_another_format_says_which_one_is_read(number: Any, manifest: Manifest) -> None:
    with pytest.raises(BundleError, match=r"has format .*; this omloop reads format 1\. Package the model again\."):
        decode_manifest(changed(manifest, format=number))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b'{"format": 1}', b'{"format": true}', b"[" * 100_000, b"\x80\x04."]
)
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(BundleError):
        decode_manifest(content)


@pytest.mark.parametrize(
    "changes", [{"project": 1}, {"files": ["a"]}, {"variants": []}, {"variants": {"a": None}}, {"lineage": {}}]
)
def test_a_field_of_another_type_is_refused_by_its_path(changes: dict[str, Any], manifest: Manifest) -> None:
    (name,) = changes
    with pytest.raises(BundleError, match=f"manifest.json is not a bundle's manifest: .*{name}"):
        decode_manifest(changed(manifest, **changes))


@pytest.mark.parametrize("described", [{}, {"kind": "tabel"}, {"kind": ["table"]}])
def test_an_unknown_kind_is_refused_with_the_known_ones(described: dict[str, Any], manifest: Manifest) -> None:
    with pytest.raises(UnknownNameError, match="There are: .*table"):
        replace(manifest, inputs=described).kind({})
    with pytest.raises(UnknownNameError, match="There are: classes, number"):
        replace(manifest, outputs=described).output()


def test_a_kind_that_is_wrongly_described_is_a_bundle_error(manifest: Manifest) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json describes no kind: "):
        replace(manifest, inputs={"kind": "table", "columns": 3}).kind({})
    with pytest.raises(BundleError, match=r"manifest\.json describes no output: "):
        replace(manifest, outputs={"kind": "number"}).output()


def test_every_field_of_the_table_is_in_its_description() -> None:
    described = TABLE.describe()
    assert described.pop("kind") == "table"
    assert set(described) == set(Table.__struct_fields__)


def test_a_form_is_kept_with_all_that_was_measured_of_it(manifest: Manifest) -> None:
    (name,) = manifest.variants
    cost = Cost(1.0, 2.0, 1.5, 8, 9.0, 9.5, 1.2, 800.0, 1000, 0)
    drop = Estimate(0.001, -0.001, 0.003)
    form = replace(manifest.variants[name], engine="openvino", precision="int8", file="int8.onnx", drop=drop, cost=cost)
    kept = replace(manifest, variants={name: form}, served=name)
    assert decode_manifest(encode_manifest(kept)) == kept


def test_what_is_assumed_anyway_is_not_written_so_that_older_bundles_keep_their_name(manifest: Manifest) -> None:
    content = encode_manifest(manifest)
    assert not any(word in content for word in (b"served", b"engine", b"precision", b"cost", b"drop", b"caution"))
    assert encode_manifest(decode_manifest(content)) == content


def test_a_caution_travels_in_the_manifest(manifest: Manifest) -> None:
    warned = replace(manifest, caution="This is no medical diagnosis.")
    assert decode_manifest(encode_manifest(warned)) == warned
