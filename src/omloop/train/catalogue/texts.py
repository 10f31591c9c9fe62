"""The catalogue's models of texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from omloop.core import Fitted, Job


@dataclass
class BagOfWords:
    """Logistic regression on hashed words and pairs of words; of the `penalties` the best on validation is kept.

    `ratio` scales each word by how much more one class uses it, its counts raised by `smoothing`; the solver makes up
    to `rounds` passes. `balance` weighs rare classes up, from 0 to 1.
    """

    name: str = "bag_of_words"
    penalties: list[float] = field(default_factory=lambda: [1.0, 0.1, 0.01])
    ratio: bool = True
    smoothing: float = 3.0
    rounds: int = 50
    balance: float = 0.0


@dataclass
class Embeddings:
    """Two layers on the vectors of a frozen encoder.

    That is a name on the Hugging Face Hub, or a folder with config.json, model.safetensors and tokenizer.json. Of each
    text the first `tokens` tokens are read. Vectors are kept, so a second training is a matter of seconds.
    """

    name: str = "embeddings"
    encoder: str = "distilbert-base-uncased"
    tokens: int = 256
    hidden: int = 128
    epochs: int = 30
    lr: float = 1e-3
    batch_size: int = 64
    patience: int = 5


@dataclass
class FineTune:
    """An encoder, named as for `embeddings`, and a layer on it, trained together."""

    name: str = "fine_tune"
    encoder: str = "distilbert-base-uncased"
    tokens: int = 256
    epochs: int = 2
    lr: float = 5e-5
    batch_size: int = 16
    patience: int = 2
    weight_decay: float = 0.01


def fit_bag_of_words(job: Job) -> Fitted:
    """Learn a weight a word and a pair of words."""
    from omloop.train.bag_of_words import fit_bag_of_words as fit

    return fit(job, **_options(job))


def fit_embeddings(job: Job) -> Fitted:
    """Learn a small network on what an encoder makes of a text."""
    from omloop.train.texts import fit_embeddings as fit

    return fit(job, **_options(job))


def fit_fine_tune(job: Job) -> Fitted:
    """Learn to read texts with all of an encoder."""
    from omloop.train.texts import fit_fine_tuned as fit

    return fit(job, **_options(job))


def _options(job: Job) -> dict[str, Any]:
    """The configuration without the model's name."""
    return {name: value for name, value in asdict(job.config).items() if name != "name"}
