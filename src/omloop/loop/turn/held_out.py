"""Examples that a model did not learn from, with answers: the basis of its confidence."""

from __future__ import annotations

from dataclasses import dataclass

from omloop.core import NumberArray, Part


@dataclass(frozen=True)
class HeldOut:
    """Examples with answers of models that did not learn from them.

    `outputs` are those of the model before calibration: float64, of shape (n,) for a number and (n, classes) for
    classes.
    """

    part: Part
    outputs: NumberArray

    def __len__(self) -> int:
        return len(self.part)
