"""The space of a sweep: choices and ranges, in the form of the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from omloop.core import ConfigError

MODEL = "model"
MOST_CHOICES = 1000
FORMS = "log:1e-4,1e-1, uniform:0,1, int:2,64, logint:8,512, or a list such as 32,64,128"
"""What a word of a sweep may look like, for error messages."""
# The forms of a range: whether its numbers are whole, and whether they are drawn by their logarithm.
_RANGES = {"uniform": (False, False), "log": (False, True), "int": (True, False), "logint": (True, True)}
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Choices:
    """A few values, as words of a configuration."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both allowed: `whole` ones, by their logarithm, or in steps (0: none)."""

    low: float
    high: float
    whole: bool = False
    log: bool = False
    step: float = 0.0

    def word(self, value: float) -> str:
        """A number of the range as a word of a configuration; six digits tell any two settings apart.

        >>> Range(0, 1).word(0.123456789), Range(1, 9, whole=True).word(7.0)
        ('0.123457', '7')
        """
        return str(round(value)) if self.whole else f"{value:.6g}"


Parameter = Choices | Range


@dataclass(frozen=True)
class Space:
    """The parameters of a sweep by their configuration key, and the words that all trials share.

    A key of `only`, such as `mlp.lr`, is a parameter of the named model, and of no other. A trial has it as `model.lr`
    if its `model` is `mlp`.
    """

    parameters: Mapping[str, Parameter]
    shared: tuple[str, ...] = ()
    only: Mapping[str, str] = field(default_factory=dict)

    def of_models(self, names: Collection[str]) -> Space:
        """The same space, which now knows the parameters of one of these models alone.

        Raises ConfigError for such a parameter of a model that no trial would have.
        """
        only = {key: key.partition(".")[0] for key in self.parameters if key.partition(".")[0] in names}
        models = self.parameters.get(MODEL)
        tried = models.values if isinstance(models, Choices) else ()
        for key, name in only.items():
            if name not in tried:
                own = f"{MODEL}.{key.partition('.')[2]}"
                told = f"{key} is of the model {name} alone, which no trial has."
                raise ConfigError(f"{told} Vary model=... with {name} among its values, or write {own}.", key=key)
        return replace(self, only=only)

    def samples(self) -> Iterator[dict[str, str]]:
        """The words of a few trials: they hold each value of each list, and both ends of each range.

        >>> list(read_space(["model=mlp,cnn", "cnn.depth=int:2,4"]).of_models(["mlp", "cnn"]).samples())
        [{'model': 'mlp'}, {'model': 'cnn', 'cnn.depth': '2'}, {'model': 'cnn', 'cnn.depth': '4'}]
        """
        models = self.parameters.get(MODEL)
        for name in models.values if isinstance(models, Choices) else [""]:
            ends = {key: _ends(one) for key, one in self.ordered() if key != MODEL and self.applies(key, {MODEL: name})}
            chosen = {MODEL: name} if name else {}
            for turn in range(max(map(len, ends.values()), default=1)):
                yield chosen | {key: values[turn % len(values)] for key, values in ends.items()}

    def ordered(self) -> list[tuple[str, Parameter]]:
        """The parameters: the model first, and parameters of one model alone last."""
        return sorted(self.parameters.items(), key=lambda item: (item[0] != MODEL, item[0] in self.only))

    def applies(self, key: str, words: Mapping[str, str]) -> bool:
        """Whether a trial with these words has the parameter."""
        return key not in self.only or words.get(MODEL) == self.only[key]

    def overrides(self, words: Mapping[str, str]) -> tuple[str, ...]:
        """The configuration of a trial: the shared words and its own.

        >>> space = read_space(["model=mlp,cnn", "mlp.lr=log:1e-4,0.1", "seed=7"]).of_models(["mlp", "cnn"])
        >>> space.overrides({"model": "mlp", "mlp.lr": "0.01"})
        ('seed=7', 'model=mlp', 'model.lr=0.01')
        """
        own = {f"{MODEL}.{key.partition('.')[2]}" if key in self.only else key: word for key, word in words.items()}
        return (*self.shared, *(f"{key}={word}" for key, word in own.items()))


def _ends(one: Parameter) -> tuple[str, ...]:
    """Every value of a list, or both ends of a range."""
    return one.values if isinstance(one, Choices) else (one.word(one.low), one.word(one.high))


def read_space(words: Sequence[str]) -> Space:
    """Tell parameters from words that all trials share.

    >>> read_space(["model.lr=log:1e-4,0.1", "model=mlp,cnn", "seed=7"])
    Space(parameters={'model.lr': Range(low=0.0001, high=0.1, whole=False, log=True, step=0.0), \
'model': Choices(values=('mlp', 'cnn'))}, shared=('seed=7',), only={})

    Raises ConfigError for a range that holds nothing and for a parameter that is named twice.
    """
    parameters: dict[str, Parameter] = {}
    shared = []
    for word in words:
        key, equals, text = word.partition("=")
        found = read_parameter(key, text) if equals else None
        if found is None:
            shared.append(word)
            continue
        if key in parameters:
            raise ConfigError(f"{key} is to be varied twice. Name it once.", key=key)
        parameters[key] = found
    return Space(parameters, tuple(shared))


def read_parameter(key: str, text: str) -> Parameter | None:
    """The parameter that a word's value stands for; None where it is one value.

    A comma inside quotes or brackets parts no values. Raises ConfigError for a range that holds nothing.
    """
    form, colon, numbers = text.partition(":")
    if colon and form in _RANGES:
        return _range(key, form, numbers)
    if colon and re.fullmatch(r"[a-z]+", form) and len(_parts(numbers)) > 1 and not numbers.startswith("//"):
        raise ConfigError(f"{key}={text}: '{form}' is no kind of range. Write {FORMS}.", key=key)
    values = tuple(dict.fromkeys(_parts(text)))
    if len(values) < 2:
        return None
    if "" in values or len(values) > MOST_CHOICES:
        raise ConfigError(f"{key}={text} is no list of 2 to {MOST_CHOICES:,} values. Write {FORMS}.", key=key)
    return Choices(values)


def _range(key: str, form: str, text: str) -> Range:
    whole, log = _RANGES[form]
    try:
        numbers = [int(part) if whole else float(part) for part in text.split(",")]
        low, high, step = (*numbers, 0.0)[:3] if 2 <= len(numbers) <= 3 else (math.nan, 0, 0)
    except ValueError:
        low, high, step = math.nan, 0, 0
    sound = all(map(math.isfinite, (low, high, step))) and low < high and step >= 0
    if not sound or (log and (low <= 0 or step)):
        kind = "two whole numbers" if whole else "two numbers"
        more = ", both above 0, without a step" if log else ", and a step if wanted"
        raise ConfigError(f"{key}={form}:{text} is no range. Give {kind}, the smaller first{more}.", key=key)
    return Range(low, high, whole=whole, log=log, step=step)


def _parts(text: str) -> list[str]:
    """A text parted at the commas that stand in no quotes and no brackets.

    >>> _parts("a,[1,2],'x,y'")
    ['a', '[1,2]', "'x,y'"]
    """
    parts, closing, quote = [""], list[str](), ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _BRACKETS:
            closing.append(_BRACKETS[letter])
        elif closing and letter == closing[-1]:
            closing.pop()
        elif letter == "," and not closing:
            parts.append("")
            continue
        parts[-1] += letter
    return [part.strip() for part in parts]
