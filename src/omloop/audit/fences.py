"""Blocks of code between fences in Markdown."""

import re
from collections.abc import Iterable, Iterator

_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})(.*)")


def fenced_blocks(lines: Iterable[str]) -> Iterator[tuple[range, str]]:
    """The numbers of the lines of each block, from 1 and with its fences, and what stands behind its first fence.

    A block without an end takes the rest. https://spec.commonmark.org/0.31.2/#fenced-code-blocks

    >>> list(fenced_blocks(["```one line```", "~~~", "```", "~~~", "````sh", "```", "`````"]))
    [(range(2, 5), ''), (range(5, 8), 'sh')]
    """
    begin, number, opened = 0, 0, ("", "", "")
    for number, line in enumerate(lines, 1):
        found = _FENCE.match(line)
        if not found:
            continue
        blanks, marks, info = found[1].expandtabs(4), found[2], found[3].strip()
        if begin:
            is_within_reach = len(blanks) <= len(opened[0]) + 3
            if is_within_reach and marks.startswith(opened[1]) and not info:
                yield range(begin, number + 1), opened[2]
                begin = 0
        elif marks.startswith("~") or "`" not in info:
            begin, opened = number, (blanks, marks, info)
    if begin:
        yield range(begin, number + 1), opened[2]
