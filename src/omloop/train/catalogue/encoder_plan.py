"""What an estimator wants of a table's columns."""

from dataclasses import dataclass

MOST_CODES = 10
"""Up to this many classes, each has its own mean for a word; for more, the encoder takes a few random sums of them."""


@dataclass(frozen=True)
class EncoderPlan:
    """How to encode numbers and words.

    `scaled` fills, clips and standardises numbers; otherwise they stay as they are, absent ones NaN. `filled` alone
    fills them. `knots` is how many bends a number's line may have: columns `max(0, number - knot)`. Up to `one_hot`
    words have a column each; `coded` adds the word's place and frequency.
    """

    scaled: bool = False
    filled: bool = False
    knots: int = 0
    one_hot: int = 8
    coded: bool = True
