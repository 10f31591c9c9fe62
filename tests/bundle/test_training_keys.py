"""The keys that a version keeps of what it learned from."""

import msgspec
import numpy as np
import pytest

from omloop.bundle import TRAINING_KEYS, Bundle, TrainingKeys
from omloop.core import BundleError
from omloop.testing.bundles import tiny_bundle

RNG = np.random.default_rng(1)
KEYS = RNG.integers(1, 2**40, 20_000).astype(np.uint64)


def test_every_key_is_found_again_and_hardly_another() -> None:
    known = msgspec.json.decode(TrainingKeys.of(("a",), KEYS).encode(), type=TrainingKeys)
    assert known.holds(KEYS).all()
    assert not known.holds(RNG.integers(1, 2**40, 20_000).astype(np.uint64)).any()
    assert known.false_positives == pytest.approx(20_000 / 2**40)
    assert len(known.keys) == 5 * 20_000


def test_the_order_and_repeats_of_the_keys_do_not_matter() -> None:
    assert TrainingKeys.of(("a",), KEYS) == TrainingKeys.of(("a",), np.concatenate([KEYS[::-1], KEYS[:7]]))


def test_the_smallest_and_the_largest_key_survive() -> None:
    ends = np.array([1, 2**40 - 1], np.uint64)
    assert TrainingKeys.of(("a",), ends).numbers.tolist() == ends.tolist()


def test_no_keys_hold_nothing() -> None:
    assert not TrainingKeys.of(("a",), np.zeros(3, np.uint64)).holds(np.zeros(2, np.uint64)).any()


def test_a_bundle_of_an_older_omloop_has_none() -> None:
    assert tiny_bundle().training_keys is None


@pytest.mark.parametrize("content", [b"{}", b"\xff", b'{"by": ["a"], "keys": "AAAA", "false_positives": 0.0}'])
def test_what_is_cut_or_something_else_is_refused(content: bytes) -> None:
    old = tiny_bundle()
    bundle = Bundle.seal(old.manifest, {**old.files, TRAINING_KEYS: content})
    with pytest.raises(BundleError, match="training_keys.json .* Package the model again"):
        _ = bundle.training_keys
