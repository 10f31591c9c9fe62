"""What most input kinds answer to what is seldom asked: nothing."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray


class KindDefaults:
    """A base for input kinds, which override what they have something to say to."""

    __slots__ = ()

    def remarks(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """Nothing: an example is read whole."""
        return [{}] * len(examples)

    @property
    def remarks_schema(self) -> Mapping[str, Any]:
        """Nothing."""
        return {}

    def glimpse(self, examples: NDArray[Any]) -> list[dict[str, Any]]:
        """Nothing: what is observed of an example shows it."""
        return [{}] * len(examples)

    def preview(self, examples: NDArray[Any]) -> list[str]:
        """Nothing: an example is shown as it is rendered."""
        return []

    @property
    def assets(self) -> Mapping[str, bytes]:
        """Nothing: the description says it all."""
        return {}

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """Nothing: each observed number is looked at alone."""
        return {}
