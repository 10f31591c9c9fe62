"""Count long sentences and passive ones in the docs, in docstrings and in what commands say of themselves.

python docs/check_prose.py            # a line a shelf
python docs/check_prose.py --list     # the long sentences too, the longest first
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
LONG = 25
"""Words: what a stranger reads once (the plain-language guides of several governments ask for 15 to 25)."""
BE = r"(?:am|is|are|was|were|be|been|being|gets?|got)"
IRREGULAR = (
    "made|found|kept|told|held|given|taken|known|seen|read|written|chosen|drawn|shown|built|brought|bought|caught|cut|"
    "done|drawn|driven|fed|forgotten|frozen|gone|heard|hidden|hit|laid|learnt|led|left|let|lost|meant|met|paid|put|"
    "run|said|sent|set|shut|sold|spent|split|spread|stolen|stuck|sworn|taught|thought|thrown|understood|won|worn|bound|"
    "begun|broken|begun|dealt|spoken|swept|torn|woken|withdrawn|overwritten|rewritten|retaken|redrawn|rerun|reset"
)
PASSIVE = re.compile(
    rf"\b{BE}\s+(?:(?:not|never|also|then|now|only|always|still|first|all|both|\w+ly)\s+)*(?:\w{{2,}}ed|{IRREGULAR})\b",
    re.I,
)
END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z0-9\"'(`\[]|omloop)")
ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|et al|vs|cf|approx|no)\.$", re.I)


@dataclass(frozen=True)
class Sentence:
    """One sentence, and the file and line of the paragraph that it stands in."""

    text: str
    path: str
    line: int

    @property
    def words(self) -> int:
        """How many words it has: what stands between blanks and holds a letter or a digit."""
        return sum(bool(re.search(r"\w", word)) for word in self.text.split())

    @property
    def passive(self) -> bool:
        """Whether a form of `be` stands before a participle."""
        return PASSIVE.search(self.text) is not None


def sentences_of(markdown: str, path: str, offset: int = 0) -> Iterator[Sentence]:
    """The sentences of paragraphs and list items; code, tables and headings have none."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    table = heading = False
    for token in tokens:
        if token.type in ("table_open", "table_close"):
            table = token.type == "table_open"
        if token.type in ("heading_open", "heading_close"):
            heading = token.type == "heading_open"
        if token.type == "inline" and not table and not heading:
            line = offset + (token.map[0] if token.map else 0) + 1
            yield from (Sentence(text, path, line) for text in split(_plain(token)))


def split(paragraph: str) -> list[str]:
    """A paragraph's sentences.

    >>> split("It is read. Then, e.g. by a server, it is answered. Done!")
    ['It is read.', 'Then, e.g. by a server, it is answered.', 'Done!']
    """
    parts: list[str] = []
    for part in END.split(" ".join(paragraph.split())):
        if parts and ABBREVIATED.search(parts[-1]):
            parts[-1] += f" {part}"
        elif part:
            parts.append(part)
    return parts


def _plain(token: Token) -> str:
    """The text of an inline token; a piece of code is one word."""
    told = {"code_inline": "CODE", "softbreak": " "}
    return "".join(told.get(one.type, one.content if one.type == "text" else "") for one in token.children or [])


def docstrings(path: Path) -> Iterator[tuple[str, int]]:
    """Each docstring without its examples, and its line."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield text.split(">>>")[0], getattr(node, "lineno", 1)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in ("help", "description") and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value), node.lineno


PAGES = {
    "tutorial": "docs/tutorial/*.md",
    "how-to": "docs/how-to/*.md",
    "reference": "docs/reference/*.md",
    "why": "docs/why/*.md",
    "decisions": "docs/decisions/*.md",
    "projects": "projects/*/README.md",
    "front": "*.md",
}
"""The shelves, and where their pages lie."""


def sentences_on(shelf: str) -> list[Sentence]:
    """The sentences of a shelf's pages."""
    return [
        sentence
        for path in sorted(ROOT.glob(PAGES[shelf]))
        for sentence in sentences_of(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    ]


def sentences_in_code() -> list[Sentence]:
    """The sentences of docstrings and help texts."""
    return [
        sentence
        for path in sorted((ROOT / "src").rglob("*.py"))
        for text, line in docstrings(path)
        for sentence in sentences_of(text, str(path.relative_to(ROOT)), line)
    ]


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the long sentences too")
    asked = parser.parse_args()
    sys.stdout.write(f"{'shelf':<12}{'sentences':>10}{'over ' + str(LONG):>10}{'share':>8}{'passive':>9}" + "\n")
    everything = {**{shelf: sentences_on(shelf) for shelf in PAGES}, "docstrings": sentences_in_code()}
    for shelf, sentences in [*everything.items(), ("all", [one for some in everything.values() for one in some])]:
        long = [one for one in sentences if one.words > LONG]
        passive = sum(one.passive for one in sentences)
        of = max(1, len(sentences))
        sys.stdout.write(
            f"{shelf:<12}{len(sentences):>10}{len(long):>10}{len(long) / of:>8.1%}{passive / of:>9.1%}" + "\n"
        )
    if asked.list:
        for one in sorted((one for some in everything.values() for one in some), key=lambda one: -one.words):
            if one.words > LONG:
                sys.stdout.write(f"{one.words} {one.path}:{one.line}  {one.text}" + "\n")


if __name__ == "__main__":
    main()
