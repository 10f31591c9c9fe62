"""Replays: a logged input goes once more through the bytes of the version that answered it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omloop.bundle import Session
from omloop.core import ConfigError, ExampleArray, Facts, OmloopError, Prediction, Predictions
from omloop.loop.serving.offline import answers_to

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

ROUNDING = 1e-5
"""Answers as near as this differ by rounding: a server may have asked several rows at once."""


@dataclass(frozen=True, repr=False)
class Replay(Facts):
    """One prediction answered again. `again` is what the same form of the same version answers now.

    `difference` is the largest difference of two numbers, relative to the largest of the same field. It is 0 if all are
    the same to the last bit, and infinite if a word differs or a value is missing.
    """

    prediction: Prediction
    again: Mapping[str, object]
    difference: float

    @property
    def equal(self) -> bool:
        """Whether both answers are the same to the last bit."""
        return self.difference == 0

    @property
    def verdict(self) -> str:
        """`equal`, `rounding` or `differs`."""
        if self.equal:
            return "equal"
        return "rounding" if self.difference <= ROUNDING else "differs"

    def facts(self) -> dict[str, object]:
        """The prediction, its version and the verdict."""
        return {"prediction": self.prediction.id, "version": self.prediction.version, "replay": self.verdict}


@dataclass(frozen=True, repr=False)
class Replays(Facts):
    """Predictions answered again; of `not_kept` others the log holds only observations, not the whole inputs."""

    replays: tuple[Replay, ...]
    not_kept: int

    def count(self, verdict: str) -> int:
        """How many replays have this verdict."""
        return sum(replay.verdict == verdict for replay in self.replays)

    def facts(self) -> dict[str, object]:
        """How many replays have each verdict, and the largest difference."""
        counts = {verdict: self.count(verdict) for verdict in ("equal", "rounding", "differs")}
        return {**counts, "largest": max((one.difference for one in self.replays), default=0.0)}


def replay(
    name: str,
    workspace: Workspace,
    ids: Sequence[str] = (),
    *,
    newest: int | None = None,
    random: int | None = None,
    seed: int = 0,
) -> Replays:
    """Answer predictions of the log again: those with `ids`, the `newest` so many, or so many at `random`.

    Raises ConfigError if the caller selects none, OmloopError for an id that the log does not hold, and StoreError for
    a missing version.
    """
    counts = [count for count in (newest, random) if count is not None]
    if len(counts) + bool(ids) != 1 or min(counts, default=1) < 1:
        raise ConfigError("Say which predictions: their ids, --newest N or --random N, N being 1 or more.")
    log = workspace.predictions(name)
    try:
        found = [_found(log, name, one) for one in ids] if ids else log.window(newest=newest).predictions
    finally:
        log.close()
    if not found:
        raise OmloopError(f"The log of {name} holds no prediction. Serve the project, and ask it something.")
    if random is not None:
        drawn = np.random.default_rng(seed).permutation(len(found))[:random]
        found = [found[place] for place in np.sort(drawn).tolist()]
    return _replayed(name, workspace, found)


def _found(log: Predictions, name: str, prediction: str) -> Prediction:
    row = log.find(prediction)
    if row is None:
        raise OmloopError(
            f"No prediction of {name} has the id {prediction}. An id is in every answer (`id`); "
            f"omloop replay {name} --random 10 takes some."
        )
    return Prediction(**{key: value for key, value in row.items() if key != "label"})  # type: ignore[arg-type]


def _replayed(name: str, workspace: Workspace, predictions: Sequence[Prediction]) -> Replays:
    forms: dict[tuple[str, str], list[Prediction]] = defaultdict(list)
    for prediction in predictions:
        forms[prediction.version, prediction.variant].append(prediction)
    registry, again = workspace.registry(name), {}
    for (version, variant), asked in forms.items():
        session = Session.of(registry.load(version), variant=variant)
        for prediction in asked:
            examples = _examples(session, prediction)
            if examples is not None:
                answer = answers_to(session, examples)[0]
                again[prediction.id] = Replay(prediction, answer, difference(prediction.output, answer))
    known = tuple(again[one.id] for one in predictions if one.id in again)
    return Replays(known, len(predictions) - len(known))


def _examples(session: Session, prediction: Prediction) -> ExampleArray | None:
    raw = session.inputs.replay(prediction.inputs)
    return None if raw is None else session.inputs.encode({name: [value] for name, value in raw.items()})


def difference(one: Mapping[str, object], other: Mapping[str, object]) -> float:
    """How far two answers are apart; see `Replay`.

    >>> difference({"prediction": 2.0}, {"prediction": 2.0}), difference({"prediction": 2.0}, {"prediction": 4.0})
    (0.0, 0.5)
    >>> difference({"prediction": "hot"}, {"prediction": "cold"})
    inf
    """
    if one.keys() != other.keys():
        return math.inf
    return max((_apart(_leaves(value), _leaves(other[name])) for name, value in one.items()), default=0.0)


def _leaves(value: object, name: str = "") -> dict[str, object]:
    """The single values of a field, by where they stand in it."""
    if isinstance(value, Mapping):
        parts = [_leaves(inner, f"{name}.{key}") for key, inner in value.items()]
    elif isinstance(value, list | tuple):
        parts = [_leaves(inner, f"{name}.{place}") for place, inner in enumerate(value)]
    else:
        return {name: value}
    return {where: leaf for part in parts for where, leaf in part.items()}


def _apart(one: Mapping[str, object], other: Mapping[str, object]) -> float:
    """The largest difference within a field, relative to the largest number in it: small probabilities are no scale."""
    if one.keys() != other.keys():
        return math.inf
    pairs = [(value, other[name]) for name, value in one.items() if value != other[name]]
    if not all(isinstance(number, int | float) for pair in pairs for number in pair):
        return math.inf
    numbers = [abs(value) for value in (*one.values(), *other.values()) if isinstance(value, int | float)]
    return max((abs(a - b) for a, b in pairs), default=0.0) / max(numbers, default=1.0) if pairs else 0.0  # type: ignore[operator]
