"""Training on texts as tokens: a network on top of an encoder that somebody else trained, and the encoder with it."""

import copy
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from omloop.core import ExampleArray, Fitted, Job, Kind, Part, TrainError
from omloop.kinds import Classes, Text
from omloop.train.embedding_cache import EmbeddingCache
from omloop.train.encoders import Encoder, load_encoder
from omloop.train.frozen import Frozen
from omloop.train.lightning import Answering, HeadedNetwork, fit_network
from omloop.train.process import seeded_process
from omloop.train.recipe import PLAIN, Recipe

__all__ = ["Embedder", "fit_embeddings", "fit_fine_tuned"]

LOG = logging.getLogger("omloop.train")
HEAD_DROPOUT, HEAD_DECAY = 0.2, 0.01
DROPOUT = 0.1
TUNING: dict[str, Any] = {"mixed": True, "clip": 1.0, "by_length": True}
"""Defaults for an encoder: parts of a `Recipe`."""
TUNED = Recipe(schedule="one_cycle", **TUNING)
BATCH = 64
KEPT_AT_ONCE = 512
"""Texts between two writes to the cache: a dead process loses at most this many."""
TOLD_EVERY_S = 10.0


def fit_embeddings(  # noqa: PLR0913  hyperparameters, which a project names one by one
    job: Job,
    *,
    encoder: str,
    tokens: int = 256,
    layers: str = "all",
    hidden: int = 128,
    dropout: float = HEAD_DROPOUT,
    epochs: int = 30,
    lr: float = 1e-3,
    batch_size: int = 64,
    patience: int = 5,
    weight_decay: float = HEAD_DECAY,
    optimiser: str = "adamw",
    recipe: Recipe = PLAIN,
) -> Fitted:
    """Train a head of two layers, with `dropout` between, on the vectors that a frozen encoder makes of texts.

    `encoder` is a folder or a name; see `omloop.train.encoders`. `layers` is `all`, whose means stand side by side in a
    vector, or `last`. `job.cache` keeps a vector by the content of its text and of the encoder, so a second training
    computes none again. The packaged graph is the encoder and the head. Raises TrainError if loading the encoder fails,
    and ConfigError for more `tokens` than it reads.
    """
    loaded = load_encoder(encoder, all_layers=layers == "all")
    kind = _tokenized(job, loaded, tokens)
    embed = Embedder(loaded, kind, _cache(job, loaded, tokens), job.tell)
    with seeded_process(job.seed):
        vectors = [embed(part.examples) for part in (job.train, job.validation)]
    head = fit_network(
        lambda: HeadedNetwork(StandardisedVectors(vectors[0]), _head(loaded.width, hidden, dropout, job)),
        _on_vectors(job, *vectors),
        epochs=epochs,
        lr=lr,
        batch_size=batch_size,
        patience=patience,
        weight_decay=weight_decay,
        optimiser=optimiser,
        recipe=recipe,
    )
    whole = _with_encoder(head.model, loaded)
    return Fitted("torch", whole, lambda examples: head.predict(embed(examples)), kind)


def fit_fine_tuned(  # noqa: PLR0913  hyperparameters, which a project names one by one
    job: Job,
    *,
    encoder: str,
    tokens: int = 256,
    dropout: float = DROPOUT,
    frozen: bool = False,
    thaw: int = 0,
    epochs: int = 2,
    lr: float = 5e-5,
    batch_size: int = 16,
    patience: int = 2,
    weight_decay: float = 0.01,
    optimiser: str = "adamw",
    recipe: Recipe = TUNED,
) -> Fitted:
    """Train an encoder and a linear layer on it together, from the encoder's own weights.

    A `frozen` encoder stays as it is: for good, or for the first `thaw` epochs. Its own recipe warms the rate up and
    anneals it to nothing, and clips gradients to a length of 1. Texts of similar length share a batch. Layers compute
    in bfloat16 if the device has instructions for it. Raises as `fit_embeddings`.
    """
    loaded = load_encoder(encoder)
    kind = _tokenized(job, loaded, tokens)

    def build() -> torch.nn.Module:
        layer = torch.nn.Linear(loaded.width, _answers(job))
        body = Frozen(loaded.network, thaw or None) if frozen else loaded.network
        return HeadedNetwork(body, torch.nn.Sequential(torch.nn.Dropout(dropout), layer))

    fitted = fit_network(
        build,
        replace(job, inputs=kind),
        epochs=epochs,
        lr=lr,
        batch_size=batch_size,
        patience=patience,
        weight_decay=weight_decay,
        optimiser=optimiser,
        recipe=recipe,
    )
    return replace(fitted, inputs=kind)


