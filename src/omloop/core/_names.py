"""Names that a project may not use, because something else goes by them or because they name nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from omloop.core._errors import ConfigError
from omloop.core._kinds import Kind
from omloop.core._outputs import Output

WATCHED = re.compile("outcome|embedding(_[0-9]+)?")
"""What a drift reference watches beside inputs and answers: what became of a request, and where a network sees it."""

ANSWERED = frozenset({"id", "observed", "tokens", "truncated"})
"""What an answer may say beside the output's own words."""

TOLD = frozenset({"confidence", "index", "shares", "version", "project", "milliseconds"})
"""What an address of another service may speak of beside them; see `omloop.bundle.former_service`."""

MOST_TOLD = 5


def check_names(
    project: str,
    inputs: Kind,
    outputs: Output,
    *,
    roles: Mapping[str, str | None],
    slices: Sequence[str],
    ignored: Mapping[str, str],
) -> None:
    """Refuse a project that uses one name for two things; raises ConfigError, which says why and what to do.

    `roles` are the columns that say how to treat records, `target` among them. Names that differ only by case are two
    names, as in every file and in JSON. Names that look the same are one: they differ only by blanks around them or by
    Unicode's normal form.
    """
    problems = chain(
        _roles(roles, slices),
        _columns(inputs.fields, ignored, roles["target"]),
        _taken(inputs, outputs),
        _categories(inputs, outputs),
    )
    told = list(islice(problems, MOST_TOLD))
    if told:
        raise ConfigError(f"The project '{project}' cannot be read. {' '.join(told)}")


def _categories(inputs: Kind, outputs: Output) -> Iterator[str]:
    for name, words in inputs.observed.items():
        if "" in words:
            yield f"'' is a category of '{name}', but an empty value is an absent one. Say missing=True instead."
    for words in outputs.observed.values():
        yield from _distinct(words, "a class")
        yield from _alike(words, "classes")


def _roles(roles: Mapping[str, str | None], slices: Sequence[str]) -> Iterator[str]:
    for role, name in roles.items():
        if name is not None and not name:
            yield f"Its {role} is ''. Name the column of the records."
    if isinstance(slices, str):
        yield f"Its `slices` is one text, each letter of which would be a slice. Write slices=({slices!r},)."
    yield from _distinct(slices, "a slice")


def _columns(fields: Sequence[str], ignored: Mapping[str, str], target: str | None) -> Iterator[str]:
    yield from _distinct(fields, "an input column")
    for name in fields:
        if name in ignored:
            yield f"'{name}' is an input column, and ignored ({ignored[name]}). Take it out of one of the two."
    yield from _alike([*fields, *ignored, *([] if target is None else [target])], "columns")


def _taken(inputs: Kind, outputs: Output) -> Iterator[str]:
    """Names that something else goes by."""
    answers = outputs.observed
    for name in inputs.observed:
        if name in answers or WATCHED.fullmatch(name):
            whose = "one column of the answer" if name in answers else "something else that omloop watches"
            yield (
                f"An input column is called '{name}', as {whose} is: one would be watched in place of the other. "
                "Call the column otherwise, in the records too."
            )
    said = outputs.schema().get("properties", {})
    # A version's answers say their confidence themselves: that is a number, a flag is true or false.
    words = {name for name in said if name != "confidence" or said[name].get("type") == "boolean"}
    for name in sorted(words & {*ANSWERED, *TOLD, *inputs.remarks_schema}):
        yield f"A flag is called '{name}', but an answer says something else by that name. Call the flag otherwise."


def _distinct(names: Iterable[object], what: str) -> Iterator[str]:
    counts = Counter(names)
    for name, count in counts.items():
        if not isinstance(name, str):
            yield f"{name!r} is {what}, but no text. Write '{name}'."
        elif not name.strip():
            yield f"{name!r} is {what}, which nobody could ask for. Give it a name."
        elif count > 1:
            yield f"'{name}' is {what} {count} times. Name it once."


def _alike(names: Iterable[str], what: str) -> Iterator[str]:
    known: dict[str, str] = {}
    for name in filter(lambda one: isinstance(one, str), names):
        first = known.setdefault(unicodedata.normalize("NFC", name).strip(), name)
        if first != name:
            yield f"{first!a} and {name!a} are two {what} that look the same. Write them as one, or otherwise."
