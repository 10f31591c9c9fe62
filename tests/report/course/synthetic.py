"""Reports made up for tests: 31 questions in our own words, with answers that pass or do what a test asks."""

from collections.abc import Mapping, Sequence

from omloop.report.course.limits import BOXES, LIMITS, NEWEST, Limits

SECTIONS = {4: "Where we work", 7: "Versions", 12: "Experiments", 17: "Clouds", 23: "Serving", 27: "Looking back"}
PICTURE = "![seen](figures/seen.png)"


def words(count: int, word: str = "word") -> str:
    """So many words."""
    return " ".join([word] * count)


def passing(limits: Limits) -> str:
    """The shortest answer that passes."""
    pictures = [PICTURE] * (limits.pictures or (0, 0))[0]
    rest = max(0, (limits.words or (0, 0))[0] - len(pictures))
    return "\n\n".join([words(rest), *pictures])


def question(number: int, answer: str, limits: Limits) -> str:
    """One question as a template writes it: a heading, quoted text with the recommended length, the answer."""
    section = f"## {SECTIONS[number]}\n\n> What we ask about in this part.\n\n" if number in SECTIONS else ""
    length = f"> Recommended answer length: {limits.words[0]}-{limits.words[1]} words.\n>\n" if limits.words else ""
    return f"{section}### Question {number}\n\n> **Tell about the {limits.about}.**\n>\n{length}> Answer:\n\n{answer}\n"


def report(
    answers: Mapping[int, str] = {}, *, year: str = NEWEST, ticked: int = 0, skip: Sequence[int] = (), head: str = ""
) -> str:
    """A whole report; every question that `answers` does not hold is answered so that it passes."""
    limits = dict(enumerate(LIMITS[year], 1))
    boxes = "\n".join(f"* [{'x' if place < ticked else ' '}] Task {place} (M1)" for place in range(BOXES[year]))
    parts = [
        question(number, answers.get(number, passing(one)), one) for number, one in limits.items() if number not in skip
    ]
    return "\n".join([head or "# Our report", "", "## What we did", "", boxes, "", "## Us", "", *parts])
