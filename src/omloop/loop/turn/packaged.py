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
    """A model as ONNX, proven to answer as the original does, with its answers to the test part.

    With a `menu`, `session` and `test` are those of the form that is served; `graph` and `parity` stay the model's.
    The `calibrator` is inside the graph already. `uncalibrated` are the answers to the test part without it.
    `held_out` is what it was fitted on where that is not the validation part. `confidence` is what came of it.
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
    """Variants of a model by name, the model as packaged first, and the one that is `served`.

    `files` are the graphs of those that are offered, `refused` says why the others are not; some of those were not even
    made. `rows` is how many test rows they were scored on, `note` what else there is to say.
    """

    variants: Mapping[str, Variant]
    files: Mapping[str, bytes]
    served: str
    refused: Mapping[str, str]
    rows: int
    seconds: float
    note: str = ""
