import msgspec
import numpy as np
import pytest

from omloop.bundle import Baseline, Bundle, Calibration
from omloop.core import BundleError, Estimate
from omloop.testing.bundles import tiny_bundle

BASELINE = Baseline(
    "error rate", 50, Estimate(0.1, 0.05, 0.2), 1.0, 0.2, Calibration((0.6, 0.9), (20, 30), (0.2, 0.1), (0.16, 0.09))
)


def test_a_bundle_gives_its_baseline_back() -> None:
    plain = tiny_bundle()
    bundle = Bundle.seal(plain.manifest, {**plain.files, "baseline.json": msgspec.json.encode(BASELINE)})
    assert bundle.baseline == BASELINE


def test_an_older_bundle_has_neither_baseline_nor_sample() -> None:
    assert tiny_bundle().baseline is None and tiny_bundle().sample is None


@pytest.mark.parametrize("name", ["baseline", "sample"])
def test_a_broken_file_is_refused_by_its_name(name: str) -> None:
    plain = tiny_bundle()
    bundle = Bundle.seal(plain.manifest, {**plain.files, f"{name}.json": b"{}"})
    with pytest.raises(BundleError, match=rf"{name}\.json cannot be read"):
        getattr(bundle, name)


def test_an_error_counts_for_its_bound_at_most() -> None:
    assert BASELINE.bound_errors(np.array([0.0, 0.5, 9.0])).tolist() == [0.0, 0.5, 1.0]
