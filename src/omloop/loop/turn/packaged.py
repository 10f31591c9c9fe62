"""A packaged model, and the menu of its variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import (
    Answers,
    Session,
    Variant,
)
from omloop.bundle.confidence import Confidence
from omloop.core import Parity
from omloop.loop.turn.held_out import HeldOut

if TYPE_CHECKING:
    from omloop.package.calibrate import Calibrator


@dataclass(frozen=True)
class Packaged:
    """A model as ONNX, proven to answer like the original, with its answers to the test part.

    With a `menu`, `session` and `test` are those of the served variant; `graph` and `parity` stay the model's. The
    `calibrator` is already inside the graph. `uncalibrated` are the answers to the test part without it. `held_out` is
    the calibrator's training data, if that is not the validation part. `confidence` is the result.
    """

    graph: bytes
    session: Session
    parity: Parity
    test: Answers
    exported: bytes = b""
    menu: Menu | None = None
    calibrator: Calibrator | None = None
    uncalibrated: NDArray[np.float64] | None = None
    held_out: HeldOut | None = None
    confidence: Confidence | None = None

    @property
    def outputs(self) -> NDArray[np.float64]:
        """The packaged model's outputs for the test part."""
        return self.test.outputs


@dataclass(frozen=True)
class Menu:
    """Variants of a model by name, the model as packaged first, and the `served` one.

    `files` are the graphs of the variants on offer. `refused` says why others are not; some were never made. `rows` is
    the number of test rows for their scores, `note` any other remark.
    """

    variants: Mapping[str, Variant]
    files: Mapping[str, bytes]
    served: str
    refused: Mapping[str, str]
    rows: int
    seconds: float
    note: str = ""
