"""The type of the answer: a number or classes, from only the values of the target."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from omloop.core import DataError
from omloop.data.infer.guess import AnswerGuess
from omloop.data.infer.profile import Profile, natural, truth_order

MOST_CLASSES = 1_000
LEAST_LABELLED = 20
FEW = 5
"""Integers of so few values are classes: no model of a number is better there."""
SCALE = 20
"""Up to this many different integers may be classes; more only if they count from 0 or 1 and are evenly frequent."""
EVEN = 5.0
"""The largest ratio of the most frequent class to the least frequent one that still counts as even."""
RARE = 0.1
"""A class of a smaller share is rare: accuracy hardly feels it."""
IMBALANCE = 10.0


def answer_of(path: Path, target: Profile) -> AnswerGuess:
    """The answer; raises DataError for a target of one value, of too few, of free text or of too many classes."""
    _require(path, target)
    if target.content == "numbers":
        kept, reason = _as_classes(target)
        if not kept:
            return _number(target, reason)
        return _classes(target, _number_words(target), reason)
    if target.content == "truths":
        return _classes(target, _truth_words(target), "true and false")
    words = truth_order(list(target.counts))
    reason = f"{target.distinct:,} different words"
    return _classes(target, words or sorted(target.counts, key=natural), reason, ordered=words is not None)


def _require(path: Path, target: Profile) -> None:
    who = f"{path}: the target '{target.name}'"
    if target.content == "nested":
        raise DataError(f"{who} holds lists or objects. Name a column of numbers or of words.")
    if target.content == "dates":
        raise DataError(f"{who} holds dates. Name a number, such as the days until then, or words.")
    if target.present < LEAST_LABELLED:
        raise DataError(
            f"{who} has a value in {target.present} of {target.rows} rows; {LEAST_LABELLED} are needed to learn and to "
            "test. Give more rows with a target."
        )
    if target.distinct < 2:
        only = next(iter(target.counts))
        raise DataError(f"{who} is {only!r:.60} in every row, so there is nothing to learn. Name another column.")
    if target.content == "words" and (target.distinct > MOST_CLASSES or target.distinct > target.present / 2):
        raise DataError(
            f"{who} has {target.distinct:,} different words in {target.present:,} rows, such as "
            f"{next(iter(target.counts))!r:.40}: a free text or an id, of which no class can be learned. At most "
            f"{MOST_CLASSES:,} classes, each in two rows or more, work. Name a number, or a column of fewer words."
        )


def _as_classes(target: Profile) -> tuple[bool, str]:
    """Whether numbers are names of classes, and why or why not."""
    if not target.whole or np.abs(target.numbers[~np.isnan(target.numbers)]).max() >= 2**53:
        return False, f"{target.distinct:,} different numbers"
    values, counts = np.unique(target.numbers[~np.isnan(target.numbers)], return_counts=True)
    told = f"{len(values):,} different integers"
    unbroken = bool(values[-1] - values[0] == len(values) - 1)
    if len(values) <= 2:
        return True, "two different integers"
    if len(values) <= FEW:
        return True, f"only {told}"
    if len(values) <= SCALE:
        if not unbroken and len(values) <= SCALE / 2:
            return True, f"{told} with gaps between them"
        if unbroken and not _one_peak(counts):
            return True, f"{told}, which are not frequent in the way of a scale or a count"
        return False, f"{told}, most frequent at {values[counts.argmax()]:.0f} and rarer to both sides, as on a scale"
    even = counts.max() <= EVEN * counts.min() and counts.min() >= FEW
    if unbroken and values[0] in (0.0, 1.0) and even and len(values) <= MOST_CLASSES:
        return True, f"{told} from {values[0]:.0f} on, evenly frequent"
    return False, told


def _one_peak(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> bool:
    """Whether counts rise to one peak and fall from there: by chance in 2^(k - 1) of k! orders, for six one in 22.

    Counts that hardly differ have no peak.
    """
    if counts.max() <= 2 * counts.min():
        return False
    steps = np.diff(counts)
    peak = int(counts.argmax())
    return bool((steps[:peak] >= 0).all() and (steps[peak:] <= 0).all())


def _number(target: Profile, reason: str) -> AnswerGuess:
    known = target.numbers[~np.isnan(target.numbers)]
    spread = f", from {known.min():.6g} to {known.max():.6g}"
    return AnswerGuess(
        target=target.name,
        kind="number",
        reason=reason + spread,
        labelled=target.present,
        missing=target.missing,
        low=0.0 if known.min() == 0 else None,
        metric="r2",
        metric_reason="the share of the target's variance that is explained, whatever its unit",
    )


def _number_words(target: Profile) -> dict[str, int]:
    """The classes of integers in their order, spelt as the records spell them; 1 and 1.0 are one class."""
    spelt: dict[float, int] = {}
    for word, count in target.counts.items():
        spelt[float(word)] = spelt.get(float(word), 0) + count
    return {f"{value:.0f}": spelt[value] for value in sorted(spelt)}


def _truth_words(target: Profile) -> dict[str, int]:
    """`false` and `true`, or as the texts of the file spell them."""
    if not target.as_texts:
        return {word: target.counts.get(word, 0) for word in ("false", "true")}
    return dict(sorted(target.counts.items(), key=lambda one: one[0].lower()))


def _classes(target: Profile, words: dict[str, int] | list[str], reason: str, *, ordered: bool = True) -> AnswerGuess:
    counts = words if isinstance(words, dict) else {word: target.counts[word] for word in words}
    if len(counts) == 2 and not ordered:  # the rarer of two words is looked for
        counts = dict(sorted(counts.items(), key=lambda one: -one[1]))
    return classes_of(target.name, counts, reason, missing=target.rows - sum(counts.values()))


def classes_of(target: str, counts: dict[str, int], reason: str, *, missing: int) -> AnswerGuess:
    """The answer that is one of the classes which `counts` names in their order, with the records of each."""
    total, least, most = sum(counts.values()), min(counts.values()), max(counts.values())
    metric, why = _metric(counts, least / total, most / least)
    return AnswerGuess(
        target=target,
        kind="classes",
        reason=reason,
        labelled=total,
        missing=missing,
        words=tuple(counts),
        counts=tuple(counts.values()),
        metric=metric,
        metric_reason=why,
        balance=0.5 if most / least > IMBALANCE else 0.0,
    )


def _metric(counts: dict[str, int], share: float, imbalance: float) -> tuple[str, str]:
    if len(counts) == 2:
        if share < RARE:
            return "pr_auc", f"the rarer class has {100 * share:.2g} % of the rows, and is what is looked for"
        return "roc_auc", f"how well the two classes are told apart; the rarer has {100 * share:.2g} % of the rows"
    if imbalance > IMBALANCE:
        return "balanced_accuracy", f"the most frequent class has {imbalance:.3g} times the rows of the rarest"
    return "accuracy", f"of {len(counts)} classes the most frequent has {imbalance:.3g} times the rows of the rarest"
