"""From a column's values to a feature of a type, or to the reason for leaving it out."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from omloop.data.infer.guess import Feature
from omloop.data.infer.limits import find_limits
from omloop.data.infer.profile import Profile, natural
from omloop.kinds.table.column import Column

EXACT = 2.0**24
"""Beyond this, float32 does not tell all integers apart."""
MOST_WORDS = 300
FEW_WORDS = 12
"""A category of so few words keeps them all; of more, only those that come LEAST_ROWS times."""
LEAST_ROWS = 3
COVERED = 0.3
"""The share of the rows that the kept words must cover, if most words come once or twice."""
WORDS = 2.0
"""Words that a text has on average, if it is a sentence or a name of several parts."""
COMMON = 0.5
"""The share of a text's words that must also stand in another text: else each is a name of its own."""
MANY = 20
NEARLY = 0.9
"""From this share of distinct values on, a column with such a name holds ids."""
YEARS = (1800.0, 2100.0)
_LOOKED_AT = 20_000
_ID = re.compile(r"(^|[^a-z])(id|ids|key|uuid|guid|index|idx|rownames?|row|nr|no|number|serial|code)$|^unnamed", re.I)
_CAMEL = re.compile(r"[a-z](Id|ID|Key|Code)$")
_ZIP = re.compile(r"zip|postal|postcode|plz|fips", re.I)
_UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def feature_of(column: Profile) -> Feature | str:
    """The feature, or why the column is none, in words with the measurement."""
    if column.content == "nothing":
        return f"all {column.rows:,} values are missing"
    if column.content == "nested":
        return "it holds lists, objects or durations, and a table takes one value a field"
    if column.distinct == 1 and not column.missing:
        return f"constant: every value is {next(iter(column.counts))!r:.60}"
    if reason := id_reason(column):
        return reason
    if column.content == "numbers":
        return _number(column)
    if column.content == "truths":
        return _feature(column, Column(column.name, "boolean", missing=bool(column.missing)), "true and false")
    if column.content == "dates" and column.dates is not None:
        form = column.dates.format if column.as_texts else ""
        made = Column(column.name, column.dates.type, missing=bool(column.missing), format=form)
        return _feature(column, made, column.dates.reason)
    return _words(column)


def id_reason(column: Profile) -> str:
    """What shows that each value names a record of its own; nothing where it does not."""
    name, rows = column.name, column.present
    if rows < MANY or column.content not in ("numbers", "words") or column.distinct < NEARLY * rows:
        return ""
    if column.distinct < rows:
        named = is_id_name(name) and (column.whole or column.content == "words")
        return f"an id, by its name and its values: {column.distinct:,} of {rows:,} differ" if named else ""
    told = f"an id: all {rows:,} values differ"
    if column.content == "numbers":
        known = column.numbers[~np.isnan(column.numbers)]
        if not column.whole or calendar_years(column):
            return ""
        if known.max() - known.min() < 2 * rows:
            return f"{told}, and number the records from {known.min():.0f} to {known.max():.0f}"
        return f"{told}, as its name has it" if is_id_name(name) else ""
    texts = list(column.counts)[:_LOOKED_AT]
    if all(_UUID.fullmatch(text.strip()) for text in texts):
        return f"{told}, and are UUIDs such as {texts[0]:.40}"
    coded = sum(" " not in text.strip() for text in texts) / len(texts)
    return f"{told}, in one word such as {texts[0]!r:.40}" if coded >= 0.9 else ""


def calendar_years(column: Profile) -> bool:
    """Whether it holds integers that may be years of the calendar, all of them."""
    known = column.numbers[~np.isnan(column.numbers)]
    return column.whole and bool(known.min() >= YEARS[0]) and bool(known.max() <= YEARS[1])


def is_id_name(name: str) -> bool:
    """Whether a name says that the column holds ids: evidence beside what its values show, never alone."""
    return not name or bool(_ID.search(name) or _CAMEL.search(name))


def category_of(column: Profile) -> Column:
    """The category of its most frequent words, all others folded into one."""
    counts = column.counts
    kept = [word for word, count in counts.items() if count >= LEAST_ROWS] if len(counts) > FEW_WORDS else list(counts)
    kept = kept[:MOST_WORDS] or list(counts)[:1]
    other = next((word for word in kept if word.strip().lower() in ("other", "others")), "other")
    words = tuple(sorted(kept, key=natural))
    return Column(column.name, "category", categories=words, missing=bool(column.missing), other=other)


def _number(column: Profile) -> Feature:
    low, high = (None, None) if calendar_years(column) else find_limits(column.numbers)
    known = column.numbers[~np.isnan(column.numbers)]
    values = f"from {known.min():.6g} to {known.max():.6g}"
    if column.as_texts and column.whole and _ZIP.search(column.name) and column.distinct > FEW_WORDS:
        return _feature(column, category_of(column), f"{column.distinct:,} codes of places, {values}: no order in them")
    large = bool(np.abs(known).max() > EXACT)
    if column.whole and not large:
        made = Column(column.name, "integer", low=low, high=high, missing=bool(column.missing))
        return _feature(column, made, f"integers {values}, {column.distinct:,} different")
    beyond = ", integers beyond 2^24, of which a model sees seven digits" if large and column.whole else ""
    made = Column(column.name, "number", low=low, high=high, missing=bool(column.missing))
    return _feature(column, made, f"numbers {values}{beyond}")


def _words(column: Profile) -> Feature | str:
    if reason := text_reason(column):
        return _feature(column, Column(column.name, "text", missing=bool(column.missing)), reason)
    made = category_of(column)
    covered = sum(column.counts.get(word, 0) for word in made.categories) / column.present
    told = f"{column.distinct:,} different words in {column.present:,} rows"
    rare = column.distinct * LEAST_ROWS > column.present
    if column.distinct > FEW_WORDS and rare and covered < COVERED:
        return f"nearly unique, and no sentences: {told}, such as {next(iter(column.counts))!r:.40}"
    if len(made.categories) == column.distinct:
        return _feature(column, made, f"{told}")
    rest = f"; the {column.distinct - len(made.categories):,} rarest, {100 * (1 - covered):.1f} % of the rows, are one"
    return _feature(column, made, told + rest)


def text_reason(column: Profile) -> str:
    """What shows that words are sentences, or names of several common parts; nothing where they are neither."""
    if column.content != "words" or column.distinct < max(MANY, column.present / 2):
        return ""
    texts = list(column.counts)[:_LOOKED_AT]
    words = [set(text.lower().split()) for text in texts]
    count = sum(len(text.split()) for text in texts) / len(texts)
    seen = Counter(word for one in words for word in one)
    common = sum(seen[word] > 1 for one in words for word in one) / max(1, sum(map(len, words)))
    if count < WORDS or common < COMMON:
        return ""
    return f"texts of {count:.1f} words on average, {column.distinct:,} of {column.present:,} different"


def _feature(column: Profile, made: Column, reason: str) -> Feature:
    absent = f"; {100 * column.missing / column.rows:.2g} % missing" if column.missing else ""
    return Feature(made, reason + absent)
