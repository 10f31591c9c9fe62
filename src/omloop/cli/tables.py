"""Tables for people, as wide as they look; rows under each other where they do not fit beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from omloop.cli.console import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP = 2
"""Blanks between two columns."""
MANY = 1000
"""From this many rows on, a table is plain lines."""
PROSE = 24
"""The fewest columns in which a sentence is readable, and the longest word that stays whole."""

Cell = str | tuple[str, str]
"""A text, or a text and its style."""


@dataclass(frozen=True)
class TextTable:
    """Rows of cells under the names of their columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""

    def fitted(self, width: int) -> RenderableType:
        """What Rich prints in this many columns: a table, or a block of lines a row if a table is too wide."""
        cells = [self.columns, *([_text(cell) for cell in row] for row in self.rows)]
        least = [_least(column) for column in zip(*cells, strict=True)]
        return self._beside() if sum(least) + GAP * (len(least) - 1) <= width else self._below()

    @property
    def is_long(self) -> bool:
        """Whether Rich, which measures each cell several times, would take long."""
        return len(self.rows) > MANY

    def lines(self) -> Iterator[str]:
        """A long table as plain lines, as wide as it is."""
        cells = [[visible(column) for column in self.columns], *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            yield "  ".join(map(str.ljust, row, widths)).rstrip()

    def _beside(self) -> RenderableType:
        from rich import box
        from rich.table import Table as Beside
        from rich.text import Text

        title = Text(visible(self.title)) if self.title else None
        made = Beside(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, title_style="bold")
        for index, column in enumerate(self.columns):
            whole = all(" " not in _text(row[index]) for row in self.rows)
            made.add_column(Text(visible(column)), overflow="fold", no_wrap=whole)
        for row in self.rows:
            made.add_row(*map(_literal, row))
        return made

    def _below(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table as Beside
        from rich.text import Text

        blocks: list[RenderableType] = [Text(visible(self.title), "bold")] if self.title else []
        for row in self.rows:
            block = Beside.grid(padding=(0, GAP))
            block.add_column(no_wrap=True)
            block.add_column(overflow="fold")
            for column, cell in zip(self.columns, row, strict=True):
                block.add_row(Text(visible(column), "bold"), _literal(cell))
            blocks += [block, ""]
        return Group(*blocks)


def _least(column: Sequence[str]) -> int:
    """How narrow a column may become: single words stay whole, sentences need room for one of theirs."""
    head, *cells = column
    words = max(map(len, chain([head], *([cell] if " " not in cell else cell.split() for cell in cells))))
    if all(" " not in cell for cell in cells):
        return words
    return max(min(words, PROSE), PROSE if max(map(len, cells)) > 2 * PROSE else 0)


def _text(cell: Cell) -> str:
    return visible(cell if isinstance(cell, str) else cell[0])


def _literal(cell: Cell) -> RenderableType:
    from rich.text import Text

    return Text(_text(cell), "" if isinstance(cell, str) else cell[1])
