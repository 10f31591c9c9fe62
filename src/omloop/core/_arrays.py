"""Names for the arrays that go from room to room; numpy itself is for the type checker alone."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ExampleArray: TypeAlias = "NDArray[np.generic]"
"""Examples of any kind, the first axis counting them. What lies in one is the kind's own business: who computes with
examples asks the kind for numbers, by `matrix`, `feeds` or `observe`."""

NumberArray: TypeAlias = "NDArray[np.float64 | np.float32 | np.integer]"
"""Real numbers, whole or not, such as counts, scores, targets and observed values; never text."""
