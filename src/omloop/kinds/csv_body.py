"""The lines of a CSV body; no word of the standard library's reader reaches a client."""

import csv
import io

from omloop.core import InputError

_WORDS = {
    "field limit": "a field is too long",
    "end of data": "it ends within a quoted field",
    "expected after": "a quoted field goes on behind its closing quote",
    "NUL": "it holds a zero byte",
}


def csv_lines(text: str) -> list[list[str]]:
    """The lines that are not empty, the header first; raises InputError unless there are two at least.

    >>> csv_lines("age,sex\\n19,m\\n")
    [['age', 'sex'], ['19', 'm']]
    """
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise InputError(f"the CSV cannot be read: {fault_of(error)}") from error
    if len(lines) < 2:
        raise InputError("the CSV holds no row; send a header line and at least one row")
    return lines


def fault_of(error: csv.Error) -> str:
    """The fault of a CSV, in words of our own."""
    return next((words for theirs, words in _WORDS.items() if theirs in str(error)), "its quotes or lines are odd")
