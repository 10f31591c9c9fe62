"""Reviews that a person rewrote as little as possible so that their sentiment turns, each with its original.

D. Kaushik, E. Hovy and Z. Lipton, "Learning the difference that makes a difference with counterfactually-augmented
data", ICLR 2020: a model that leans on what merely goes with a sentiment is told so by the rewritten reviews.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from omloop.core import Columns, DataError
from omloop.kinds.text.plain import plain

HEADER = ["Sentiment", "Text", "batch_id"]
WORDINGS = ("original", "rewritten")
_FIFTH = 5


def read_pairs(path: Path, held_out: Iterable[str] = ()) -> Columns:
    """Read the published table: in each pair of rows the first is an original, the second rewritten.

    A pair is of the part `test` where its original is among the texts `held_out`, so that no model has learned from it;
    where there are none, every fifth pair is. The column `wording` says which of the two a review is. Raises DataError
    for another table.
    """
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    if header != HEADER or len(rows) % 2 or any(len(row) != len(HEADER) for row in rows):
        raise DataError(f"{path} holds no pairs of reviews. Give a table with the columns {', '.join(HEADER)}.")
    originals, rewritten = rows[::2], rows[1::2]
    if any(one[2] != other[2] for one, other in zip(originals, rewritten, strict=True)):
        raise DataError(f"{path} does not hold the two reviews of a pair, of one batch_id, behind each other.")
    known = {_letters(text) for text in held_out}
    tests = [_letters(one[1]) in known if known else pair % _FIFTH == 0 for pair, one in enumerate(originals)]
    return {
        "review": [row[1] for row in rows],
        "sentiment": [row[0].lower() for row in rows],
        "wording": [*WORDINGS] * len(originals),
        "part": ["test" if test else "train" for test in tests for _ in WORDINGS],
    }


def _letters(text: str) -> str:
    """What is left of a text when only its letters and digits count: copies differ in line breaks and quotes."""
    return re.sub(r"[\W_]+", "", plain(text)).lower()
