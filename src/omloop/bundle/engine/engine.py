"""What an engine must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from omloop.core import NumberArray

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Engine(Protocol):
    """A packaged graph, made ready to answer from several threads at once."""

    @property
    def outputs(self) -> Mapping[str, Sequence[object]]:
        """The shape of each output by its name; a side of any length is no integer."""

    def run(self, wanted: Sequence[str], feeds: Mapping[str, NDArray[np.generic]]) -> Sequence[NumberArray]:
        """The wanted outputs for some rows; raises whatever the library raises."""

    def trim(self, feeds: Mapping[str, NDArray[np.generic]]) -> None:
        """Give back the memory that larger runs took; `feeds` are of a small one. Raises what the library raises."""
