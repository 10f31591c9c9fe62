"""What the course's checker asks of each answer: words and pictures, by the version of the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

QUESTIONS = 31
Range = tuple[int, int]
"""The least and the most, both allowed."""
NEWEST = "2026"


@dataclass(frozen=True)
class Limits:
    """What one answer must have; None where anything will do. `about` says in our words what the question asks."""

    about: str
    words: Range | None = None
    pictures: Range | None = None


_USUAL, _LONG = (100, 200), (200, 400)
_NEWEST = (
    Limits("group number"),
    Limits("study numbers"),
    Limits("other packages", (0, 200)),
    Limits("dependencies", _USUAL),
    Limits("structure", _USUAL),
    Limits("code quality", _USUAL),
    Limits("tests", (50, 100)),
    Limits("coverage", _USUAL),
    Limits("pull requests", _USUAL),
    Limits("versions of data", _USUAL),
    Limits("continuous integration", (200, 300)),
    Limits("configuration", (50, 100)),
    Limits("reproducibility", _USUAL),
    Limits("experiment tracking", (200, 300), (1, 3)),
    Limits("Docker", _USUAL),
    Limits("debugging, profiling", _USUAL),
    Limits("cloud services", (50, 200)),
    Limits("Compute Engine", _USUAL),
    Limits("bucket", None, (1, 2)),
    Limits("artifact registry", None, (1, 2)),
    Limits("build history", None, (1, 2)),
    Limits("cloud training", _USUAL),
    Limits("API", _USUAL),
    Limits("deployment", _USUAL),
    Limits("API and load tests", _USUAL),
    Limits("monitoring", _USUAL),
    Limits("credits", _USUAL),
    Limits("extras", (0, 200)),
    Limits("architecture", _LONG, (1, 1)),
    Limits("struggles", _LONG),
    Limits("contributions", (50, 300)),
)
_2025 = (*_NEWEST[:2], Limits(_NEWEST[2].about, _USUAL), *_NEWEST[3:])
LIMITS: Mapping[str, Sequence[Limits]] = {
    NEWEST: _NEWEST,
    "2025": _2025,
    "2025-first": (*_2025[:-1], Limits(_2025[-1].about, (50, 200))),
}
"""The limits of all questions, by the year of the template, the newest first. Two templates of 2025 exist."""
BOXES: Mapping[str, int] = {NEWEST: 53, "2025": 52, "2025-first": 52}
"""How many boxes the check-list of each year has."""
