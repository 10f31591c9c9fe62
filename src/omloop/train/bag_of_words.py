"""A linear model over hashed words: seconds to train, a few megabytes, and hard to beat by much on long texts.

Counts become 1 + log(count), times the inverse document frequency, at length 1 a text (Salton and Buckley 1988). Each
gram is then scaled by how much more one class uses it than another, as in NB-SVM (Wang and Manning, "Baselines and
bigrams", ACL 2012), before logistic regression.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import ExampleArray, Feeds, Fitted, Job, NumberArray, Output, Part, TrainError
from omloop.kinds import Classes
from omloop.train.weights import weights_of

BATCH = 512
PENALTIES = (1.0, 0.1, 0.01)
"""The penalties to try: from those for a few thousand short texts to those for tens of thousands of long ones."""
PARTS = 5
"""Without a validation part, one of this many parts of the training part chooses the penalty."""
UNSEEN = -1e9
"""The logit of a class that training never saw: its probability is 0."""


@dataclass(frozen=True)
class Grams:
    """A linear model of hashed grams; its exporter is `omloop.package.grams`.

    `known`, int64 of shape (grams,) and rising, are the buckets that count, above 0; it ignores all others. A text's
    value for a known gram is `(1 + log(count)) * frequency[gram]`, divided by the length of all its values, or by 1 if
    that is more. Times `weights`, float16 of shape (grams, columns), they add up to the columns' logits. `place`,
    float32 of shape (columns, classes), says which class each column speaks for, and `bias`, float32 of shape
    (classes,), is added before the softmax. `frequency` is float16 of shape (grams,) and holds no value under 1. Half
    precision halves the package and is part of the model: the original and the packaged one round alike.
    """

    known: NDArray[np.int64]
    frequency: NDArray[np.float16]
    weights: NDArray[np.float16]
    place: NDArray[np.float32]
    bias: NDArray[np.float32]

    def predict(self, counts: Any) -> NDArray[np.float64]:
        """Probabilities of shape (n, classes) for a sparse matrix of counts, shape (n, buckets)."""
        sums = _valued(_of_known(counts, self.known), self.frequency) @ self.weights.astype(np.float64)
        logits: NDArray[np.float64] = sums @ self.place + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def fit_bag_of_words(
    job: Job,
    *,
    penalties: Sequence[float] = PENALTIES,
    ratio: bool = True,
    smoothing: float = 3.0,
    rounds: int = 50,
    balance: float = 0.0,
    least_texts: int = 0,
) -> Fitted:
    """Train on texts (or whatever kind feeds `grams` and `counts`) to tell the project's classes apart.

    Each of `penalties` is a weight of half the squared weights against the summed loss. The one with the least log loss
    on the validation part wins. Without a validation part, a fifth of the training part chooses, and then the model
    learns from all of it. A larger penalty is smoother; fewer records need more.

    `ratio` turns on the scaling by log-count ratios, after adding `smoothing` to each count. `rounds` bounds the
    solver's passes. A gram counts if at least `least_texts` texts have it; 0 chooses 1 to 5, more for more texts. Texts
    count by the part's weights, and those of rare classes more by `balance`, from 0 to 1. It logs one step: the
    accuracy and log loss of the training and of the validation part. Raises TrainError if the outputs are no classes,
    or if the training part holds fewer than two of them.
    """
    count = len(_classes(job).classes)
    known = np.unique(job.train.targets)
    if len(known) < 2 or not penalties:
        raise TrainError(
            "A bag of words needs two classes in the training part and a penalty to try. Give more records, and check "
            "`model.penalties`."
        )
    counts = count_matrix(job.inputs, job.train.examples)
    weights = weights_of(job, job.train, balance)
    added = smoothing if ratio else None
    learn = partial(_learned, classes=count, added=added, rounds=rounds, least=least_texts, seed=job.seed)
    everything = _Lesson(counts, job.train.targets, weights)
    if len(penalties) == 1:
        return _fitted(learn(everything, penalties)[0], job)
    if len(job.validation):
        held_out = _Lesson(count_matrix(job.inputs, job.validation.examples), job.validation.targets, None)
        return _fitted(min(learn(everything, penalties), key=held_out.loss), job)
    apart = np.random.default_rng(job.seed).permutation(len(job.train)) % PARTS == 0
    tried = learn(everything.of(~apart), penalties)
    best = int(np.argmin([everything.of(apart).loss(model) for model in tried]))
    return _fitted(learn(everything, [penalties[best]])[0], job)


@dataclass(frozen=True)
class _Lesson:
    """Counts of texts, their classes, and how much each counts."""

    counts: Any
    targets: NumberArray
    weights: NDArray[np.float64] | None

    def of(self, chosen: NDArray[np.bool_]) -> "_Lesson":
        weights = None if self.weights is None else self.weights[chosen]
        return _Lesson(self.counts[np.flatnonzero(chosen)], self.targets[chosen], weights)

    def loss(self, model: Grams) -> float:
        return _log_loss(model.predict(self.counts), self.targets)


def _learned(
    lesson: _Lesson,
    penalties: Sequence[float],
    *,
    classes: int,
    added: float | None,
    rounds: int,
    least: int,
    seed: int,
) -> list[Grams]:
    """A model for each penalty. Grams scale by ratios of counts, with `added` added to each count, or not at all."""
    found = np.unique(lesson.targets)
    known = _frequent(lesson.counts, least or least_texts_for(len(lesson.targets)))
    counts = _of_known(lesson.counts, known)
    frequency = _frequency(counts)
    values = _valued(counts, frequency)
    # Two classes need one column of weights, for the second; more need one each, against the rest.
    columns = found[1:] if len(found) == 2 else found
    chosen = [lesson.targets == column for column in columns]
    scales = [np.ones(counts.shape[1]) if added is None else _log_ratio(counts, rows, added) for rows in chosen]

    def solve(penalty: float) -> Grams:
        weights = np.zeros((counts.shape[1], len(columns)), np.float16)
        bias = np.full(classes, UNSEEN, np.float32)
        bias[found] = 0.0
        for index, (column, rows, scale) in enumerate(zip(columns, chosen, scales, strict=True)):
            solved, bias[column] = _solved(
                _scaled(values, scale), rows, penalty=penalty, rounds=rounds, seed=seed, weights=lesson.weights
            )
            weights[:, index] = solved * scale
        return Grams(known, frequency, weights, np.eye(classes, dtype=np.float32)[columns], bias)

    return [solve(penalty) for penalty in penalties]


def least_texts_for(texts: int) -> int:
    """How many of that many texts must have a gram for it to count: a gram of few texts describes only those.

    >>> least_texts_for(1000), least_texts_for(4000), least_texts_for(30_000)
    (1, 2, 5)
    """
    return min(5, 1 + round(texts / 5000))


def fit_prior(job: Job) -> Fitted:
    """The baseline for texts: every one gets the shares of the classes in the training part."""
    outputs = _classes(job)
    counted = np.bincount(job.train.targets, weights_of(job, job.train), minlength=len(outputs.classes))
    shares = counted / max(1e-12, counted.sum())
    bias = np.where(shares > 0, np.log(np.maximum(shares, 1e-12)), UNSEEN).astype(np.float32)
    none, place = np.ones(1, np.float16), np.zeros((1, len(outputs.classes)), np.float32)
    return _fitted(Grams(np.ones(1, np.int64), none, np.zeros((1, 1), np.float16), place, bias), job)


def count_matrix(inputs: Feeds, examples: ExampleArray) -> Any:
    """What `inputs` feeds as `grams` and `counts`, as a sparse matrix of shape (n, buckets)."""
    from scipy import sparse

    parts = [sparse.csr_matrix((0, _width(inputs)), dtype=np.float32)]
    parts += [_sparse(feeds, _width(inputs)) for feeds in _batches(inputs, examples)]
    return sparse.vstack(parts, format="csr")


def _solved(
    values: Any,
    chosen: NDArray[np.bool_],
    *,
    penalty: float,
    rounds: int,
    seed: int,
    weights: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], float]:
    """Logistic regression's weights, shape (buckets,), and its intercept."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(
        C=1.0 / penalty, solver="liblinear", dual=True, tol=0.01, max_iter=rounds, random_state=seed
    )
    with warnings.catch_warnings():
        # Stopping early is one more way of not fitting the noise; the validation part is the judge of it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        solver.fit(values, chosen, weights)
    return solver.coef_[0], float(solver.intercept_[0])


