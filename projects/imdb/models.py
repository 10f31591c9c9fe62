"""The models of this project. Each library is imported by the model that needs it."""

from dataclasses import dataclass, field

from omloop import Fitted, Job


@dataclass
class Prior:
    """The baseline: every review gets the shares of the classes in the training data."""

    name: str = "prior"


@dataclass
class BagOfWords:
    """Logistic regression on hashed words and pairs of words; of the `penalties` the best on validation is kept."""

    name: str = "bag_of_words"
    penalties: list[float] = field(default_factory=lambda: [1.0, 0.1, 0.01])
    ratio: bool = True
    smoothing: float = 3.0
    rounds: int = 50


def fit_prior(job: Job) -> Fitted:
    """Learn the shares of the classes."""
    from omloop.train import fit_prior as fit

    return fit(job)


def fit_bag_of_words(job: Job) -> Fitted:
    """Learn a weight a word and a pair of words."""
    from omloop.train import fit_bag_of_words as fit

    config = job.config
    return fit(job, penalties=config.penalties, ratio=config.ratio, smoothing=config.smoothing, rounds=config.rounds)
