"""Numbers as people write them, such as 1.234,5, and words for what is absent: rewritten as a CSV usually has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

    from omloop.data.sources.table_options import TableOptions

SHARE = 0.9
"""Of a column's texts that must be numbers of a style before any of them is rewritten: words stay what they are."""
_SPACES = " \u00a0\u202f"


def number_pattern(decimal: str, thousands: str, signs: str = "") -> str:
    """A regular expression of numbers with these signs. It matches whole texts and allows blanks around the number.

    >>> bool(re.search(number_pattern(",", "."), "-1.234,50")), bool(re.search(number_pattern(",", "."), "31.12.2024"))
    (True, False)
    """
    whole = r"\d+"
    if thousands:
        sign = f"[{_SPACES}]" if thousands in _SPACES else re.escape(thousands)
        whole = rf"(?:\d{{1,3}}(?:{sign}\d{{3}})+|\d+)"
    number = rf"(?:{whole}(?:{re.escape(decimal)}\d*)?|{re.escape(decimal)}\d+)(?:[eE][+-]?\d+)?"
    around = rf"[{re.escape(signs)}]?" if signs else ""
    return rf"^\s*[+-]?{around}\s*[+-]?{number}\s*{around}\s*$"


def rewrite(frame: polars.DataFrame, options: TableOptions) -> polars.DataFrame:
    """The frame with blanks taken away, absent values empty and numbers as Python reads them, as `options` say."""
    import polars

    texts = [name for name in frame.columns if frame.schema[name] == polars.String]
    if options.strip:
        frame = frame.with_columns(polars.col(name).str.strip_chars() for name in texts)
    frame = frame.with_columns(
        _without_missing(name, list(options.missing_in(name))) for name in texts if options.missing_in(name)
    )
    infinite = [name for name in frame.columns if frame.schema[name].is_float() and "inf" in options.missing_in(name)]
    frame = frame.with_columns(
        polars.when(polars.col(name).is_finite()).then(polars.col(name)).alias(name) for name in infinite
    )
    if options.decimal == "." and not options.thousands + options.signs:
        return frame
    pattern = number_pattern(options.decimal, options.thousands, options.signs)
    return frame.with_columns(
        _plain(name, options) for name in texts if share_of(frame.get_column(name), pattern) >= SHARE
    )


def share_of(column: polars.Series, pattern: str) -> float:
    """The share of a column's texts that a pattern fits, the empty ones apart; 0 where all are empty."""
    present = column.filter(column.str.strip_chars() != "")
    return float(present.str.contains(pattern).mean() or 0.0) if len(present) else 0.0  # type: ignore[arg-type]


def _without_missing(name: str, words: list[str]) -> polars.Expr:
    import polars

    column = polars.col(name)
    return polars.when(column.str.strip_chars().is_in(words)).then(polars.lit("")).otherwise(column).alias(name)


def _plain(name: str, options: TableOptions) -> polars.Expr:
    import polars

    column = polars.col(name)
    changed = column
    blanks = _SPACES if options.signs or (options.thousands and options.thousands in _SPACES) else ""
    for sign in {*blanks, *options.thousands, *options.signs}:
        changed = changed.str.replace_all(sign, "", literal=True)
    changed = changed.str.replace(options.decimal, ".", literal=True)
    pattern = number_pattern(options.decimal, options.thousands, options.signs)
    return polars.when(column.str.contains(pattern)).then(changed).otherwise(column).alias(name)
