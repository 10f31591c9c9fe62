"""A report's ticked boxes against the evidence: claims without evidence, and evidence without a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from omloop.audit.checklist import CHECKLIST
from omloop.audit.fences import fenced_blocks
from omloop.audit.item import AuditResult, Item, ItemResult

LEAST_SCORE = 0.9
"""How much a line must have in common with an item: about one word that no other item has."""
_BOX = re.compile(r"^\s*(?:[*+-]|\d+[.)])\s*\[((?!\^|\d+\])[^\[\]()]{0,12})\](?![(\[:])\s*(.+)$")
"""A box with a mark or a short word, such as `[TODO]`; a link, a footnote and a number of a source are none."""
_MODULE = re.compile(r"\bM(\d+)")


@dataclass(frozen=True)
class Box:
    """A line of a check-list."""

    line: int
    text: str
    ticked: bool


@dataclass(frozen=True)
class Claim:
    """A box with the item that it means, None where no item fits, and whether the evidence agrees with it."""

    box: Box
    result: ItemResult | None

    @property
    def verdict(self) -> Literal["agrees", "ticked, not found", "ticked, weak", "found, not ticked", "cannot tell"]:
        """What the evidence says of the box."""
        if self.result is None or self.result.evidence.state == "not in files":
            return "cannot tell"
        state = self.result.evidence.state
        if self.box.ticked:
            told = {"found": "agrees", "weak": "ticked, weak"}
            return told.get(state, "ticked, not found")  # type: ignore[return-value]
        if state == "found":
            return "cannot tell" if self.result.item.asks_more else "found, not ticked"
        return "agrees"


def compare_report(text: str, result: AuditResult) -> list[Claim]:
    """Each box of a Markdown text, in its order, held against the evidence."""
    boxes = list(read_boxes(text))
    meant = match(boxes, CHECKLIST)
    by_item = {id(one.item): one for one in result.items}
    return [Claim(box, by_item.get(id(meant.get(index)))) for index, box in enumerate(boxes)]


def read_boxes(text: str) -> Iterator[Box]:
    """The boxes of a Markdown text, each together with the lines that continue it.

    >>> [(one.ticked, one.text) for one in read_boxes("* [x] Use Hydra (M11)\\n- [LATER] Load test")]
    [(True, 'Use Hydra (M11)'), (False, 'Load test')]
    """
    lines = text.splitlines()
    for block, _ in list(fenced_blocks(lines)):
        lines[block.start - 1 : block.stop - 1] = [""] * len(block)
    for index, line in enumerate(lines):
        if found := _BOX.match(line):
            told = [found[2]]
            for more in lines[index + 1 :]:
                if not more.startswith((" ", "\t")) or _BOX.match(more) or not more.strip():
                    break
                told.append(more)
            yield Box(index + 1, " ".join(" ".join(told).split()), found[1] in ("x", "X", "✓", "✔"))


def match(boxes: Sequence[Box], items: Sequence[Item]) -> Mapping[int, Item]:
    """Which item each box means, by words and module, each item at most once: the best fit first."""
    weights = _weights(items)
    scored = [
        (_score(box.text, item, weights), -index, -at)
        for index, box in enumerate(boxes)
        for at, item in enumerate(items)
    ]
    meant: dict[int, Item] = {}
    taken = set[int]()
    for score, index, at in sorted(scored, reverse=True):
        if score >= LEAST_SCORE and -index not in meant and -at not in taken:
            meant[-index] = items[-at]
            taken.add(-at)
    return meant


def _weights(items: Iterable[Item]) -> Mapping[str, float]:
    """How much each word tells: less the more items have it."""
    counts: dict[str, int] = {}
    for item in items:
        for word in set(item.words.split()):
            counts[word] = counts.get(word, 0) + 1
    return {word: 1 / count for word, count in counts.items()}


def _score(text: str, item: Item, weights: Mapping[str, float]) -> float:
    said = re.findall(r"[\w&.-]+", text.lower())
    words = item.words.split()
    hits = [word for word in words if any(one.startswith(word) for one in said)]
    modules = {int(number) for number in _MODULE.findall(text)}
    same = 0.6 if modules and modules & set(item.modules) else -0.6 if modules and item.modules else 0.0
    return sum(weights[word] for word in hits) + len(hits) / len(words) + (same if hits else 0.0)
