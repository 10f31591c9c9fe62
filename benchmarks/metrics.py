"""How long a metric with its interval takes, and what the intervals of importance cost.

python benchmarks/metrics.py [ROWS]
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Metric
from omloop.evaluate import estimate, metric, permutation_importance
from omloop.evaluate.importance import SHUFFLES
from omloop.kinds import Classes, Column, Number, Table

COLUMNS = 20


def measured(work: Callable[[], Any]) -> float:
    """The least seconds of three goes."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def metrics(rows: int) -> Iterator[tuple[str, float]]:
    """Seconds of each metric with 1,000 resamples."""
    random = np.random.default_rng(0)
    for size in (2, 7):
        output = Classes("class", tuple(f"c{place}" for place in range(size)))
        truth, outputs = random.integers(0, size, rows), random.dirichlet(np.ones(size), rows)
        for name in ("accuracy", "macro_f1", "log_loss", "brier", "roc_auc", "pr_auc", "recall[c1]"):
            score = metric(name, output)
            yield f"{name}, {size} classes", measured(lambda: estimate(score, truth, outputs, seed=1))  # noqa: B023
    number = Number("value")
    truth, values = random.normal(size=(2, rows))
    for name in ("rmse", "quantile_loss[0.9]"):
        score = metric(name, number)
        yield name, measured(lambda: estimate(score, truth, values, seed=1))  # noqa: B023


def once(table: Table, model: Any, examples: NDArray[Any], truth: NDArray[Any], score: Metric) -> None:
    """One shuffle of each column on all rows, without an interval."""
    for _, copy in table.shuffled(examples, 0):
        score(truth, model(copy))


def importance(rows: int) -> Iterator[tuple[str, float]]:
    """Seconds of the importance of 20 columns of a forest: with intervals, and one shuffle on all rows without."""
    from sklearn.ensemble import RandomForestRegressor

    random = np.random.default_rng(0)
    table = Table(tuple(Column(f"x{place}", "number") for place in range(COLUMNS)))
    examples = random.normal(size=(rows, COLUMNS)).astype(np.float32)
    truth = examples[:, 0] + random.normal(size=rows)
    model = RandomForestRegressor(100, min_samples_leaf=5, random_state=0).fit(examples[:2000], truth[:2000]).predict
    score = metric("rmse", Number("value"))
    yield "one shuffle, no interval", measured(lambda: once(table, model, examples, truth, score))
    told = f"{SHUFFLES} shuffles, with intervals"
    yield told, measured(lambda: permutation_importance(model, table, examples, truth, score, seed=0))


def main() -> None:
    """Print a table of both."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for name, seconds in metrics(rows):
        print(f"{name:30} {seconds:8.2f} s for 1,000 resamples of {rows:,} rows")
    for size in (500, rows):
        for name, seconds in importance(size):
            print(f"importance of {COLUMNS} columns, {name:32} {seconds:8.2f} s on {size:,} rows")


if __name__ == "__main__":
    main()
