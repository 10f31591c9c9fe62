"""What a bundle says of its confidence, and what older ones do not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omloop.bundle import Bundle
from omloop.bundle.confidence import CONFIDENCE, Confidence, ReliabilityBin, Sureness, confidence_in, encode_confidence
from omloop.bundle.manifest import decode_manifest, encode_manifest
from omloop.core import BundleError, Estimate
from omloop.kinds import Classes, Number
from omloop.kinds.number import Interval
from omloop.testing.bundles import tiny_bundle, tiny_sure_bundle

SURE = Sureness(0.05, 0.1, 0.3, 0.9, 0.92)
OF_CLASSES = Confidence(
    "temperature",
    "It is better.",
    50,
    80,
    "temperature 0.5",
    SURE,
    SURE,
    0.04,
    (ReliabilityBin(0.2, 0.4, 9, 0.3, 0.3),),
)
OF_A_NUMBER = Confidence(
    "split conformal", "By 50.", 50, 80, level=0.9, half=8.25, coverage=Estimate(0.9, 0.8, 0.95), width=16.0
)


@pytest.mark.parametrize("found", [OF_CLASSES, OF_A_NUMBER, Confidence("none", "Too few.", 3, 80)])
def test_what_is_written_is_read_again(found: Confidence) -> None:
    assert confidence_in({CONFIDENCE: encode_confidence(found)}) == found


def test_a_bundle_of_an_older_omloop_says_nothing() -> None:
    assert confidence_in(tiny_bundle().files) is None


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(BundleError, match="Package the model again"):
        confidence_in({CONFIDENCE: b'{"method": 3}'})


def test_an_interval_survives_the_manifest() -> None:
    output = Number("score", unit="points", low=0, high=100, interval=Interval(0.9, 8.25))
    manifest = replace(tiny_bundle().manifest, outputs=output.describe())
    assert decode_manifest(encode_manifest(manifest)).output() == output


def test_a_manifest_without_an_interval_is_the_one_that_it_was() -> None:
    """To the byte: its digest is its name."""
    told = json.loads(encode_manifest(tiny_bundle().manifest))
    expected = {"kind": "number", "name": "score", "unit": "points", "low": -1000.0, "high": 1000.0}
    assert told["outputs"] == expected
    mood = Classes("mood", ("sad", "happy")).describe()
    assert mood == {"kind": "classes", "name": "mood", "classes": ["sad", "happy"], "flags": {}}


def test_a_bundle_with_an_interval_loads(tmp_path: Path) -> None:
    made = tiny_sure_bundle()
    made.save(tmp_path / "bundle")
    found = Bundle.open(tmp_path / "bundle")
    assert found.output.answer(np.array([5.0])) == [{"value": 5.0, "interval": [-3.0, 13.0]}]
    assert confidence_in(found.files) == confidence_in(made.files) is not None
