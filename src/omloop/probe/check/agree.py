"""Whether an answer is the one that the model must give."""

import math
from collections.abc import Mapping

TOLERANCE = 1e-3
"""Ten times what a session may differ by from its own examples: another machine, batch or variant is no fault."""


def agrees(answer: object, known: object, tolerance: float = TOLERANCE) -> bool:
    """Whether `answer` says what `known` says; numbers may be off by `tolerance`, relative to those above 1.

    It ignores whatever else the answer says, such as its id. Where probabilities agree, so does the label that
    follows from them, whichever of two equal ones it is.

    >>> agrees({"id": "18c4", "value": 44.01}, {"value": 44.0}), agrees({"id": "18c4", "value": 45.0}, {"value": 44.0})
    (True, False)
    >>> agrees([36.01, 52.0], [36.0, 52.0]), agrees([36.0], [36.0, 52.0])
    (True, False)
    """
    if isinstance(known, Mapping):
        if not isinstance(answer, Mapping):
            return False
        wanted = {"probabilities": known["probabilities"]} if "probabilities" in known else known
        return all(name in answer and agrees(answer[name], value, tolerance) for name, value in wanted.items())
    if isinstance(known, list):
        if not isinstance(answer, list) or len(answer) != len(known):
            return False
        return all(agrees(one, other, tolerance) for one, other in zip(answer, known, strict=True))
    if isinstance(known, int | float) and not isinstance(known, bool):
        if not isinstance(answer, int | float) or isinstance(answer, bool):
            return False
        return math.isclose(answer, known, rel_tol=tolerance, abs_tol=tolerance)
    return bool(answer == known)
