"""What can go wrong, as a family.

    OmloopError
    ├── UnknownNameError      a name nobody knows; carries the nearest known one
    ├── MissingExtraError     a library that an extra would bring
    ├── ConfigError           conf/, policy.yaml or alerts.yaml is wrong; carries the place and the key
    │   └── SettingError      omloop.toml, an environment variable or an argument is wrong
    ├── SourceError           data cannot be reached or read
    ├── DataError             data was read, but does not fit the project
    │   └── InputError        one request does not fit the signature; names the field
    ├── TrainError            a model could not be trained
    ├── ExportError           a model could not be packaged, or answers otherwise once packaged
    ├── BundleError           a bundle is incomplete, changed, or of another format
    ├── StoreError            a memory cannot be read or written
    │   └── ConflictError     somebody else wrote first
    ├── ComputeError          a job cannot be carried out elsewhere
    ├── PromotionError        a version may not become champion
    └── ServeError            the server cannot start

Every message says what was given, what would have worked, and what to do next.
"""

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from omloop.core._install import install_command
from omloop.core._remember import memoise
from omloop.core._secrets import without_secrets

MOST_NAMED = 10
"""How many words a message lists."""
MOST_COMPARED = 200
MOST_LETTERS = 80
NEIGHBOURS = 5


class OmloopError(Exception):
    """Anything omloop refuses to do; its text is one readable line for a user, without what looks like a secret."""

    def __str__(self) -> str:
        return without_secrets(super().__str__())

    def __init_subclass__(cls, **options: object) -> None:
        """Users see errors of this file under the name that they import."""
        super().__init_subclass__(**options)
        if cls.__module__ == __name__:
            cls.__module__ = "omloop"


OmloopError.__module__ = "omloop"


class UnknownNameError(OmloopError):
    """A name that is not in a table of names.

    >>> print(UnknownNameError("track backend", "fils", ["files"]))
    No track backend is called 'fils'. Did you mean 'files'? There are: files.
    """

    def __init__(self, what: str, given: str, known: Iterable[str], *, next_step: str = "") -> None:
        names = sorted(known)
        listing = f" There are: {some(names, near=given)}." if names else " There are none yet."
        step = f" {next_step}" if next_step else ""
        super().__init__(f"No {what} is called '{given}'.{did_you_mean(given, names)}{listing}{step}")


class MissingExtraError(OmloopError):
    """A library is not installed. Says which extra of omloop or another package brings it, and how to install it here.

    >>> str(MissingExtraError("the track backend 'mlflow'", "mlflow", "mlflow")).partition(" Add it with: ")[0]
    "the track backend 'mlflow' needs 'mlflow', which is not installed."
    """

    def __init__(self, who: str, library: str, extra: str, *, package: str = "omloop") -> None:
        command = install_command(extra, package)
        super().__init__(f"{who} needs '{library}', which is not installed. Add it with: {command}")
        self.extra, self.package = extra, package


@dataclass(frozen=True)
class Place:
    """Where a value comes from: a file and its line (from 1; 0 if unknown), a variable, or arguments.

    >>> print(Place("policy.yaml", 3)), print(Place("OMLOOP_PORT"))
    policy.yaml, line 3
    OMLOOP_PORT
    (None, None)
    """

    where: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.where}, line {self.line}" if self.line else self.where


