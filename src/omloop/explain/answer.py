"""What one answer hangs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omloop.core import (
    Contribution,
    ExampleArray,
    Explanation,
    InputError,
    NumberArray,
    Output,
    UnknownNameError,
)
from omloop.explain.plan import plan_of

if TYPE_CHECKING:
    from omloop.bundle import Session

MOST_ROWS = 100_000
"""Rows that the model answers for one explanation at most, unless another bound is given."""
MOST_BACKGROUND = 100
"""Stand-ins at most; LightSHAP advises 50 to 500."""
AT_ONCE = 256
"""Rows that are composed at a time: so many lie in memory, and so many are answered before `go_on` is asked again."""


class _Told(NamedTuple):
    """The number to explain: its name, and the function that reads it from outputs."""

    of: str
    read: Callable[[NumberArray], NDArray[np.float64]]


def explain_answer(
    session: Session,
    example: ExampleArray,
    others: ExampleArray,
    *,
    of: str = "",
    rows: int = MOST_ROWS,
    seed: int = 0,
    go_on: Callable[[], None] = lambda: None,
) -> Explanation:
    """What each piece of one example, of shape (1, ...), adds to the model's answer to it.

    `others` stand in for missing pieces; see `Parted`. For classes, the answer is the probability of the class `of`, or
    else of the class that the model answers. The model answers about `rows` rows at most. Before each batch it calls
    `go_on`, which may raise to end the work. Raises UnknownNameError for an unknown class, and InputError for an
    example without pieces, or for a class where the answer is a number. Raises OmloopError for an example with too many
    pieces.
    """
    from omloop.explain.lightshap import shapley_values

    outputs = session.predict(example)
    told = _told(session.outputs, outputs, of)
    chosen = np.linspace(0, len(others) - 1, min(MOST_BACKGROUND, len(others))).astype(np.int64)
    pieces = session.inputs.pieces(example, others[chosen])
    if pieces is None:
        raise InputError("has no columns or other pieces, so there is nothing that the answer could hang on")
    plan = plan_of(len(pieces.names), pieces.background, rows)
    asked = 1

    def ask(wanted: NDArray[np.int32]) -> NDArray[np.float64]:
        nonlocal asked
        asked += len(wanted)
        found = []
        for start in range(0, len(wanted), AT_ONCE):
            go_on()
            found.append(told.read(session.predict(pieces.compose(wanted[start : start + AT_ONCE]))))
        return np.concatenate(found)

    found = shapley_values(ask, pieces, plan, seed=seed)
    added = [
        Contribution(pieces.names[at], pieces.given[at], float(found.values[at]), float(found.errors[at]))
        for at in np.argsort(-np.abs(found.values), kind="stable")
    ]
    answer = float(told.read(outputs)[0])
    classes = bool(session.outputs.classes)
    return Explanation(told.of, classes, answer, found.base, tuple(added), plan.background, plan.exact, asked)


def _told(output: Output, outputs: NumberArray, of: str) -> _Told:
    """The answer if it is a number, or the probability of a class."""
    classes = output.classes
    if not classes:
        if of:
            raise InputError("is asked for, and the answer is a number, which has no classes", of)
        name = str(output.describe().get("name", "value"))
        return _Told(name, lambda found: np.asarray(output.tabulate(found)["value"], np.float64))
    if of and of not in classes:
        raise UnknownNameError("class", of, classes)
    place = classes.index(of) if of else int(output.decide(outputs)[0])
    return _Told(classes[place], lambda found: output.probabilities(found)[:, place])
