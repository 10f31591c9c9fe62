"""Options of command lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BUILD = re.compile(r"\bgcloud (?:beta )?builds submit\b")


def option(words: Sequence[str], *names: str) -> str:
    """The value of the first of these options that a command has; empty for none.

    >>> option(["build", "-f", "a", "."], "-f", "--file"), option(["--file=b"], "-f", "--file"), option(["c"], "-f")
    ('a', 'b', '')
    """
    for word, after in zip(words, [*words[1:], ""], strict=True):
        name, _, value = word.partition("=")
        if name in names:
            return (value or after).strip("\"'")
    return ""


def build_file(command: str) -> str:
    """The file of steps that a command submits to Cloud Build; empty for another command.

    >>> build_file("gcloud builds submit --config ci/build.yaml ."), build_file("gcloud builds submit")
    ('ci/build.yaml', 'cloudbuild.yaml')
    """
    words = command.split()
    if not _BUILD.search(command) or option(words, "--tag", "-t", "--pack"):
        return ""
    return (option(words, "--config") or "cloudbuild.yaml").removeprefix("./")
