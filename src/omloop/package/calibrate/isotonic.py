"""How often each class came true, by its predicted probability: a rising curve for each class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx
from numpy.typing import NDArray

from omloop.core import NumberArray
from omloop.package.calibrate.calibrator import constant, renamed

MOST_KNOTS = 48
"""Points of a curve: the graph computes a piece of it for each, for every row and class."""
MOST_GROUPS = 1000
"""It first groups neighbouring examples if there are more: a curve needs no more than that."""
STEEPEST = 50.0
"""The steepest a curve may rise: float32 is off by 1e-7, which is to stay below 1e-5."""
OWN_SHARE = 0.02
"""How much the model's own word counts beside what came true: so no probability is ever 0 that was not."""
NEXT_TO_NOTHING = 1e-12


@dataclass(frozen=True)
class Isotonic:
    """Curves through the points `given` -> `found`, straight between them, each of shape (classes, points).

    One curve calibrates each class against all others, and dividing by their sum normalises the probabilities again
    (Zadrozny and Elkan, KDD 2002). Points rise; a curve with fewer repeats its last.
    """

    given: NDArray[np.float64]
    found: NDArray[np.float64]

    @property
    def method(self) -> str:
        """Its name."""
        return "isotonic"

    @property
    def about(self) -> str:
        """The method with its size."""
        return f"isotonic curves of up to {self.given.shape[1]} points"

    def apply(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The probabilities by the curves, 1 together."""
        probabilities = np.asarray(outputs, np.float64)
        curves = zip(probabilities.T, self.given, self.found, strict=True)
        read = np.stack([np.interp(column, given, found) for column, given, found in curves], axis=1)
        return np.asarray(read / np.maximum(read.sum(axis=1, keepdims=True), NEXT_TO_NOTHING))

    def into(self, graph: onnx.GraphProto, answer: str) -> None:
        """Add up the pieces of the curves: how far a probability reaches into each, times how steep that is.

        A curve's lowest point is a piece too, which every probability passes. Adding it behind the sum would not do:
        OpenVINO adds wrongly there (2026.4), and int8 would hold it in 256 steps.
        """
        node, before = onnx.helper.make_node, renamed(graph, answer)
        widths = np.diff(self.given, axis=1)
        steep = np.divide(np.diff(self.found, axis=1), widths, out=np.zeros_like(widths), where=widths > 0)
        lowest = np.ones((len(widths), 1))
        names = {
            "starts": constant(graph, "starts", np.hstack([-lowest, self.given[:, :-1]])),
            "widths": constant(graph, "widths", np.hstack([lowest, widths])),
            "steepness": constant(graph, "steepness", np.hstack([self.found[:, :1], steep])),
            "none": constant(graph, "none", [0.0]),
            "last": constant(graph, "last_axis", [2], np.int64),
            "classes": constant(graph, "classes_axis", [1], np.int64),
            "least": constant(graph, "least", [NEXT_TO_NOTHING]),
        }
        graph.node.extend(
            [
                node("Unsqueeze", [before, names["last"]], ["calibration_column"]),
                node("Sub", ["calibration_column", names["starts"]], ["calibration_beyond"]),
                node("Max", ["calibration_beyond", names["none"]], ["calibration_from_start"]),
                node("Min", ["calibration_from_start", names["widths"]], ["calibration_within"]),
                node("Mul", ["calibration_within", names["steepness"]], ["calibration_risen"]),
                node("ReduceSum", ["calibration_risen", names["last"]], ["calibration_read"], keepdims=0),
                node("ReduceSum", ["calibration_read", names["classes"]], ["calibration_sum"], keepdims=1),
                node("Max", ["calibration_sum", names["least"]], ["calibration_divisor"]),
                node("Div", ["calibration_read", "calibration_divisor"], [answer]),
            ]
        )


def fit_isotonic(outputs: NumberArray, truth: NumberArray) -> Isotonic:
    """The curves of the least squared error that never fall, on examples that the model did not learn from.

    A curve goes through the middle of each step of the isotonic regression (Oron and Flournoy, Statistics in
    Biopharmaceutical Research 9, 2017). So it has no jumps, which float32 would put at other places.
    """
    probabilities = np.asarray(outputs, np.float64)
    curves = [_curve(column, truth == place) for place, column in enumerate(probabilities.T)]
    points = max(2, *(len(given) for given, _ in curves))

    def filled(one: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([one, np.full(points - len(one), one[-1])])

    return Isotonic(np.array([filled(given) for given, _ in curves]), np.array([filled(found) for _, found in curves]))


def _curve(given: NDArray[np.float64], came: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The points of one class's curve: the predicted probability, and the share that came true."""
    order = np.argsort(given, kind="stable")
    given, shares = given[order], (came[order] + OWN_SHARE * given[order]) / (1 + OWN_SHARE)
    _, ties = np.unique(given, return_inverse=True)
    crowd = np.arange(len(given)) * MOST_GROUPS // len(given) if len(given) > MOST_GROUPS else np.arange(len(given))
    starts = np.flatnonzero(np.diff(ties, prepend=-1) * np.diff(crowd, prepend=-1))
    counts = np.diff(np.append(starts, len(given))).astype(np.float64)
    sums = [np.add.reduceat(values, starts) for values in (given, shares)]
    blocks = [_Block(*block) for block in zip(counts.tolist(), *(each.tolist() for each in sums), strict=True)]
    blocks = _merged(blocks, lambda one, other: one.share >= other.share)
    blocks = _merged(blocks, lambda one, other: other.share - one.share > STEEPEST * (other.given - one.given))
    while len(blocks) > MOST_KNOTS:
        near = int(np.argmin([other.share - one.share for one, other in pairwise(blocks)]))
        blocks[near : near + 2] = [blocks[near] + blocks[near + 1]]
    return np.array([block.given for block in blocks]), np.array([block.share for block in blocks])


@dataclass(frozen=True)
class _Block:
    """Neighbours with one common share: their number, and the sums of predicted and of true ones."""

    count: float
    sum_given: float
    sum_came: float

    @property
    def given(self) -> float:
        return self.sum_given / self.count

    @property
    def share(self) -> float:
        return self.sum_came / self.count

    def __add__(self, other: _Block) -> _Block:
        return _Block(self.count + other.count, self.sum_given + other.sum_given, self.sum_came + other.sum_came)


def _merged(blocks: list[_Block], violate: Callable[[_Block, _Block], bool]) -> list[_Block]:
    """The blocks, after pooling neighbours until none violate the order (pool adjacent violators)."""
    found: list[_Block] = []
    for block in blocks:
        found.append(block)
        while len(found) > 1 and violate(found[-2], found[-1]):
            last = found.pop()
            found[-1] = found[-1] + last
    return found
