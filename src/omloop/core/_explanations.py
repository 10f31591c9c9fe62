"""What an answer hangs on: an example in pieces, and what each of them adds to the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from omloop.core._arrays import ExampleArray

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Pieces:
    """One example in pieces: columns of a row, words of a text, parts of a picture.

    `names` are what a person calls them, and `given` what they hold, as JSON values, where that says more. Other
    examples stand in for pieces that are left out: `background` is their number. `compose` makes examples of rows of
    shape (n, pieces), in which 0 takes the piece of the example itself, and i that of the i-th stand-in.
    """

    names: tuple[str, ...]
    given: tuple[object, ...]
    background: int
    compose: Callable[[NDArray[np.integer]], ExampleArray]


@dataclass(frozen=True)
class Contribution:
    """What one piece, which holds `given`, adds to an answer; `error` is a standard error, 0 where none was sampled."""

    name: str
    given: object
    value: float
    error: float


@dataclass(frozen=True)
class Explanation:
    """Shapley values of one answer: `base` and the contributions, the largest first, add up to `answer`.

    `of` is what was answered: the class whose `probability` it is, or the name of the number. `base` is the mean answer
    to other examples, which stand in for pieces that are left out: `background` is their number. `exact` says that
    every coalition of pieces was asked; else some orders were drawn. `model_rows` is how many rows the model answered
    for it.
    """

    of: str
    probability: bool
    answer: float
    base: float
    contributions: tuple[Contribution, ...]
    background: int
    exact: bool
    model_rows: int

    def told(self) -> dict[str, object]:
        """The explanation as a JSON value."""
        return {**asdict(self), "contributions": [asdict(one) for one in self.contributions], "residual": self.residual}

    @property
    def residual(self) -> float:
        """What the answer is beyond the sum: rounding alone, as every order that is drawn adds up to the answer."""
        return self.answer - self.base - sum(one.value for one in self.contributions)
