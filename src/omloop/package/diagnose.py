"""Why a packaged model answers differently: the first step or layer that differs, and what to try."""

import numpy as np

from omloop.bundle import Session
from omloop.core import Backends, ExampleArray, Fitted

DIAGNOSES = Backends(
    "diagnosis",
    {
        "given_estimator": "omloop.package.sklearn.given:diagnose",
        "sklearn": "omloop.package.sklearn.steps:diagnose",
        "torch": "omloop.package.torch.layers:diagnose",
    },
)
"""By the family of a trained model; each is called as `diagnose(fitted, session, rows)` and returns a sentence."""

LOOKED_AT = 32
"""How many rows to run step by step, the worst first: each step keeps its answers to all of them."""


def diagnose(fitted: Fitted, session: Session, examples: ExampleArray) -> str:
    """Name the first step or layer that answers otherwise, on the worst of some examples; empty if there is none."""
    if fitted.family not in DIAGNOSES.names():
        return ""
    apart = np.abs(np.asarray(fitted.predict(examples)) - session.predict(examples)).reshape(len(examples), -1)
    worst = np.argsort(-np.nan_to_num(apart.max(axis=1), nan=np.inf))[:LOOKED_AT]
    found: str = DIAGNOSES.load(fitted.family)(fitted, session, examples[np.sort(worst)])
    return found
