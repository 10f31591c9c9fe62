"""A packaged model, and the menu of its variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import (
    Answers,
    Session,
    Variant,
)
from omloop.core import Parity


@dataclass(frozen=True)
class Packaged:
    """A model as ONNX, proven to answer as the original does, with its answers to the test part.

    With a `menu`, `session` and `test` are those of the form that is served; `graph` and `parity` stay the model's.
    """

    graph: bytes
    session: Session
    parity: Parity
    test: Answers
    exported: bytes = b""
    menu: Menu | None = None

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
