"""One number that makes all probabilities more or less sure (Guo et al., ICML 2017)."""

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from omloop.core import NumberArray
from omloop.package.calibrate.calibrator import constant, renamed

COLDEST, HOTTEST = 0.05, 20.0
"""The range of temperatures: twenty times as sure, or as unsure."""
FLOOR = 1e-7
"""The smallest probability for a logarithm: what float32 tells apart from 0 beside 1."""
SOFTMAX_FLOOR = 1e-30
"""The same for a graph that divides its own logits, without a logarithm."""
STEPS = 60
"""Halvings of the range: more than a float has digits."""


@dataclass(frozen=True)
class Temperature:
    """Divides the logits by `temperature`: above 1 the model was too sure, below 1 not sure enough.

    The order of classes stays. Logits are the logarithms of probabilities, each at least `floor`.

    >>> Temperature(0.5).apply(np.array([[0.75, 0.25]])).round(9).tolist()
    [[0.9, 0.1]]
    """

    temperature: float
    floor: float = FLOOR

    @property
    def method(self) -> str:
        """Its name."""
        return "temperature"

    @property
    def about(self) -> str:
        """The method with its number."""
        return f"temperature {self.temperature:.4g}"

    def apply(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The probabilities at this temperature."""
        return softmax(_logits(outputs, self.floor) / self.temperature)

    def into(self, graph: onnx.GraphProto, answer: str) -> None:
        """Divide what goes into the last softmax; where the graph ends in none, take logarithms and add one."""
        node = onnx.helper.make_node
        by = constant(graph, "inverse_temperature", [1.0 / self.temperature])
        if (last := last_softmax(graph, answer)) is not None:
            given, place = last.input[0], list(graph.node).index(last)
            last.input[0] = "calibration_logits"
            graph.node.insert(place, node("Mul", [given, by], ["calibration_logits"]))
            return
        before, floor = renamed(graph, answer), constant(graph, "floor", [self.floor])
        graph.node.extend(
            [
                node("Max", [before, floor], ["calibration_above_zero"]),
                node("Log", ["calibration_above_zero"], ["calibration_logarithms"]),
                node("Mul", ["calibration_logarithms", by], ["calibration_logits"]),
                node("Softmax", ["calibration_logits"], [answer], axis=1),
            ]
        )


def last_softmax(graph: onnx.GraphProto, answer: str) -> onnx.NodeProto | None:
    """The softmax that gives the answer and nothing else; None where something else gives it."""
    ends = [node for node in graph.node if answer in node.output]
    used = any(answer in node.input for node in graph.node)
    found = ends[0] if len(ends) == 1 and ends[0].op_type == "Softmax" and not used else None
    return found if found is not None and found.domain in ("", "ai.onnx") else None


def floor_of(graph: bytes, answer: str) -> float:
    """The smallest probability that a temperature should know in this graph."""
    model = onnx.load_from_string(graph)
    return FLOOR if last_softmax(model.graph, answer) is None else SOFTMAX_FLOOR


def fit_temperature(outputs: NumberArray, truth: NumberArray, *, floor: float = FLOOR) -> Temperature:
    """The temperature of the least log loss on examples that the model did not learn from.

    Each target counts as a little less than certain, by Platt's rule (1999). Otherwise, if all answers are right,
    complete certainty would have the least log loss.
    """
    logits = _logits(outputs, floor)
    rows, classes = logits.shape
    unsure = 1.0 / (rows + 2)
    targets = np.full(logits.shape, unsure / (classes - 1))
    targets[np.arange(rows), truth] = 1.0 - unsure
    wanted = float((targets * logits).sum())

    low, high = np.log(1 / HOTTEST), np.log(1 / COLDEST)
    for _ in range(STEPS):  # the loss is convex in 1 / temperature: its slope changes its sign once
        middle = (low + high) / 2
        given = float((softmax(logits * np.exp(middle)) * logits).sum())
        low, high = (low, middle) if given > wanted else (middle, high)
    return Temperature(float(np.exp(-(low + high) / 2)), floor)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of logits, a row each."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _logits(outputs: NumberArray, floor: float) -> NDArray[np.float64]:
    return np.log(np.maximum(np.asarray(outputs, np.float64), floor))
