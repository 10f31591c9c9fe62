"""The verdict on each answer, which is that of the course's checker, and the lines by which it tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from omloop.report.course.answers import Answer
from omloop.report.course.limits import Limits, Range
from omloop.report.course.pictures import pictures_in


@dataclass(frozen=True)
class Judgement:
    """What an answer has, what it must have, and in the checker's words what does not hold."""

    question: int
    line: int
    words: int
    pictures: int
    limits: Limits
    failures: Sequence[str]

    @property
    def passed(self) -> bool:
        """Whether everything holds."""
        return not self.failures


def judge(answers: Sequence[Answer], limits: Sequence[Limits]) -> Sequence[Judgement]:
    """The verdicts in order; whatever stands between two blanks is a word."""
    return tuple(_judge(number, *both) for number, both in enumerate(zip(answers, limits, strict=True), 1))


def _judge(question: int, answer: Answer, limits: Limits) -> Judgement:
    words, pictures = len(answer.text.split()), sum(1 for _ in pictures_in(answer.text))
    failures = (
        *_failure(question, "words", words, limits.words),
        *_failure(question, "screenshots", pictures, limits.pictures),
    )
    return Judgement(question, answer.line, words, pictures, limits, failures)


def _failure(question: int, what: str, found: int, asked: Range | None) -> Iterator[str]:
    if asked and not asked[0] <= found <= asked[1]:
        expected = f"Expected number of {what} to be between {asked[0]} and {asked[1]}"
        yield f"Question {question} failed check. {expected} but got {found}"


def log_lines(judgements: Sequence[Judgement], now: datetime) -> Iterator[str]:
    """The lines that the checker writes to standard error, by which the course's leaderboard counts.

    They look as loguru's do; in place of a line of a program stands the line of the answer.
    """
    at = f"{now:%Y-%m-%d %H:%M:%S}.{now.microsecond // 1000:03}"
    for one in judgements:
        for failure in one.failures:
            yield f"{at} | WARNING  | __main__:check:{one.line} - {failure}"
    passed = sum(one.passed for one in judgements)
    last = judgements[-1].line if judgements else 1
    yield f"{at} | INFO     | __main__:check:{last} - Total number of questions passed: {passed}/{len(judgements)}"
