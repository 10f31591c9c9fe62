"""Checking a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from omloop.core import Facts, OmloopError, UnknownNameError
from omloop.loop.report.find import find_report, read_report
from omloop.loop.report.pictures import ReportPictures, repository_of
from omloop.report.course import (
    LIMITS,
    QUESTIONS,
    Checklist,
    Document,
    Judgement,
    Note,
    Template,
    checklist_of,
    count_problems,
    judge,
    notes_of,
    template_of,
)

COLLECTED = Path("reports", "README.md")
"""The one path of a repository that the course's leaderboard reads."""


@dataclass(frozen=True, repr=False)
class CheckedReport(Facts):
    """The verdict on each question of a report, and what the course's checker does not see.

    `year` is that of the template whose limits were taken. `is_collected` says whether the report lies where the
    course's leaderboard looks for it; None outside of a repository.
    """

    path: Path
    year: str
    template: Template
    checklist: Checklist
    questions: Sequence[Judgement]
    notes: Sequence[Note]
    is_collected: bool | None

    @property
    def passed(self) -> int:
        """How many questions pass."""
        return sum(one.passed for one in self.questions)

    @property
    def all_passed(self) -> bool:
        """Whether every question passes."""
        return self.passed == len(self.questions)

    def facts(self) -> dict[str, object]:
        """What came of it."""
        boxes = f"{self.checklist.ticked}/{self.checklist.boxes}"
        passed = f"{self.passed}/{len(self.questions)}"
        return {"passed": passed, "template": self.template.name, "ticked": boxes, "notes": len(self.notes)}

    def value(self) -> Mapping[str, object]:
        """All of it as JSON has it."""
        return {
            "path": str(self.path),
            "passed": self.passed,
            "total": len(self.questions),
            "template": {"year": self.year, "name": self.template.name, "differences": list(self.template.differences)},
            "checklist": asdict(self.checklist),
            "is_collected": self.is_collected,
            "questions": [self._question(one) for one in self.questions],
        }

    def _question(self, one: Judgement) -> dict[str, object]:
        notes = [{"line": note.line, "text": note.text} for note in self.notes if note.question == one.question]
        return {**asdict(one), "passed": one.passed, "notes": notes}


def check_report(given: str | Path = ".", year: str = "") -> CheckedReport:
    """Judge a report as the course's checker does, by the limits of the template's year, or of the one that is given.

    Raises OmloopError for what is no report: the course's checker stops at it.
    """
    if year and year not in LIMITS:
        raise UnknownNameError("template", year, LIMITS)
    path = find_report(given)
    document = read_report(path)
    _require_answers(path, document)
    template = template_of(document)
    year = year or template.year
    questions = judge(document.answers, LIMITS[year])
    notes = notes_of(document, questions, ReportPictures.of(path).problem)
    return CheckedReport(path, year, template, checklist_of(document), questions, notes, _is_collected(path))


def _require_answers(path: Path, document: Document) -> None:
    count = len(document.answers)
    if count == QUESTIONS:
        return
    why = "".join(f" {one}." for one in count_problems(document))
    told = (
        f"'{path}' has {count or 'no'} answers, each behind an 'Answer:', and the course's checker expects {QUESTIONS}"
    )
    raise OmloopError(f"{told}: it stops.{why}")


def _is_collected(path: Path) -> bool | None:
    file = path.resolve()
    repository = repository_of(file.parent)
    return None if repository is None else file == repository / COLLECTED
