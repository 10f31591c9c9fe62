"""A number as an answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import ConfigError, DataError, InputError, NumberArray
from omloop.kinds.json_body import quote_value

INTERVAL_COLUMNS = ("interval.low", "interval.high")
"""The names of an interval's two ends as columns."""
INFINITE = float("inf")
CLOSE = 0.01
"""Numbers that differ by no more than this part of the larger one agree."""


class Interval(msgspec.Struct, frozen=True):
    """A prediction interval that holds the truth in a share `level` of cases: `half` its width, in the answer's unit.

    It comes from examples that the model did not learn from; see `omloop.package.calibrate`.
    """

    level: float
    half: float


class Number(msgspec.Struct, frozen=True):
    """A number in a unit, such as points. `low` and `high` are the limits of a possible label, inclusive.

    `beyond` says what happens to an answer outside the limits. It stays as it is (`keep`), becomes the nearest limit
    (`clip`), or comes with `beyond` true (`flag`). Metrics judge the model's own output. Raises ConfigError for another
    word, and for `clip` or `flag` without a limit.

    >>> Number("score", unit="points").answer(np.array([61.25]))
    [{'value': 61.25}]
    >>> Number("score", low=0, beyond="flag").answer(np.array([-0.5, 3.0]))
    [{'value': -0.5, 'beyond': True}, {'value': 3.0, 'beyond': False}]

    Packaging adds the `interval` that holds the truth in most cases. It ends at the limits of a label.

    >>> Number("score", low=0, interval=Interval(level=0.9, half=8.0)).answer(np.array([61.25, 2.0]))
    [{'value': 61.25, 'interval': [53.25, 69.25]}, {'value': 2.0, 'interval': [0.0, 10.0]}]
    """

    name: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    beyond: str = "keep"
    interval: Interval | None = None

    def __post_init__(self) -> None:
        if self.beyond not in ("keep", "clip", "flag"):
            raise ConfigError(f"'{self.name}' has beyond={self.beyond!r}. There are: keep, clip, flag.")
        if self.beyond != "keep" and self.low is None and self.high is None:
            raise ConfigError(f"'{self.name}' has beyond='{self.beyond}' and no limit. Give it low or high.")

    def select(self, names: Sequence[str]) -> Self:
        """The same number; raises ConfigError if the caller wants classes."""
        if names:
            raise ConfigError(f"'{self.name}' is a number, which has no classes. Leave data.classes empty.")
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def positive(self) -> None:
        """None."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """None."""
        return {}

    @property
    def meanings(self) -> Mapping[str, str]:
        """None."""
        return {}

    def with_threshold(self, threshold: float) -> Self:
        """Raises ConfigError: a number has no classes to decide between."""
        raise ConfigError(f"'{self.name}' is a number, which has no threshold. Only two classes have one.")

    def with_shares(self, targets: NumberArray) -> Self:
        """The same number."""
        return self

    @property
    def metrics(self) -> tuple[str, ...]:
        """Root mean squared error, mean absolute error, coefficient of determination."""
        return ("rmse", "mae", "r2")

    @property
    def plots(self) -> tuple[str, ...]:
        """Predicted against true, and the residuals."""
        return ("predicted_against_true", "residuals")

    @property
    def graph_output(self) -> str:
        """The packaged graph's output, of shape (n,) or (n, 1)."""
        return "value"

    def encode(self, values: Sequence[object] | NDArray[np.generic]) -> NDArray[np.float64]:
        """Turn raw targets into float64; raises DataError that names the first that is not a finite number in range."""
        encoded = np.empty(len(values), np.float64)
        for row, value in enumerate(values):
            try:
                encoded[row] = self.parse(_number(value))
            except InputError as error:
                raise DataError(f"column '{self.name}', record {row + 1}: {error.reason}.") from error
        return encoded

    def parse(self, label: object) -> float:
        """Check one label: a finite number in range."""
        low, high = self._limits
        if type(label) in (int, float) and abs(label) < 1e300 and low <= label <= high:  # type: ignore[arg-type,operator]
            return float(label)  # type: ignore[arg-type]
        limits = f" from {low:.15g} to {high:.15g}" if np.isfinite([low, high]).any() else ""
        raise InputError(f"{quote_value(label)} is not accepted; send a finite number{limits}", "label")

    def read_label(self, text: str) -> object:
        """The number that `text` spells; it leaves any other text for `parse` to refuse."""
        return _number(text)

    def decide(self, outputs: NumberArray) -> NumberArray:
        """The number that the model said, whatever becomes of it `beyond` the limits."""
        return outputs

    def answer(self, outputs: NumberArray) -> list[dict[str, Any]]:
        """One `{"value": number}` a row, by `beyond` within the limits or with true or false for `beyond`.

        If there is one, `interval` follows: its two ends.
        """
        if self.beyond == "keep":
            values = outputs.tolist()
            return self._around(values) if self.interval is not None else [{"value": value} for value in values]
        within = np.clip(outputs, self.low, self.high)
        answers = self._around(outputs.tolist())
        if self.beyond == "clip":
            return [{**answer, "value": value} for answer, value in zip(answers, within.tolist(), strict=True)]
        outside = (within != outputs).tolist()
        return [
            {"value": answer["value"], "beyond": out, **answer} for answer, out in zip(answers, outside, strict=True)
        ]

    def _around(self, values: list[float]) -> list[dict[str, Any]]:
        """Each value with its interval, if there is one: in plain Python, a tenth of NumPy's price for one row."""
        if self.interval is None:
            return [{"value": value} for value in values]
        half, found = self.interval.half, []
        low, high = self._limits
        for value in values:
            begin, end = value - half, value + half
            if begin < low or end > high:
                begin, end = min(max(begin, low), high), max(min(end, high), low)
            found.append({"value": value, "interval": [begin, end]})
        return found

    @property
    def _limits(self) -> tuple[float, float]:
        """The limits of a label as numbers, infinite by default."""
        return -INFINITE if self.low is None else float(self.low), INFINITE if self.high is None else float(self.high)

    def with_interval(self, level: float, half: float) -> Self:
        """The same number, whose answers carry an interval."""
        return msgspec.structs.replace(self, interval=Interval(level, half))

    def with_calibration(self, method: str) -> Self:
        """Raises ConfigError: a number has no probabilities."""
        raise ConfigError(f"'{self.name}' is a number, which has no probabilities to calibrate by {method}.")

    def ends(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The two ends of each answer's interval, within the limits of a label; shape (n, 2), or (n, 0) without one."""
        if self.interval is None:
            return np.empty((len(outputs), 0))
        half, values = self.interval.half, np.asarray(outputs, np.float64)
        return np.clip(np.stack([values - half, values + half], axis=1), *self._limits)

    def tabulate(self, outputs: NumberArray) -> dict[str, NDArray[Any]]:
        """The same by column: `value`, `beyond` for `flag`, and `interval.low` and `interval.high`."""
        values = np.asarray(outputs, np.float64)
        within = values if self.beyond == "keep" else np.clip(values, self.low, self.high)
        found: dict[str, NDArray[Any]] = {"value": within if self.beyond == "clip" else values}
        if self.beyond == "flag":
            found["beyond"] = within != values
        if self.interval is not None:
            found |= zip(INTERVAL_COLUMNS, self.ends(values).T, strict=True)
        return found

    def gather(self, answers: Sequence[Mapping[str, object]]) -> NDArray[np.float64]:
        """Turn answers back into outputs; the inverse of `answer`."""
        return np.array([answer["value"] for answer in answers], np.float64)

    def decisions(self, answers: Sequence[Mapping[str, object]]) -> NDArray[np.float64]:
        """The answered numbers."""
        return self.gather(answers)

    def probabilities(self, outputs: NumberArray) -> NDArray[np.float64]:
        """None, as there are no classes; shape (n, 0)."""
        return np.empty((len(outputs), 0))

    def agree(self, one: NumberArray, other: NumberArray) -> NDArray[np.bool_]:
        """Whether numbers are nearly the same: within 1 % of the larger one.

        >>> Number("score").agree(np.array([100.0, 100.0]), np.array([100.5, 102.0])).tolist()
        [True, False]
        """
        with np.errstate(invalid="ignore"):  # where both are infinite
            near = np.abs(one - other) <= CLOSE * np.maximum(np.abs(one), np.abs(other))
        return np.asarray((one == other) | (near & np.isfinite(one) & np.isfinite(other)))

    @property
    def error(self) -> str:
        """The name for the mean of `errors`."""
        return "mean absolute error"

    def errors(self, truth: NumberArray, outputs: NumberArray) -> NDArray[np.float64]:
        """How far each answer is off, in the target's unit."""
        return np.asarray(np.abs(outputs - truth))

    def hints(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The predicted number: a model may be worse at large ones."""
        return np.asarray(outputs, np.float64)

    def worst(self, truth: NumberArray, outputs: NumberArray, most: int) -> list[tuple[int, str]]:
        """The rows that are furthest off, with the truth and the answer.

        >>> Number("score").worst(np.array([1.0, 5.0]), np.array([1.0, 2.5]), 9)
        [(1, 'true 5, answered 2.5')]
        """
        error = np.abs(outputs - truth)
        rows = [int(row) for row in np.argsort(-error, kind="stable")[:most] if error[row] > 0]
        return [(row, f"true {truth[row]:.4g}, answered {outputs[row]:.4g}") for row in rows]

    def observe(self, outputs: NumberArray) -> dict[str, NumberArray]:
        """The predicted number, as the column `prediction`."""
        return {"prediction": outputs}

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """The column `prediction`, a number."""
        return {"prediction": ()}

    def schema(self) -> dict[str, Any]:
        """JSON schema of one answer."""
        described = f"{self.name} in {self.unit}" if self.unit else self.name
        value: dict[str, object] = {"type": "number", "description": described}
        properties: dict[str, object] = {"value": value}
        if self.beyond == "clip":
            limits = {"minimum": self.low, "maximum": self.high}
            value |= {key: limit for key, limit in limits.items() if limit is not None}
        if self.beyond == "flag":
            properties["beyond"] = {
                "type": "boolean",
                "description": "Whether the value is one that no label could be.",
            }
        if self.interval is not None:
            properties["interval"] = {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 2,
                "maxItems": 2,
                "description": f"From where to where the truth lies in {100 * self.interval.level:.3g} % of cases.",
            }
        return {"type": "object", "properties": properties, "required": list(properties)}

    def describe(self) -> dict[str, object]:
        """The output as a JSON value, for a manifest."""
        described: dict[str, object] = msgspec.json.decode(msgspec.json.encode(self))
        for name, absent in (("beyond", "keep"), ("interval", None)):
            if getattr(self, name) == absent:
                del described[name]  # as bundles say that are older than it
        return {"kind": "number"} | described

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Self:
        """The output that `describe` described."""
        return msgspec.convert({key: value for key, value in described.items() if key != "kind"}, cls)


def _number(value: Any) -> object:
    """A raw target as a Python number, if it is one; it leaves anything else for `parse` to refuse."""
    try:
        return value if isinstance(value, bool | np.bool_) else float(value)
    except (TypeError, ValueError, OverflowError):
        return value
