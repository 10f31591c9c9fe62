"""The data report: what a project's data is and what is odd about it, as a value and in Markdown.

`data_page` shows the same value as a web page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import Finding
from omloop.report.markdown import escape_markdown, table

MOST_WORDS = 100
"""So many words of a category have a bar each."""
CELLS = 20


@dataclass(frozen=True)
class Distribution:
    """The distribution of one column: counts by cell, and for a number its low, median, mean and high.

    `cells` are pairs (label, count): the words of a category, or the ranges of equal width of a number.
    """

    name: str
    cells: tuple[tuple[str, int], ...]
    missing: int
    numbers: Mapping[str, float]
    dates: bool = False

    @classmethod
    def of(
        cls, name: str, values: NDArray[np.generic], categories: Sequence[str] = (), *, dates: bool = False
    ) -> Distribution:
        """Count `values` of shape (n,): indices of `categories`, or numbers; NaN is missing.

        With `dates`, the numbers are days since 1970-01-01.

        >>> Distribution.of("sex", np.array([0, 1, 1]), ("f", "m")).cells
        (('f', 1), ('m', 2))
        """
        numbers = np.asarray(values, np.float64)
        present = numbers[np.isfinite(numbers)]
        missing = len(numbers) - len(present)
        if categories:
            counts = np.bincount(present.astype(np.int64), minlength=len(categories)).tolist()
            return cls(name, _commonest(categories, counts), missing, {})
        if not len(present):
            return cls(name, (), missing, {})
        with np.errstate(over="ignore"):
            low, median, high = np.quantile(present, (0, 0.5, 1)).tolist()
            told = {"low": low, "median": median, "mean": float(present.mean()), "high": high}
        return cls(name, _ranges(present, low, high, date if dates else number), missing, told, dates)

    def tell(self, value: float) -> str:
        """One of the numbers as people read it."""
        return date(value) if self.dates else number(value)


@dataclass(frozen=True)
class DataReport:
    """All that the report shows. `parts` is part -> examples; `target` is part -> the target's distribution in it.

    `columns` are those of the training part. `previews` are HTML fragments by group, already safe to show. `checked`
    says whether the report looked for findings.
    """

    project: str
    summary: str
    source: str
    fingerprint: str
    parts: Mapping[str, int]
    target: Mapping[str, Distribution]
    columns: tuple[Distribution, ...]
    findings: tuple[Finding, ...]
    previews: Mapping[str, Sequence[str]]
    checked: bool = True


def data_markdown(report: DataReport) -> str:
    """The report in Markdown: every number of the page, without its pictures."""
    parts = [
        f"# Data of {report.project}",
        escape_markdown(report.summary),
        f"- **Source**: {escape_markdown(report.source)}\n- **Fingerprint**: `{report.fingerprint}`",
        "## Parts\n\n" + table(["part", "examples"], [[part, str(count)] for part, count in report.parts.items()]),
        "## What is odd\n\n" + _oddities(report),
        "## What is to be predicted\n\n" + _targets(report.target),
        "## Observed columns\n\nOf the training part.\n\n" + _columns(report.columns),
    ]
    return "\n\n".join(parts) + "\n"


def number(value: float) -> str:
    """A number as people read it, to five digits.

    >>> number(1234567.0), number(0.123456), number(3.0)
    ('1,234,567', '0.12346', '3')
    """
    if abs(value) >= 1e5 and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.5g}"


def date(value: float) -> str:
    """Days since 1970-01-01 as the date that they are.

    >>> date(19_753.5)
    '2024-01-31'
    """
    return str(np.datetime64(math.floor(value), "D"))


def nothing_odd(report: DataReport) -> str:
    """What stands where no finding does."""
    return "Nothing was found." if report.checked else "Nothing was looked for (data.quality=off)."


def _ranges(
    present: NDArray[np.float64], low: float, high: float, tell: Callable[[float], str]
) -> tuple[tuple[str, int], ...]:
    distinct = np.unique(present)
    if len(distinct) <= CELLS:
        return tuple((tell(float(value)), int((present == value).sum())) for value in distinct)
    with np.errstate(over="ignore"):
        if not np.isfinite(high - low):  # a column may reach to both ends of what a float holds
            return ((f"{tell(low)} to {tell(high)}", len(present)),)
    counts, edges = np.histogram(present, CELLS)
    labels = [f"{tell(a)} to {tell(b)}" for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]
    return tuple(zip(labels, counts.tolist(), strict=True))


def _commonest(words: Sequence[str], counts: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """Each word's count; of very many words those of the commonest, and of all others together."""
    if len(words) <= MOST_WORDS:
        return tuple(zip(words, counts, strict=True))
    first = sorted(range(len(words)), key=lambda word: -counts[word])[: MOST_WORDS - 1]
    others = f"{len(words) - len(first):,} other words"
    return (*((words[word], counts[word]) for word in first), (others, sum(counts) - sum(counts[one] for one in first)))


def _oddities(report: DataReport) -> str:
    if not report.findings:
        return nothing_odd(report)
    rows = [
        [found.check, found.severity, str(found.count), escape_markdown(found.message)] for found in report.findings
    ]
    return table(["check", "severity", "count", "what"], rows)


def _targets(target: Mapping[str, Distribution]) -> str:
    first = next(iter(target.values()))
    if first.numbers:
        rows = [[part, *map(number, found.numbers.values())] for part, found in target.items()]
        return table(["part", *first.numbers], rows)
    labels = list(dict.fromkeys(label for found in target.values() for label, _ in found.cells))
    counts = {part: dict(found.cells) for part, found in target.items()}
    rows = [[escape_markdown(label), *(str(counts[part].get(label, 0)) for part in target)] for label in labels]
    return table(["class", *target], rows)


def _columns(columns: Sequence[Distribution]) -> str:
    rows = []
    for column in columns:
        numbers = [
            column.tell(column.numbers[name]) if column.numbers else "" for name in ("low", "median", "mean", "high")
        ]
        cells = ", ".join(f"{escape_markdown(label)}: {count}" for label, count in column.cells)
        rows.append([escape_markdown(column.name), *numbers, str(column.missing), cells])
    return table(["column", "low", "median", "mean", "high", "missing", "counts"], rows)
