"""Examples that a model did not learn from, with answers to them: what its confidence is told by."""

from __future__ import annotations

from dataclasses import dataclass

from omloop.core import NumberArray, Part


@dataclass(frozen=True)
class HeldOut:
    """Examples that the model did not learn from, with the answers to them of models that did not either.

    `outputs` are float64, of shape (n,) for a number and (n, classes) for classes: those of the model before it is
    calibrated.
    """

    part: Part
    outputs: NumberArray

    def __len__(self) -> int:
        return len(self.part)