class ConfigError(OmloopError):
    """A configuration is wrong: a project's, or that of a watch, of alerts or of this machine.

    `place` says where the fault stands, or None; `key` is the key at fault, or empty. `reason` is the message without
    the place.
    """

    def __init__(self, reason: str, place: Place | None = None, key: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason, self.place, self.key = reason, place, key

    @classmethod
    def unknown_key(cls, place: Place, key: str, known: Iterable[str], *, what: str = "key", of: str = "") -> Self:
        """The error for a key that nobody reads; `of` says where the key belongs.

        >>> print(ConfigError.unknown_key(Place("policy.yaml", 3), "los", ["loss", "drift"], of="a policy"))
        policy.yaml, line 3: there is no key 'los' in a policy. Did you mean 'loss'? There are: loss, drift.
        """
        names = list(known)
        listing = f"There are: {', '.join(names)}." if names else "It takes none."
        within = f" in {of}" if of else ""
        return cls(f"there is no {what} '{key}'{within}.{did_you_mean(key, names)} {listing}", place, key)

    @classmethod
    def wrong_value(
        cls, place: Place | None, key: str, given: str, works: str, *, of: str = "", known: Iterable[str] = ()
    ) -> Self:
        """The error for a value that does not fit, written as `shown`; it names the nearest of the `known` words.

        >>> print(ConfigError.wrong_value(Place("OMLOOP_PORT"), "port", shown("many"), "a whole number"))
        OMLOOP_PORT: 'port' must be a whole number, but it is 'many'.
        """
        within, near = f" of {of}" if of else "", did_you_mean(given.strip("'"), known)
        return cls(f"'{key}'{within} must be {works}, but it is {given}.{near}", place, key)


def shown(value: object) -> str:
    """A value of a configuration as errors show it, at most 60 characters.

    >>> shown("a text"), shown(None), shown(0.5), shown(["a", 1])
    ("'a text'", 'nothing', '0.5', "['a', 1]")
    """
    return "nothing" if value is None else f"'{value:.60}'" if isinstance(value, str) else f"{value!r:.60}"


class SettingError(ConfigError):
    """A setting in omloop.toml, the environment or an argument is wrong."""


class SourceError(OmloopError):
    """A data source is out of reach or unreadable."""


class DataError(OmloopError):
    """Data does not fit what the project declares."""


MOST_FAULTS = 10
"""How many faults of an input an error names."""


@dataclass(frozen=True)
class Fault:
    """One fault of an input; `field` is its path, such as `rows[3].age`."""

    field: str
    reason: str


class InputError(DataError):
    """A request does not fit the signature.

    `field` is the path of the first offending value, such as `rows[3].age`, or an empty string for the whole body.
    Where several do not fit, `faults` names the first of them and `more` counts the others.
    """

    def __init__(self, message: str, field: str = "", *, faults: Sequence[Fault] = (), more: int = 0) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.reason = message
        self.faults = tuple(faults)
        self.more = more

    @classmethod
    def of(cls, faults: Sequence[Fault], count: int = 0) -> "InputError":
        """The error for one or more faults, of `count` in all; it keeps at most `MOST_FAULTS`.

        >>> InputError.of([Fault("rows[0].age", "is missing")]).faults
        ()
        """
        first, count = faults[0], max(count, len(faults))
        kept = faults[:MOST_FAULTS] if count > 1 else ()
        return cls(first.reason, first.field, faults=kept, more=count - len(kept) if kept else 0)


class TrainError(OmloopError):
    """Training failed: it diverged, or the model cannot answer as the project asks."""


class ExportError(OmloopError):
    """Packaging a model failed, or the packaged model answers differently from the original."""


class BundleError(OmloopError):
    """A bundle is truncated, changed, or of a format that this version does not read."""


class StoreError(OmloopError):
    """Reading or writing a memory (runs, versions, predictions) failed."""


class ConflictError(StoreError):
    """Somebody else wrote first; read again and decide again."""


class ComputeError(OmloopError):
    """A job cannot run elsewhere: its backend is out of reach, or refuses."""


class PromotionError(OmloopError):
    """A version may not become champion; says what is missing."""


class ServeError(OmloopError):
    """The server cannot start or cannot continue."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest known name, or an empty string.

    Among more than `MOST_COMPARED` names it compares only the neighbours in alphabetical order.

    >>> did_you_mean("slep_hours", ["sleep_hours", "age"])
    " Did you mean 'sleep_hours'?"
    """
    names = known if isinstance(known, tuple) else list(known)
    near = difflib.get_close_matches(given[:MOST_LETTERS], _comparable(given, names), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def some(words: Sequence[str], *, most: int = MOST_NAMED, near: str = "", quoted: bool = False) -> str:
    """Up to `most` of the words, those like `near` first, and how many more there are.

    >>> some(["m", "f"]), some(["m", "f"], quoted=True), some(["a", "b", "c"], most=2)
    ('m, f', "'m', 'f'", 'a, b and 1 more')
    >>> some([f"shop {number}" for number in range(100_000)])
    'shop 0, shop 1, shop 2, shop 3, shop 4, shop 5, shop 6, shop 7, shop 8, shop 9 and 99,990 more'
    """
    if len(words) <= most:
        shown = list(words)
    else:
        like = difflib.get_close_matches(near[:MOST_LETTERS], _comparable(near, words), n=most) if near else []
        shown = [*like, *(word for word in words[: 2 * most] if word not in like)][:most]
    told = ", ".join(f"'{_cut(word)}'" if quoted else _cut(word) for word in shown)
    more = len(words) - len(shown)
    return f"{told} and {more:,} more" if more else told


def _comparable(given: str, words: Sequence[str]) -> Sequence[str]:
    """The words that are worth comparing letter by letter: all, or of many the neighbours in alphabetical order."""
    if len(words) <= MOST_COMPARED:
        return words
    ordered = _ordered(words) if isinstance(words, tuple) else sorted(words)
    place = bisect_left(ordered, given)
    return ordered[max(0, place - NEIGHBOURS) : place + NEIGHBOURS]


@memoise
def _ordered(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words in alphabetical order, which takes many times as long as a prediction where they are 100,000."""
    return tuple(sorted(words))


def _cut(word: str) -> str:
    return word if len(word) <= MOST_LETTERS else f"{word[: MOST_LETTERS - 3]}..."


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without a full stop, at most 200 characters.

    >>> first_line(ValueError("no such operator.\\nTraceback ..."))
    'no such operator'
    """
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
