"""What most input kinds answer to what is seldom asked: nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, ExampleArray, NumberArray, Pieces


class KindDefaults:
    """A base for input kinds, which override what they have something to say to."""

    __slots__ = ()

    def remarks(self, examples: ExampleArray) -> list[dict[str, object]]:
        """Nothing: an example is read whole."""
        return [{}] * len(examples)

    @property
    def remarks_schema(self) -> Mapping[str, dict[str, object]]:
        """Nothing."""
        return {}

    def glimpse(self, examples: ExampleArray) -> list[dict[str, object]]:
        """Nothing: what is observed of an example shows it."""
        return [{}] * len(examples)

    @property
    def dates(self) -> frozenset[str]:
        """Nothing: numbers are numbers."""
        return frozenset()

    def redrawn(self, columns: Columns, moved: NDArray[np.bool_], seed: int) -> Columns:
        """The columns as they are."""
        return columns

    def preview(self, examples: ExampleArray) -> list[str]:
        """Nothing: an example is shown as it is rendered."""
        return []

    def recalled(self, observed: Mapping[str, NumberArray]) -> ExampleArray | None:
        """Nothing: what is observed of an example does not say all of it."""
        return None

    def pieces(self, example: ExampleArray, others: ExampleArray) -> Pieces | None:
        """Nothing: an example is whole."""
        return None

    @property
    def extras(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def assets(self) -> Mapping[str, bytes]:
        """Nothing: the description says it all."""
        return {}

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """Nothing: each observed number is looked at alone."""
        return {}
