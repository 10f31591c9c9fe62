"""What it costs to walk a graph before it is loaded, and to try one apart: `python benchmarks/bundle_bounds.py`."""

import time
from collections.abc import Callable

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

from omloop.bundle import MODEL, Bundle
from omloop.bundle.engine import apart
from omloop.bundle.engine.graph_bounds import operators_of
from omloop.testing.bundles import tiny_bundle


def main() -> None:
    """Print milliseconds of CPU for graphs of several sizes, and seconds for a child process."""
    draw = np.random.default_rng(0)
    rows, target = draw.normal(size=(5000, 10)).astype(np.float32), draw.normal(size=5000)
    models = {
        "tiny": tiny_bundle().files[MODEL],
        "100 boosted trees": graph(HistGradientBoostingRegressor(max_iter=100), rows, target),
        "forest of 100 trees": graph(RandomForestRegressor(100, n_jobs=1), rows, target),
    }
    for name, model in models.items():
        print(f"{name}: {len(model) / 1e6:.2f} MB, walked in {1e3 * seconds(lambda m=model: operators_of(m)):.2f} ms")
    bundle: Bundle = tiny_bundle()
    apart.is_unbounded = lambda model, digest="": True
    print(f"tried apart: {seconds(lambda: (apart._tried.clear(), apart.try_apart(bundle)), wall=True):.2f} s")


def graph(estimator: object, rows: np.ndarray, target: np.ndarray) -> bytes:
    """The estimator, fitted, as an ONNX file."""
    return to_onnx(estimator.fit(rows, target), rows[:1]).SerializeToString()


def seconds(work: Callable[[], object], *, wall: bool = False) -> float:
    """The shortest of five runs."""
    clock, times = time.perf_counter if wall else time.process_time, []
    for _ in range(5):
        began = clock()
        work()
        times.append(clock() - began)
    return min(times)


if __name__ == "__main__":
    main()