def _fitted(model: Grams, job: Job) -> Fitted:
    def predict(examples: ExampleArray) -> NDArray[np.float64]:
        return model.predict(count_matrix(job.inputs, examples))

    fitted = Fitted("grams", model, predict)
    job.log(0, _scores(fitted, job.outputs, {"train": job.train, "validation": job.validation}))
    return fitted


def _classes(job: Job) -> Classes:
    if not isinstance(job.outputs, Classes):
        raise TrainError("A bag of words tells classes apart, but this project asks for a number. Give it Classes.")
    return job.outputs


def _width(inputs: Feeds) -> int:
    try:
        return int(inputs.buckets)  # type: ignore[attr-defined]
    except AttributeError as error:
        raise TrainError("A bag of words needs texts, but this project's inputs are none. Give it Text.") from error


def _batches(inputs: Feeds, examples: ExampleArray) -> Iterator[dict[str, NDArray[np.generic]]]:
    for start in range(0, len(examples), BATCH):
        yield inputs.feeds(examples[start : start + BATCH])


def _sparse(feeds: dict[str, NDArray[np.generic]], width: int) -> Any:
    from scipy import sparse

    present = np.greater(feeds["counts"], 0)
    starts = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    return sparse.csr_matrix((feeds["counts"][present], feeds["grams"][present], starts), (len(present), width))


