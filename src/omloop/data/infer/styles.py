"""A file's style of numbers and absent values: found column by column, as options of `read_table`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omloop.data.infer.dates import find_dates
from omloop.data.infer.dialect import Found
from omloop.data.infer.words import MISSING_AMONG_NUMBERS, PLAINLY_MISSING
from omloop.data.sources.number_texts import number_pattern, share_of

if TYPE_CHECKING:
    import polars

STYLES = ((".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"))
"""The decimal sign and the separator of thousands."""
FIT = 0.98
"""The share of a column's different texts that must be numbers of a style: it allows slips of the pen."""
SIGNS = "$€£¥%"
SAMPLE = 100_000
ODD, MOST_ODD = 0.05, 3
"""The share and the number of odd words among numbers that still count as words for absent values."""
FEW_NUMBERS = 20
"""With no more different numbers than these beside it, an odd word is rather one of the column's words."""
_LIKE_NUMBER = rf"^\s*[+-]?[{SIGNS}]?\s*[+-]?[\d][\d.,' \u00a0\u202f]*(?:[eE][+-]?\d+)?\s*[{SIGNS}]?\s*$"


@dataclass(frozen=True)
class _Texts:
    """A column of texts: its different texts that are no plain numbers, and how many rows hold which."""

    name: str
    numbers: int
    distinct: int
    odd: Mapping[str, int]
    points: bool  # some of its plain numbers have a point
    grouped: bool  # and three digits behind each


def find_styles(frame: polars.DataFrame, separator: str) -> Iterator[Found]:
    """The options `decimal`, `thousands`, `signs` and `missing` that a frame of texts asks for."""
    import polars

    texts = [_look(frame.get_column(name)) for name in frame.columns if frame.schema[name] == polars.String]
    yield from _numbers(texts, separator)
    words = {one.name: found for one in texts if (found := _missing(one))}
    for name, kind in frame.schema.items():
        if kind.is_float() and frame.get_column(name).is_infinite().any():
            words[name] = ["inf"]
    if words:
        yield _told_missing(frame, words)


def _look(column: polars.Series) -> _Texts:
    import polars

    stripped = column.str.strip_chars()
    numbers = stripped.cast(polars.Float64, strict=False)
    plain = numbers.is_finite().fill_null(False)
    odd = stripped.filter(~plain & (stripped != ""))
    counts = odd.alias("").value_counts(sort=True).head(SAMPLE)
    found = dict(zip(counts[counts.columns[0]].to_list(), counts[counts.columns[1]].to_list(), strict=True))
    known = stripped.head(SAMPLE).filter(plain.head(SAMPLE))
    pointed = known.filter(known.str.contains(".", literal=True))
    grouped = bool(len(pointed)) and bool(pointed.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+$").all())
    return _Texts(column.name, int(plain.sum()), known.n_unique(), found, bool(len(pointed)), grouped)


def _numbers(texts: list[_Texts], separator: str) -> Iterator[Found]:
    """The style of the most columns that no plain number has."""
    import polars

    columns = []
    for one in texts:
        words = [word for word in one.odd if word.lower() not in MISSING_AMONG_NUMBERS]
        values = polars.Series(words, dtype=polars.String)
        if _fit(values, _LIKE_NUMBER):
            columns.append((one, values))
    signs = "".join(sign for sign in SIGNS if any(v.str.contains(sign, literal=True).any() for _, v in columns))
    scores = {}
    for decimal, thousands in ((".", ""), *STYLES):
        pattern = number_pattern(decimal, thousands, signs)
        scores[decimal, thousands] = sum(_fit(values, pattern) for _, values in columns)
    best = max(scores.values(), default=0)
    if not best:
        return
    decimal, thousands = _choose([style for style, score in scores.items() if score == best], texts, separator)
    if (decimal, thousands) == (",", "") and any(one.grouped for one in texts):
        thousands = "."
    pattern = number_pattern(decimal, thousands, signs)
    one, values = next((one, v) for one, v in columns if _fit(v, pattern))
    shown = f"numbers such as {values[0]} in '{one.name}'"
    if decimal != ".":
        yield Found("decimal", decimal, shown)
    if thousands:
        yield Found("thousands", thousands, shown)
    if signs:
        yield Found("signs", signs, shown)


def _fit(values: polars.Series, pattern: str) -> bool:
    return share_of(values, pattern) >= FIT


def _choose(styles: list[tuple[str, str]], texts: list[_Texts], separator: str) -> tuple[str, str]:
    """Of styles that fit as well, 1,234 is a thousand where other numbers have points or commas separate the fields."""
    if (".", "") in styles:
        return ".", ""
    english = separator == "," or any(one.points for one in texts)
    if not english and (",", "") in styles:
        return ",", ""
    return styles[0]


def _missing(texts: _Texts) -> list[str]:
    """Words of this column that stand for absent values."""
    among = [word for word in texts.odd if word.lower() in MISSING_AMONG_NUMBERS]
    rest = {word: count for word, count in texts.odd.items() if word.lower() not in MISSING_AMONG_NUMBERS}
    if (texts.numbers or rest) and _numbers_or_dates(list(rest)):
        return among
    others = sum(rest.values())
    few = len(rest) <= MOST_ODD and others <= ODD * texts.numbers and texts.distinct > FEW_NUMBERS
    if few and not any(re.search(r"\d", word) for word in rest):
        return [*among, *rest]
    codes = sum(len(word) == 2 and word.isupper() for word in rest)
    plain = [word for word in texts.odd if word.lower() in PLAINLY_MISSING]
    return [word for word in plain if word != "NA" or codes < max(5, len(rest) / 2)]


def _numbers_or_dates(words: list[str]) -> bool:
    import polars

    values = polars.Series(words, dtype=polars.String)
    return not words or bool(values.str.contains(_LIKE_NUMBER).all()) or find_dates(values) is not None


def _told_missing(frame: polars.DataFrame, words: Mapping[str, list[str]]) -> Found:
    """One list of words, if no column keeps any of them as a word of its own; else a list a column."""
    every = tuple(sorted({word for found in words.values() for word in found}))
    others = [
        name for name, kind in frame.schema.items() if str(kind) == "String" and set(every) - set(words.get(name, ()))
    ]
    kept = any(frame.get_column(name).is_in(list(set(every) - set(words.get(name, ())))).any() for name in others)
    named = "; ".join(f"{', '.join(found)} in '{name}'" for name, found in list(words.items())[:5])
    more = f" and {len(words) - 5} other columns" if len(words) > 5 else ""
    value = {name: tuple(found) for name, found in words.items()} if kept else every
    return Found("missing", value, f"taken for absent values: {named}{more}")
