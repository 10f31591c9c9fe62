"""The catalogue's models of texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from omloop.core import Fitted, Job
from omloop.train.catalogue.network import Network
from omloop.train.catalogue.options import number, word
from omloop.train.recipe import SCHEDULES


@dataclass
class BagOfWords:
    """Logistic regression on hashed words and runs of words, with the best of the `penalties` on validation.

    `ratio` scales each word by how much more one class uses it, its counts raised by `smoothing`; the solver makes up
    to `rounds` passes. A gram counts if at least `least_texts` texts have it; 0 chooses 1 to 5, by the number of texts.
    `balance` weighs rare classes up, from 0 to 1.
    """

    name: str = "bag_of_words"
    penalties: list[float] = field(default_factory=lambda: [1.0, 0.1, 0.01])
    ratio: bool = True
    smoothing: float = 3.0
    rounds: int = 50
    balance: float = 0.0
    least_texts: int = number(0)


@dataclass
class Embeddings(Network):
    """Two layers on the vectors of a frozen encoder, with `dropout` between them.

    The encoder is a name on the Hugging Face Hub, or a folder with config.json, model.safetensors and tokenizer.json.
    It reads the first `tokens` tokens of each text. The vector is the mean of each of the encoder's `layers`, or of the
    `last` alone. omloop keeps the vectors, so a second training takes seconds.
    """

    name: str = "embeddings"
    encoder: str = "distilbert-base-uncased"
    tokens: int = 256
    layers: str = word("all", ("all", "last"))
    hidden: int = number(128, low=1)
    epochs: int = number(30, low=1)
    lr: float = number(1e-3)
    patience: int = number(5, low=1)
    weight_decay: float = number(0.01)
    dropout: float = number(0.2, below=1)


@dataclass
class FineTune(Network):
    """An encoder, named as for `embeddings`, and a layer on it behind `dropout`, trained together.

    `frozen` leaves the encoder as it is: for good, or for the first `thaw` epochs.
    """

    name: str = "fine_tune"
    encoder: str = "distilbert-base-uncased"
    tokens: int = 256
    frozen: bool = False
    thaw: int = number(0)
    epochs: int = number(2, low=1)
    lr: float = number(5e-5)
    batch_size: int = number(16, low=1)
    patience: int = number(2, low=1)
    schedule: str = word("one_cycle", SCHEDULES)
    weight_decay: float = number(0.01)
    dropout: float = number(0.1, below=1)


def fit_bag_of_words(job: Job) -> Fitted:
    """Learn a weight a word and a pair of words."""
    from omloop.train.bag_of_words import fit_bag_of_words as fit

    return fit(job, **{name: value for name, value in asdict(job.config).items() if name != "name"})


def fit_embeddings(job: Job) -> Fitted:
    """Learn a small network on what an encoder makes of a text."""
    from omloop.train.catalogue.network import fitting, recipe_of
    from omloop.train.texts import fit_embeddings as fit

    config = job.config
    head = {name: getattr(config, name) for name in ("encoder", "tokens", "layers", "hidden", "dropout")}
    return fit(job, **head, **fitting(config), recipe=recipe_of(config))


def fit_fine_tune(job: Job) -> Fitted:
    """Learn to read texts with all of an encoder."""
    from omloop.train.catalogue.network import fitting, recipe_of
    from omloop.train.texts import TUNING
    from omloop.train.texts import fit_fine_tuned as fit

    config = job.config
    whole = {"encoder": config.encoder, "tokens": config.tokens, "dropout": config.dropout}
    kept = {"frozen": config.frozen, "thaw": config.thaw}
    return fit(job, **whole, **kept, **fitting(config), recipe=recipe_of(config, **TUNING))