def _frequent(counts: Any, least: int) -> NDArray[np.int64]:
    """The buckets that at least that many texts have, rising; all of them if none has."""
    buckets, texts = np.unique(counts.indices, return_counts=True)
    known = buckets[texts >= least] if (texts >= least).any() else buckets
    return np.asarray(known if len(known) else [1], np.int64)


def _of_known(counts: Any, known: NDArray[np.int64]) -> Any:
    """The sparse matrix of the known buckets alone, shape (n, grams)."""
    from scipy import sparse

    place = np.searchsorted(known, counts.indices).clip(max=len(known) - 1)
    there = known[place] == counts.indices
    starts = np.concatenate([[0], np.cumsum(there)])[counts.indptr]
    return sparse.csr_matrix((counts.data[there], place[there], starts), (counts.shape[0], len(known)))


def _frequency(counts: Any) -> NDArray[np.float16]:
    """Smoothed inverse document frequency, 1 for a gram that every text has; as in scikit-learn."""
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray((np.log((1 + counts.shape[0]) / (1 + texts)) + 1).astype(np.float16))


def _valued(counts: Any, frequency: NDArray[np.float16]) -> Any:
    """The sparse matrix of values, float64, each row of length 1, or 0 without a gram."""
    values = counts.astype(np.float64)
    values.data = (1 + np.log(values.data)) * frequency[counts.indices]
    length = np.sqrt(np.asarray(values.multiply(values).sum(axis=1)).ravel())
    values.data /= np.repeat(np.maximum(length, 1.0), np.diff(values.indptr))
    return values


def _scaled(values: Any, scale: NDArray[np.float64]) -> Any:
    scaled = values.copy()
    scaled.data *= scale[values.indices]
    return scaled


def _log_ratio(counts: Any, chosen: NDArray[np.bool_], smoothing: float) -> NDArray[np.float64]:
    """How much more the chosen texts use each gram, by the logarithm of the ratio of its shares; shape (buckets,)."""

    def share(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        texts = smoothing + np.bincount(counts[rows].indices, minlength=counts.shape[1])
        return np.asarray(texts / texts.sum())

    return np.asarray(np.log(share(chosen) / share(~chosen)))


def _scores(fitted: Fitted, output: Output, parts: dict[str, Part]) -> dict[str, float]:
    scores = {}
    for name, part in parts.items():
        if len(part):
            outputs = fitted.predict(part.examples)
            scores[f"{name}_accuracy"] = float((output.decide(outputs) == part.targets).mean())
            scores[f"{name}_log_loss"] = _log_loss(outputs, part.targets)
    return scores


def _log_loss(outputs: NDArray[np.float64], targets: NumberArray) -> float:
    """Mean negative logarithm of the probability given to the true class, in nats; 0 without a row."""
    right = outputs[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(right, 1e-7)).sum() / max(1, len(targets)))
