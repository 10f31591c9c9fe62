"""Words that people write for absent values, and for yes and no."""

from __future__ import annotations

PLAINLY_MISSING = frozenset({"na", "n/a", "#n/a", "#na", "<na>", "nan", "null", "?", "n.a.", "#null!", "nil"})
"""In lower case: what no column of words has as a word; `nan` is what Python leaves there."""
MISSING_AMONG_NUMBERS = PLAINLY_MISSING | {
    *("-", "--", "---", ".", "..", "none", "missing", "unknown", "unk", "undefined", "not available", "n/d", "nd", "*"),
    *(
        "inf",
        "-inf",
        "+inf",
        "infinity",
        "-infinity",
        "#div/0!",
        "#value!",
        "#ref!",
        "(null)",
        "\\n",
        "x",
        "tba",
        "tbd",
    ),
}
"""In lower case: what stands for an absent number or date where all else in the column is one."""
TRUE = (
    "true",
    "yes",
    "y",
    "t",
    "1",
    "positive",
    "pos",
    "on",
    "success",
    "survived",
    "default",
    "fraud",
    "spam",
    "churn",
)
FALSE = ("false", "no", "n", "f", "0", "negative", "neg", "off", "failure", "died", "no default", "ok", "ham", "stay")