@dataclass(frozen=True)
class Embedder:
    """Turns texts into vectors, float32 of shape (n, width), from the cache or by the encoder, in evaluation mode.

    It reports its progress to `tell`.
    """

    encoder: Encoder
    kind: Text
    cache: EmbeddingCache
    tell: Callable[[str], None]

    def __call__(self, texts: ExampleArray) -> NDArray[np.float32]:
        """The vectors; the cache keeps the new ones."""
        vectors = np.empty((len(texts), self.encoder.width), np.float32)
        known = self.cache.find(texts.tolist())
        for index, vector in known.items():
            vectors[index] = vector
        absent = np.array([index for index in range(len(texts)) if index not in known], np.int64)
        if len(absent):
            LOG.info("embedding %d texts; %d are known", len(absent), len(known))
            self._embed(texts, absent, vectors)
        return vectors

    def _embed(self, texts: ExampleArray, absent: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = self.encoder.network.eval().to(device)
        fresh: list[int] = []
        done, told = 0, time.monotonic()
        with torch.inference_mode():
            for batch in self.kind.batches(texts[absent], BATCH):
                rows = absent[batch]
                feeds = [torch.from_numpy(feed).to(device) for feed in self.kind.feeds(texts[rows]).values()]
                vectors[rows] = network(*feeds).float().cpu().numpy()
                fresh += rows.tolist()
                done += len(rows)
                if time.monotonic() - told >= TOLD_EVERY_S:
                    told = time.monotonic()
                    self.tell(f"train: {done} of {len(absent)} texts are embedded")
                if len(fresh) >= KEPT_AT_ONCE:
                    self.cache.keep(texts[fresh].tolist(), vectors[fresh])
                    fresh = []
        network.cpu()
        if fresh:
            self.cache.keep(texts[fresh].tolist(), vectors[fresh])


class StandardisedVectors(torch.nn.Module):
    """Vectors with a mean of 0 and a deviation of 1 in each place, over the training part."""

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(vectors.mean(axis=0, dtype=np.float64).astype(np.float32)))
        spread = np.maximum(vectors.std(axis=0, dtype=np.float64), 1e-6).astype(np.float32)
        self.register_buffer("spread", torch.from_numpy(spread))

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Vectors of the same shape."""
        return (vectors - self.mean) / self.spread


class Through(torch.nn.Module):
    """One module after another; the first takes any number of feeds."""

    def __init__(self, first: torch.nn.Module, then: torch.nn.Module) -> None:
        super().__init__()
        self.first = first
        self.then = then

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        """What `then` makes of what `first` made."""
        answer: torch.Tensor = self.then(self.first(*feeds))
        return answer


@dataclass(frozen=True)
class _Vectors:
    """Stands in for the input kind while the head learns: examples are vectors already."""

    def feeds(self, examples: ExampleArray) -> dict[str, NDArray[np.generic]]:
        return {"vectors": examples}

    def batches(self, examples: ExampleArray, most: int) -> list[NDArray[np.int64]]:
        return [np.arange(start, min(start + most, len(examples))) for start in range(0, max(1, len(examples)), most)]


def _on_vectors(job: Job, train: NDArray[np.float32], validation: NDArray[np.float32]) -> Job:
    def part(of: Part, vectors: NDArray[np.float32]) -> Part:
        return replace(of, examples=vectors)

    stand_in = cast(Kind, _Vectors())
    return replace(job, inputs=stand_in, train=part(job.train, train), validation=part(job.validation, validation))


def _tokenized(job: Job, encoder: Encoder, tokens: int) -> Text:
    if not isinstance(job.inputs, Text):
        raise TrainError("An encoder reads texts, but this project's inputs are none. Give it Text.")
    encoder.require(tokens)
    return job.inputs.tokenized(encoder.tokenizer, tokens)


def _head(width: int, hidden: int, dropout: float, job: Job) -> torch.nn.Module:
    first, last = torch.nn.Linear(width, hidden), torch.nn.Linear(hidden, _answers(job))
    return torch.nn.Sequential(first, torch.nn.GELU(), torch.nn.Dropout(dropout), last)


def _answers(job: Job) -> int:
    return len(job.outputs.classes) if isinstance(job.outputs, Classes) else 1


def _with_encoder(head: Answering, encoder: Encoder) -> Answering:
    """The same answers from tokens: one network, to package whole."""
    whole = copy.deepcopy(head)
    network = cast(HeadedNetwork, whole.network)
    whole.network = HeadedNetwork(Through(encoder.network, network.body), network.head)
    return whole.eval()


def _cache(job: Job, encoder: Encoder, tokens: int) -> EmbeddingCache:
    """Its name holds all that determines a vector, beside the text: a change of any of it is another cache."""
    how = "means" if encoder.network.all_layers else "mean"
    made = hashlib.sha256(f"{encoder.digest}:{tokens}:{how}:float32".encode()).hexdigest()
    return EmbeddingCache((job.cache or job.folder) / "embeddings", made[:32], encoder.width, job.shared_cache)
