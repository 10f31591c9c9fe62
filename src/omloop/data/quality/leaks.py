"""Looking for columns that give the target away, by the score of each alone on held-out examples; see `alone`.

A column is suspect if it explains nearly all of the target and the next best explains far less. An honest predictor has
close neighbours; a leak has none. A column may follow from the target without determining it (passed or not, from a
score). The reverse test finds such a column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.core import Finding, NumberArray
from omloop.data.quality.alone import Score, Side, score_alone, scores_alone

if TYPE_CHECKING:
    from omloop.data.quality.pool import Pool

NUMBER = 0.98
"""Score from which a column is suspect of being a number: it leaves 2 % of the target's variance in ranks."""
CLASSES = 0.92
"""The same for classes: about one error in a hundred. `benchmarks/data/leaks.py` shows what honest columns reach."""
FAR = 4.0
"""How many times more than a suspect the best other column must leave unexplained."""
LEAST_NUMBERED = 0.05
"""Score from which a column that numbers the records is told: nothing at all should follow from it."""
FEW_VALUES = 32
MOST_ROWS = 20_000
"""Training examples that are looked at, evenly spread, and half as many held-out ones."""
MOST_MEASURED = 2_000
"""The same where columns are measured, as in pictures and texts: that takes longer, and a leak is as plain."""


def leaks(pool: Pool) -> Finding | None:
    """Columns that alone give the target away, are the target, follow from it, or only number the records."""
    columns, target = _sides(pool)
    found = {name: words for name in columns if (words := _is_target(pool, name, columns[name], target))}
    others = {name: column for name, column in columns.items() if name not in found}
    scores, suspects = giving_away(others, target)
    for name, score in scores.items():
        if name in suspects:
            found[name] = f"'{name}' alone gives the target away on held-out records, {told(score, target)}"
        elif words := follows(name, columns[name], target) or _numbering(pool, name, score, target):
            found[name] = words
    if not found:
        return None
    honest = [name for name in scores if name not in found]
    best = max(honest, key=lambda name: scores[name].value, default=None)
    compared = f"; of the others '{best}' says most, {told(scores[best], target)}" if best else ""
    advice = "What is not known before the answer is belongs into the project's `ignored`, or out of data.features"
    message = f"{'; '.join(found.values())}{compared}. {advice}"
    return Finding("leaks", "warning", len(found), message, columns=tuple(found))


def giving_away(columns: Mapping[str, Side], target: Side) -> tuple[dict[str, Score], set[str]]:
    """How much of the target each column alone explains, and the names of those that give it away."""
    scores = scores_alone(columns, target)
    return scores, _suspects(columns, scores, target)


def _sides(pool: Pool) -> tuple[dict[str, Side], Side]:
    """Every observed column and the target, as training and held-out values."""
    by_name = set(pool.kind.fields) & set(pool.kind.observed)
    most = MOST_ROWS if by_name else MOST_MEASURED
    parts = pool.dataset.train, pool.dataset.validation, pool.dataset.test
    chosen = [_spread(len(part), limit) for part, limit in zip(parts, (most, most // 4, most // 4), strict=True)]
    seen = [
        pool.kind.observe(part.examples[rows]) if len(rows) else dict.fromkeys(pool.kind.observed, np.empty(0))
        for part, rows in zip(parts, chosen, strict=True)
    ]
    truth = [part.targets[rows] for part, rows in zip(parts, chosen, strict=True)]

    def side(values: Sequence[NumberArray], *, words: bool) -> Side:
        train, *held_out = (np.asarray(one, np.float64) for one in values)
        return Side(train, np.concatenate(held_out), words)

    words = {name: bool(categories) for name, categories in pool.kind.observed.items()}
    columns = {name: side([one[name] for one in seen], words=words[name]) for name in pool.kind.observed}
    return columns, side(truth, words=bool(pool.classes))


def _suspects(columns: Mapping[str, Side], scores: dict[str, Score], target: Side) -> set[str]:
    """Columns that leave next to nothing of the target open, or part its classes to the last example."""
    limit = CLASSES if target.words else NUMBER
    near = {name for name, score in scores.items() if score.value - score.error >= limit}
    if target.words:
        near |= {name for name in scores if _in_bands(target, columns[name])}
    left = min([1.0, *(1 - scores[name].value for name in scores.keys() - near)])
    return {name for name in near if FAR * (1 - scores[name].value) <= left}


def told(score: Score, target: Side) -> str:
    """A score in words."""
    return f"{'log loss saved' if target.words else 'r2 of ranks'} {max(score.value, 0.0):.3f}"


def _is_target(pool: Pool, name: str, column: Side, target: Side) -> str:
    """The message for a column that holds the target itself; empty for any other."""
    words, known = pool.kind.observed[name], target.train.astype(np.float32)
    if bool(words) != bool(pool.classes) or not len(known) or (known == known[0]).all():
        return ""
    values = column.train
    if words:
        code = np.array([*(pool.classes.index(word) if word in pool.classes else -1 for word in words), -1])
        values = code[np.nan_to_num(values, nan=-1).astype(np.int64)]
    if not np.array_equal(values, known):
        return ""
    target_name = pool.project.target
    return f"'{name}' is the target" + (f" '{target_name}' under another name" if name != target_name else " itself")


def follows(name: str, column: Side, target: Side) -> str:
    """The message for a column of few values that the target's number decides; empty for any other.

    Classes decide much that is no leak: whether a person wears glasses follows from who it is.
    """
    if target.words or len(np.unique(column.train)) > FEW_VALUES:
        return ""
    if _in_bands(column, target):
        return f"'{name}' follows from the target: each of its values is a band of it"
    score = score_alone(target, Side(column.train, column.held_out, words=True))
    if score.value - score.error < CLASSES:
        return ""
    return f"'{name}' follows from the target on held-out records, log loss saved {score.value:.3f}"


def _in_bands(column: Side, target: Side) -> bool:
    """Whether no example of one value lies, by its target, among or beside those of another.

    Chance does it once in 80,000 columns. Of the 161,700 ways to choose three of 100 examples, two put them at one end
    of the others.
    """
    _, value, counts = np.unique(np.r_[column.train, column.held_out], return_inverse=True, return_counts=True)
    place = np.unique(np.r_[target.train, target.held_out], return_inverse=True)[1]
    order = np.lexsort((value, place))
    changes = np.diff(value[order]) != 0
    beside = np.diff(place[order]) == 0
    return bool(counts.min() >= 3 and changes.sum() == len(counts) - 1 and not (changes & beside).any())


def _numbering(pool: Pool, name: str, score: Score, target: Side) -> str:
    """The message for a column of different integers, close together, that decide some of the target."""
    if pool.kind.observed[name] or name not in pool.kind.fields or score.value - 2 * score.error < LEAST_NUMBERED:
        return ""
    parts = pool.dataset.train, pool.dataset.validation, pool.dataset.test
    values = np.concatenate([np.asarray(pool.kind.observe(part.examples)[name], np.float64) for part in parts])
    whole = bool((values == np.floor(values)).all()) and len(np.unique(values)) == len(values)
    if not whole or values.max() - values.min() >= 2 * len(values):
        return ""
    return f"'{name}' only numbers the records, but the target goes with it, {told(score, target)}"


def _spread(count: int, most: int) -> NDArray[np.int64]:
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)
