"""The course's checker, written down a second time, straight from the description of what it does."""

import re
from pathlib import Path

USUAL = ("words", 100, 200)
ASKED = {
    3: [("words", 0, 200)], 7: [("words", 50, 100)], 11: [("words", 200, 300)], 12: [("words", 50, 100)],
    14: [("words", 200, 300), ("screenshots", 1, 3)], 17: [("words", 50, 200)], 28: [("words", 0, 200)],
    19: [("screenshots", 1, 2)], 20: [("screenshots", 1, 2)], 21: [("screenshots", 1, 2)],
    29: [("words", 200, 400), ("screenshots", 1, 1)], 30: [("words", 200, 400)], 31: [("words", 50, 300)], 1: [], 2: [],
}  # fmt: skip
FORMER = {
    ("2025", 3): [USUAL], ("2025-first", 3): [USUAL], ("2025-first", 31): [("words", 50, 200)],
}  # fmt: skip


def oracle_answers(text: str) -> list[str]:
    found = []
    pieces = text.split("Answer:")[1:]
    for piece in pieces:
        if "###" in piece:
            found.append(piece.split("###")[0].split("##")[0])
    found.append(pieces[-1])
    return [one.strip("\n") for one in found]


def oracle(path: Path, year: str = "2026") -> tuple[list[str], int]:
    """The warnings in order, and how many questions passed; ValueError where it stops."""
    with path.open(encoding="utf-8") as file:
        answers = oracle_answers(file.read())
    if len(answers) != 31:
        raise ValueError(f"{len(answers)} answers")
    warnings, passed = [], 0
    for number, answer in enumerate(answers, 1):
        asked = FORMER.get((year, number)) or ASKED.get(number, [USUAL])
        good = True
        for what, low, high in asked:
            count = len(answer.split()) if what == "words" else len(re.findall(r"!\[.*?\]\(.*?\)", answer))
            if not low <= count <= high:
                good = False
                told = f"Expected number of {what} to be between {low} and {high} but got {count}"
                warnings.append(f"Question {number} failed check. {told}")
        passed += good
    return warnings, passed
