"""The models of this project. Each library is imported by the model that needs it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from omloop import Fitted, Job


@dataclass
class Prior:
    """The baseline: every picture gets the shares of the people in training."""

    name: str = "prior"


@dataclass
class Nearest:
    """The share of each person among the `neighbours` training pictures that differ least, pixel by pixel."""

    name: str = "nearest"
    neighbours: int = 1


@dataclass
class PcaLinear:
    """Logistic regression on whitened principal components; `c` is the inverse of the strength of its penalty.

    `enough` is how many pictures to learn from: see `more_pictures`.
    """

    name: str = "pca_linear"
    components: int = 150
    c: float = 1.0
    enough: int = 2000


@dataclass
class PcaSvm:
    """A support vector machine with a Gaussian kernel on whitened principal components; `c` is its penalty.

    `enough` is how many pictures to learn from: see `more_pictures`.
    """

    name: str = "pca_svm"
    components: int = 150
    c: float = 10.0
    enough: int = 2000


STEPS = ((0, 0), (2, 0), (-2, 0), (0, 2), (0, -2))
"""How copies of a picture are moved: rows down and columns right."""


def fit_prior(job: Job) -> Fitted:
    """Count how often each person is in training."""
    from sklearn.dummy import DummyClassifier

    from omloop.train import fit_estimator

    return fit_estimator(DummyClassifier(strategy="prior"), job)


def fit_nearest(job: Job) -> Fitted:
    """Remember every picture."""
    from sklearn.neighbors import KNeighborsClassifier

    from omloop.train import fit_estimator

    return fit_estimator(KNeighborsClassifier(n_neighbors=job.config.neighbours), job)


def fit_pca_linear(job: Job) -> Fitted:
    """Learn the components, and a weight for each and every person."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from omloop.train import fit_estimator

    components = PCA(_components(job), whiten=True, random_state=job.seed)
    weights = LogisticRegression(C=job.config.c, max_iter=300)
    return fit_estimator(make_pipeline(components, weights), more_pictures(job, job.config.enough))


def fit_pca_svm(job: Job) -> Fitted:
    """Learn the components, the margins between each two people, and how far from a margin means how sure.

    scikit-learn would rather have SVC wrapped in CalibratedClassifierCV; one curve a person instead of one a pair lost
    three points of accuracy here.
    """
    import warnings

    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    from omloop.train import fit_estimator

    components = PCA(_components(job), whiten=True, random_state=job.seed)
    machine = SVC(C=job.config.c, probability=True, random_state=job.seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
        return fit_estimator(make_pipeline(components, machine), more_pictures(job, job.config.enough))


def more_pictures(job: Job, enough: int) -> Job:
    """The job with mirrored and moved copies of its training pictures behind them.

    Whole rounds of copies are added, up to nine, while there are no more than `enough` pictures.
    """
    pictures, targets = job.train.examples, job.train.targets
    rounds = max(1, min(2 * len(STEPS), enough // max(1, len(pictures))))
    both = [(moved, mirrored) for moved in STEPS for mirrored in (False, True)][:rounds]
    copies = np.concatenate([_copies(pictures, *how) for how in both])
    origins = np.tile(np.arange(len(pictures)), rounds)
    part = replace(job.train, examples=copies, targets=targets[origins], keys=job.train.keys[origins])
    return replace(job, train=part)


def _copies(pictures: NDArray[np.void], moved: tuple[int, int], mirrored: bool) -> NDArray[np.void]:
    """The same examples with other pixels."""
    copies = pictures.copy()
    copies["pixels"] = _moved(pictures["pixels"], moved, mirrored)
    return copies


def _moved(pixels: NDArray[np.uint8], moved: tuple[int, int], mirrored: bool) -> NDArray[np.uint8]:
    """Pixels of shape (n, height, width, channels), moved within repeated edges."""
    down, right = moved
    margin = max(abs(down), abs(right))
    wide = np.pad(pixels, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="edge")
    height, width = pixels.shape[1:3]
    found = wide[:, margin - down :, margin - right :][:, :height, :width]
    return found[:, :, ::-1] if mirrored else found


def _components(job: Job) -> int:
    """As many components as asked for; fewer where there are too few pictures for so many."""
    most: int = job.config.components
    return min(most, len(job.train) - 1)
