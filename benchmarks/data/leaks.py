"""What the search for leaks and for an order of time finds where there are none and where there are, and what it costs.

Run: python benchmarks/data/leaks.py [DRAWS]
Prints the best score that a column alone reaches in data sets of scikit-learn, the share of draws in which an exact
leak and an honest column are told, the share of shuffled data sets that are told to be in an order, what a random walk
scores by either split, and seconds for a large table. Uses omloop's own code; needs the extra `train`.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score

from omloop.core import Columns, Project
from omloop.data import Identity, prepare
from omloop.data.order import class_likeness, number_likeness, records_in_order
from omloop.data.quality.alone import Side, scores_alone
from omloop.data.quality.leaks import leaks
from omloop.data.quality.pool import Pool
from omloop.data.quality.quality import find_oddities
from omloop.kinds import Classes, Column, Number, Table

Draw = np.random.Generator


def project_of(columns: int, classes: int) -> Project:
    """A project over so many numbers whose target is a number, or one of some classes."""
    inputs = Table(tuple(Column(f"x{index}", "number") for index in range(columns)))
    outputs = Classes("y", tuple(str(index) for index in range(classes))) if classes else Number("y")
    return Project("toy", "A toy.", inputs, outputs, "y", {}, "mean", lambda *_: {}, ignored={"when": "a time"})


def told(x: NDArray[Any], y: NDArray[Any], check: str, *, classes: int = 0) -> bool:
    """Whether a check says anything of these records."""
    project = project_of(x.shape[1], classes)
    labels = [str(int(one)) for one in y] if classes else y
    records: Columns = {**{f"x{index}": x[:, index] for index in range(x.shape[1])}, "y": labels}
    dataset = prepare(project, records, project.inputs, seed=0)
    found = find_oddities(project, project.inputs, records, dataset)
    return any(finding.check == check for finding in found)


def interval(count: int, draws: int) -> str:
    """A share in per cent with its 95 % interval (Clopper and Pearson 1934)."""
    low = float(betaincinv(count, draws - count + 1, 0.025)) if count else 0.0
    high = float(betaincinv(count + 1, draws - count, 0.975)) if count < draws else 1.0
    return f"{100 * count / draws:.3g} % [{100 * low:.2g}, {100 * high:.2g}] of {draws}"


def honest_sets() -> None:
    """The best column of data sets in which nothing leaks."""
    names = ("load_iris", "load_wine", "load_breast_cancer", "load_digits", "load_diabetes")
    for name in names:
        found = getattr(datasets, name)()
        x, y, classes = found.data, found.target, 0 if name == "load_diabetes" else len(set(found.target))
        order = np.random.default_rng(0).permutation(len(y))
        train, held_out = np.split(order, [int(0.8 * len(y))])
        sides = {str(index): Side(x[train, index], x[held_out, index], words=False) for index in range(x.shape[1])}
        target = Side(y[train].astype(float), y[held_out].astype(float), words=bool(classes))
        best = max(scores_alone(sides, target).values(), key=lambda score: score.value)
        finding = told(x[order], y[order], "leaks", classes=classes)
        print(
            f"{name:20} {len(y):5} rows   best alone {best.value:.3f} +- {best.error:.3f}   told: {finding}", flush=True
        )


def shares_told(draws: int) -> None:
    """Exact leaks, and honest columns of some strength, beside four of noise."""

    def number(r2: float) -> Callable[[Draw, int], tuple[NDArray[Any], NDArray[Any]]]:
        def make(draw: Draw, rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
            x = draw.normal(size=rows)
            return np.exp(x), x + draw.normal(size=rows) * np.sqrt(1 / r2 - 1)

        return make

    def classes(apart: float, share: float) -> Callable[[Draw, int], tuple[NDArray[Any], NDArray[Any]]]:
        def make(draw: Draw, rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
            if not apart:
                x = draw.normal(size=rows)
                return x, x > np.quantile(x, 1 - share)
            y = draw.random(rows) < share
            return draw.normal(size=rows) + apart * y, y

        return make

    cases = [
        ("number, exact", number(1.0), 0),
        *((f"number, honest, r2 {r2}", number(r2), 0) for r2 in (0.7, 0.9, 0.95)),
        *((f"class of {share:.0%}, exact", classes(0, share), 2) for share in (0.5, 0.1)),
        *((f"class of 30%, honest, {apart} deviations apart", classes(apart, 0.3), 2) for apart in (1, 2, 3)),
    ]
    for rows in (300, 2000):
        for name, make, count in cases:
            found = 0
            for number_of in range(draws):
                draw = np.random.default_rng([number_of, rows])
                x, y = make(draw, rows)
                found += told(np.column_stack([x, draw.normal(size=(rows, 4))]), y, "leaks", classes=count)
            print(f"{name:45} {rows:5} rows   told in {interval(found, draws)}", flush=True)


def orders_told(draws: int) -> None:
    """Records in no order that are told to be in one; a ten-thousandth is promised."""
    cases: dict[str, tuple[Callable[[Draw], NDArray[Any]], Any]] = {
        "numbers, 100 rows": (lambda draw: draw.normal(size=100), number_likeness),
        "heavy tails, 300 rows": (lambda draw: draw.standard_t(1, 300), number_likeness),
        "12 % not nought, 500 rows": (
            lambda draw: np.where(draw.random(500) < 0.12, draw.normal(size=500), 0),
            number_likeness,
        ),
        "a class of 9 %, 700 rows": (lambda draw: (draw.random(700) < 0.09) * 1.0, class_likeness),
        "seven classes, 300 rows": (
            lambda draw: draw.choice(7, 300, p=[0.6, 0.1, 0.1, 0.1, 0.05, 0.03, 0.02]) * 1.0,
            class_likeness,
        ),
    }
    for name, (make, likeness) in cases.items():
        draw = np.random.default_rng(1)
        found = sum(likeness(make(draw)).beyond_chance for _ in range(draws))
        print(f"{name:45} told in {interval(found, draws)}", flush=True)


def random_walk() -> None:
    """The score of boosted trees on a random walk, by content and by time."""
    draw = np.random.default_rng(0)
    y = np.cumsum(draw.normal(size=4000))
    records = {"x0": np.arange(4000.0), "when": np.arange(4000), "y": y}
    project = project_of(1, 0)
    for by in ("", "when"):
        dataset = prepare(project, records, project.inputs, seed=0, identity=Identity.of(project, records, by=by))
        model = HistGradientBoostingRegressor(random_state=0).fit(dataset.train.examples, dataset.train.targets)
        score = r2_score(dataset.test.targets, model.predict(dataset.test.examples))
        print(f"random walk, split.by={by or 'nothing':8} r2 {score:.3f}", flush=True)


def cost() -> None:
    """Seconds for 100,000 rows of 50 numbers."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(100_000, 50))
    for classes in (0, 40):
        y = np.digitize(x[:, 0], np.linspace(-2, 2, 39)) if classes else x[:, 0] + draw.normal(size=100_000)
        project = project_of(50, classes)
        labels = [str(one) for one in y] if classes else y
        records: Columns = {**{f"x{index}": x[:, index] for index in range(50)}, "y": labels}
        pool = Pool.of(project, project.inputs, records, prepare(project, records, project.inputs, seed=0))
        for check in (leaks, records_in_order):
            begun = time.perf_counter()
            check(pool)
            seconds = time.perf_counter() - begun
            print(f"100,000 x 50, {classes or 'no'} classes, {check.__name__:16} {seconds:.2f} s", flush=True)


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("draws", nargs="?", type=int, default=100)
    draws = parser.parse_args().draws
    honest_sets()
    shares_told(draws)
    orders_told(100 * draws)
    random_walk()
    cost()


if __name__ == "__main__":
    main()
