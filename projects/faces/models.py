"""The models of this project that the catalogue lacks. Each library is imported by the model that needs it."""

from dataclasses import dataclass

from omloop import Fitted, Job


@dataclass
class Nearest:
    """The share of each person among the `neighbours` training pictures that differ least, pixel by pixel."""

    name: str = "nearest"
    neighbours: int = 1


@dataclass
class PcaSvm:
    """A support vector machine with a Gaussian kernel on whitened principal components; `c` is its penalty."""

    name: str = "pca_svm"
    components: int = 150
    c: float = 10.0


def fit_nearest(job: Job) -> Fitted:
    """Remember every picture."""
    from sklearn.neighbors import KNeighborsClassifier

    from omloop.train import fit_estimator

    return fit_estimator(KNeighborsClassifier(n_neighbors=job.config.neighbours), job)


def fit_pca_svm(job: Job) -> Fitted:
    """Learn the components, the margins between each two people, and how far from a margin means how sure."""
    import warnings

    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    from omloop.train import fit_estimator, more_pictures

    components = PCA(min(job.config.components, len(job.train) - 1), whiten=True, random_state=job.seed)
    machine = SVC(C=job.config.c, probability=True, random_state=job.seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
        return fit_estimator(make_pipeline(components, machine), more_pictures(job, enough=2000))
