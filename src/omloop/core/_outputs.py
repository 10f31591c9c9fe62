"""What an answer is: the doors of outputs, each of a few verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

from omloop.core._arrays import NumberArray
from omloop.core._kinds import Observable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Targets(Protocol):
    """Raw targets and labels become what a model learns."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of their places; none where the answer is a number."""

    @property
    def meanings(self) -> Mapping[str, str]:
        """What some of the classes mean in plain words, by name; none where their names say it."""

    def select(self, names: Sequence[str]) -> Self:
        """The same output with only the named classes; with all of them for no names."""

    def encode(self, values: Sequence[object] | NDArray[np.generic]) -> NumberArray:
        """Turn raw targets into what a model learns; raises DataError for a target that cannot be."""

    def parse(self, label: object) -> object:
        """Check one label that came as feedback and return it as JSON keeps it; raises InputError."""

    def read_label(self, text: str) -> object:
        """Turn a label's text, as a CSV holds it, into what `parse` checks."""


class DecisionRule(Protocol):
    """What a version answers, given a model's output, and how to move a threshold."""

    def decide(self, outputs: NumberArray) -> NumberArray:
        """The answer to each row, in the form of `encode`; shape (n,)."""

    @property
    def positive(self) -> int | None:
        """The index of the positive class, if there are two classes; else None."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The threshold of each class that has one."""

    def with_threshold(self, threshold: float) -> Self:
        """The same output, with a threshold of the positive class; raises ConfigError where there is no such class."""

    def with_shares(self, targets: NumberArray) -> Self:
        """The same output, with thresholds from the training part's `targets` where it asks for their shares."""


class Responses(Protocol):
    """Outputs become answers, and answers become outputs; and whether two answers are the same."""

    def answer(self, outputs: NumberArray) -> list[dict[str, Any]]:
        """Turn a model's outputs into the JSON values that a client gets."""

    def tabulate(self, outputs: NumberArray) -> dict[str, NDArray[Any]]:
        """The same answers by column, each of shape (n,). A nested value has a name such as `probabilities.sad`."""

    def gather(self, answers: Sequence[Mapping[str, object]]) -> NDArray[np.float64]:
        """Turn answers back into outputs."""

    def decisions(self, answers: Sequence[Mapping[str, object]]) -> NumberArray:
        """The answers, in the form of `decide`, whoever decided them; an unknown class is -1."""

    def probabilities(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The probability of each class; shape (n, classes), so that a number has none."""

    def agree(self, one: NumberArray, other: NumberArray) -> NDArray[np.bool_]:
        """Whether two sides answer the same, both in the form of `decide`; shape (n,).

        Classes are the same class. Numbers are nearly the same: they differ by 1 % of the larger at most.
        """


class Confident(Protocol):
    """How sure answers are: packaging finds out, and answers then say so."""

    def with_interval(self, level: float, half: float) -> Self:
        """The same output with prediction intervals, `half` to each side, that hold in a share `level` of cases.

        Raises ConfigError for an output that is no number.
        """

    def ends(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The two ends of each answer's interval, shape (n, 2); without an interval (n, 0)."""

    def with_calibration(self, method: str) -> Self:
        """The same output with the confidence of each answer, calibrated by `method`; raises ConfigError for numbers.

        If a flag already has that name, the answers stay as they are.
        """


class Scoring(Protocol):
    """How wrong answers are, and the metrics and plots that show it."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the reported metrics, the main one first."""

    @property
    def plots(self) -> tuple[str, ...]:
        """Names of the plots that show how outputs fit the truth; see `omloop.track.plots`."""

    @property
    def error(self) -> str:
        """The name for the mean of `errors`, such as `error rate`."""

    def errors(self, truth: NumberArray, outputs: NumberArray) -> NDArray[np.float64]:
        """How wrong each answer is, 0 for right; shape (n,)."""

    def hints(self, outputs: NumberArray) -> NDArray[np.float64]:
        """What each answer itself says of its own error, such as how sure it is; shape (n,)."""

    def worst(self, truth: NumberArray, outputs: NumberArray, most: int) -> list[tuple[int, str]]:
        """Rows of the worst answers, at most that many, the worst first, with a word on each; never a right answer."""


class OutputSpec(Protocol):
    """How a bundle and its graph keep an output."""

    @property
    def graph_output(self) -> str:
        """Name of the packaged graph's output."""

    def schema(self) -> dict[str, Any]:
        """JSON schema of one answer."""

    def describe(self) -> dict[str, object]:
        """A JSON value; `restore` makes the same output of it again."""

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Self:
        """The output that `describe` described."""


class Output(Targets, DecisionRule, Responses, Confident, Scoring, OutputSpec, Observable, Protocol):
    """What a model answers, a number or one of some classes: the sum of its doors."""
