"""Support vector machines of pictures and of tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import ConfigError, Fitted, Job, TrainError
from omloop.train.catalogue.options import Options, number, word

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.decomposition import PCA

KERNELS = ("linear", "poly", "rbf", "sigmoid")
GAMMAS = ("scale", "auto")
MOST_ROWS = 5_000
"""The most rows of a table to learn from: work grows with their square."""
FOLDS = 5


@dataclass
class Svm(Options):
    """A support vector machine (Cortes and Vapnik 1995); `c` is the penalty of errors.

    A `kernel` is `rbf`, `linear`, `poly` (of the `degree`) or `sigmoid`. `gamma` is the inverse width of the kernel: a
    number, `scale` (1 divided by the columns and their variance) or `auto` (1 divided by the columns). Cross-validation
    turns distances from the border into probabilities (Platt 1999). Pictures become whitened principal `components`,
    learned from up to `enough` pictures, moved and mirrored copies included. With `fisher` these become the few
    directions that separate the classes, which suits many classes of few pictures. It learns from at most 5,000 rows of
    a table. `balance` weighs a table's rare classes up, from 0 to 1.
    """

    name: str = "svm"
    components: int = number(150, low=1)
    kernel: str = word("rbf", KERNELS)
    c: float = 1.0
    gamma: float | int | str = "scale"
    degree: int = number(3, low=1)
    enough: int = number(2000)
    balance: float = 0.0
    fisher: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        known = self.gamma in GAMMAS if isinstance(self.gamma, str) else self.gamma > 0
        if not known:
            raise ConfigError(
                f"model.gamma={self.gamma} does not fit: it is {', '.join(GAMMAS)}, or a number above 0.",
                key="model.gamma",
            )
        if not self.c > 0:
            raise ConfigError(f"model.c={self.c:g} does not fit: it must be a number above 0.", key="model.c")


def fit_svm(job: Job) -> Fitted:
    """Learn what of the examples lies on the border between the answers."""
    from omloop.kinds import Image, Table

    if isinstance(job.inputs, Table):
        return _of_table(job)
    if isinstance(job.inputs, Image):
        return _of_pictures(job)
    kind = type(job.inputs).__name__
    raise TrainError(f"The model 'svm' reads tables and pictures, and this project's input is of the kind {kind}.")


def _of_pictures(job: Job) -> Fitted:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline

    from omloop.train import fit_estimator
    from omloop.train.picture_copies import more_pictures

    more = more_pictures(job, job.config.enough)
    components = PCA(min(job.config.components, len(job.train) - 1), whiten=True, random_state=job.seed)
    with _unwarned():
        if job.config.fisher:
            return _of_discriminants(more, components)
        return fit_estimator(make_pipeline(components, _machine(more, more.train.targets)), more)


def _of_discriminants(job: Job, components: PCA) -> Fitted:
    import numpy as np
    from sklearn.pipeline import make_pipeline

    from omloop.kinds import Classes
    from omloop.train.catalogue.fisher import discriminants
    from omloop.train.sklearn import as_fitted

    targets, rows = job.train.targets, job.inputs.matrix(job.train.examples)
    if not isinstance(job.outputs, Classes) or len(set(targets.tolist())) < 2:
        raise TrainError("model.fisher=true tells classes apart. Give two or more, or leave it out.")
    fewer, machine = discriminants(components, rows, targets), _machine(job, targets)
    weights = {"sample_weight": job.train.weights} if len(job.train.weights) else {}
    machine.fit(np.asarray(fewer.transform(rows), np.float32), targets, **weights)
    return as_fitted(make_pipeline(fewer, machine), job)


def _of_table(job: Job) -> Fitted:
    from sklearn.pipeline import Pipeline

    from omloop.train.catalogue import learning
    from omloop.train.catalogue.encoder import TableEncoder
    from omloop.train.catalogue.encoder_plan import EncoderPlan
    from omloop.train.sklearn import as_fitted

    table = learning.table_of(job)
    encoder = TableEncoder.of(table, EncoderPlan(scaled=True, one_hot=50, coded=False), job.seed)
    lesson = learning.encoded(job, encoder, job.config.balance, MOST_ROWS)
    machine = _machine(job, lesson.targets)
    try:
        with _unwarned():
            machine.fit(lesson.rows, lesson.targets, sample_weight=lesson.weights)
    except ValueError as error:
        raise TrainError(
            f"The model 'svm' cannot be learned: {str(error).rstrip('.')}. Choose another model."
        ) from error
    return as_fitted(Pipeline([("encoder", encoder), ("svm", machine)]), job)


@contextmanager
def _unwarned() -> Iterator[None]:
    """Within it nothing is said of `probability`, which a later scikit-learn will not have: `_machine` asks for it."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
        yield


def _machine(job: Job, targets: NDArray[Any]) -> Any:
    """The estimator, not fitted yet."""
    import inspect

    from sklearn.svm import SVC, SVR

    from omloop.kinds import Classes

    config = job.config
    how = {"kernel": config.kernel, "gamma": config.gamma, "degree": config.degree}
    if not isinstance(job.outputs, Classes):
        spread = float(targets.std()) or 1.0  # both are in the target's own unit
        return SVR(C=config.c * spread, epsilon=0.1 * spread, **how)
    if "probability" in inspect.signature(SVC).parameters:
        # It couples pairs of classes: of forty faces it knew 0.985, and one sigmoid a class 0.951.
        return SVC(C=config.c, probability=True, random_state=job.seed, **how)
    return _calibrated(SVC(C=config.c, **how), targets)


def _calibrated(machine: Any, targets: NDArray[Any]) -> Any:
    """The machine with probabilities, for a scikit-learn that no longer gives it any of its own."""
    import numpy as np
    from sklearn.calibration import CalibratedClassifierCV

    counts = np.bincount(targets)
    folds = max(2, min(FOLDS, int(counts[counts > 0].min())))
    return CalibratedClassifierCV(machine, cv=folds, ensemble=False)
