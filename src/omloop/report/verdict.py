"""The verdict on live predictions, as a value and as JSON: what moved, since when, where, and whether it hurts.

`verdict_page`, `verdict_markdown` and `verdict_terminal` show the same value to people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from omloop.core import Estimate

ASSUMES = "assumes no concept drift: that what is true of an input has not changed"
PICTURES = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg"}
LONGEST = 300
MOVED = ("column", "share of it all", "distance", "p-value", "how", "since")


@dataclass(frozen=True)
class MovedColumn:
    """One column that moved: its share of all the movement, its size and p-value, how in words, and since when.

    `cells` are (label, share of the reference, share of the live rows): of `words`, or in the order of a number.
    """

    column: str
    share: float
    distance: float
    p_value: float
    how: str
    since: str
    cells: tuple[tuple[str, float, float], ...] = ()
    words: bool = False


@dataclass(frozen=True)
class Where:
    """A slice of the live rows in which something is more frequent, or larger, than in the others."""

    name: str
    rows: int
    inside: float
    outside: float


@dataclass(frozen=True)
class ErrorEvidence:
    """The evidence on the error: `name` is the name of its mean, `tested` that mean in the test part.

    `live` is the mean of the window's `labelled` rows; None where no labels came. `since` says when the error rose
    beyond doubt, by all `labels` that ever came, and is empty where it did not. `estimated` needs no labels; where it
    is None, `problem` says why. `scores` are the metrics, as (name, in the test, live). `shares` says for which answers
    labels come, where they do not come for all alike.
    """

    name: str
    tested: Estimate | None
    live: Estimate | None = None
    labelled: int = 0
    labels: int = 0
    since: str = ""
    estimated: Estimate | None = None
    problem: str = ""
    scores: tuple[tuple[str, Estimate, Estimate], ...] = ()
    shares: str = ""

    @property
    def worse(self) -> bool:
        """Whether the error of the window is above that of the test by more than both intervals allow."""
        return self.live is not None and self.tested is not None and self.live.low > self.tested.high


@dataclass(frozen=True)
class Pair:
    """An unusual live example beside the reference example nearest to it.

    `live` and `reference` are a picture or a text of each, by field; empty where there is none, or none on record.
    `columns` are (observed column, live, reference), the most different first. `distance` is in units of the distance
    that one in twenty reference examples exceeds.
    """

    time: str
    answer: str
    truth: str
    distance: float
    columns: tuple[tuple[str, str, str], ...]
    live: Mapping[str, object] = field(default_factory=dict)
    reference: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """All facts of a verdict on a window of live predictions, at the time `made`.

    `judged` says whether there were enough rows to tell. `unusual` are the slices with the most unusual rows, `wrong`
    those with the largest errors. `warned` says in words what may have moved, where that is no alarm yet.
    """

    project: str
    version: str
    made: str
    rows: int
    first: str
    last: str
    judged: bool
    columns: int
    moved: tuple[MovedColumn, ...]
    hurt: ErrorEvidence
    unusual: tuple[Where, ...] = ()
    wrong: tuple[Where, ...] = ()
    examples: tuple[Pair, ...] = ()
    warned: str = ""

    @property
    def headline(self) -> str:
        """The verdict in one sentence.

        >>> quiet = ErrorEvidence("error rate", Estimate(0.1, 0.08, 0.12))
        >>> Verdict("imdb", "4f1c0b", "now", 900, "then", "now", True, 9, (), quiet).headline
        'Nothing moved; whether it hurts is not known yet: no labels came.'
        """
        return f"{self._inputs}; {self._error}."

    @property
    def _inputs(self) -> str:
        if not self.judged:
            return f"{self.rows:,} live rows are too few to tell whether anything moved"
        if not self.moved:
            return self.warned or "Nothing moved"
        first = self.moved[0].column
        return f"{len(self.moved)} of {self.columns} columns moved, {first} the most"

    @property
    def _error(self) -> str:
        if self.hurt.since:
            return f"it hurts: the {self.hurt.name} rose, since {self.hurt.since}"
        if self.hurt.shares:
            return f"whether the {self.hurt.name} rose is not sure: labels do not come for all answers alike"
        if self.hurt.worse:
            return f"the {self.hurt.name} is worse in this window, not yet beyond doubt by {self.hurt.labels:,} labels"
        if self.hurt.labels:
            return f"the {self.hurt.name} did not rise, by {self.hurt.labels:,} labels"
        return "whether it hurts is not known yet: no labels came"


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """The verdict as JSON values; a number that JSON does not know is null."""
    plain: dict[str, object] = _plain({"headline": verdict.headline, **asdict(verdict)})
    return plain


def picture_type(value: object) -> str:
    """The content type of a picture in base64, empty for anything else.

    >>> picture_type("/9j/4AAQSkZJRg=="), picture_type("a text")
    ('image/jpeg', '')
    """
    words = value if isinstance(value, str) else ""
    return next((media_type for start, media_type in PICTURES.items() if words.startswith(start)), "")


def words_of(value: object) -> str:
    """A value of an example in a few words."""
    if picture_type(value):
        return "(picture)"
    words = "missing" if value is None else str(value)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def moved_lines(verdict: Verdict) -> list[tuple[str, ...]]:
    """What moved, a line a column, under the head `MOVED`."""
    return [
        (m.column, f"{100 * m.share:.0f} %", f"{m.distance:.3g}", f"{m.p_value:.2g}", m.how, m.since)
        for m in verdict.moved
    ]


def error_lines(hurt: ErrorEvidence) -> list[tuple[str, str]]:
    """The evidence on the error, as (what, value) for tables."""
    tested = "not in this bundle; package the model again" if hurt.tested is None else str(hurt.tested)
    live = "no labels came" if hurt.live is None else f"{hurt.live} over {hurt.labelled:,} labels of this window"
    estimated = f"not available: {hurt.problem}" if hurt.estimated is None else f"{hurt.estimated} ({ASSUMES})"
    doubt = "not yet, but worse in this window" if hurt.worse else "no"
    risen = f"since {hurt.since}" if hurt.since else doubt if hurt.labels else "no labels came"
    return [
        (f"{hurt.name}, in the test", tested),
        (f"{hurt.name}, live", live),
        (f"{hurt.name}, estimated without labels", estimated),
        (f"risen beyond doubt, by all {hurt.labels:,} labels", risen),
        *([("labels", hurt.shares)] if hurt.shares else []),
    ]


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value
