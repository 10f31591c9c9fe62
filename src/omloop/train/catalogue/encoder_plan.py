"""What an estimator wants of a table's columns."""

from dataclasses import dataclass

MOST_CODES = 10
"""Classes up to which each has a mean of its own for a word; of more, a few random sums of them are taken."""


@dataclass(frozen=True)
class EncoderPlan:
    """How numbers and words are encoded.

    With `scaled`, numbers are filled, cut and standardised, else they stay as they are, absent ones NaN. `filled` alone
    fills them. `knots` is how many bends a number's line may have: columns `max(0, number - knot)`. Words have a
    column each where there are no more than `one_hot`; `coded` adds the word's place and frequency.
    """

    scaled: bool = False
    filled: bool = False
    knots: int = 0
    one_hot: int = 8
    coded: bool = True
