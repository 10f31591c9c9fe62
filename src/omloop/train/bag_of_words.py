"""A linear model over hashed words: seconds to train, a few megabytes, and hard to beat by much on long texts.

Counts become 1 + log(count), times the inverse document frequency, at length 1 a text (Salton and Buckley 1988). Each
gram is then scaled by how much more one class uses it than another, as in NB-SVM (Wang and Manning, "Baselines and
bigrams", ACL 2012), before logistic regression.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import ExampleArray, Feeds, Fitted, Job, NumberArray, Output, Part, TrainError
from omloop.kinds import Classes
from omloop.train.weights import weights_of

BATCH = 512
PENALTIES = (1.0, 0.1, 0.01)
"""What is tried: from what suits a few thousand short texts to what suits tens of thousands of long ones."""
UNSEEN = -1e9
"""The logit of a class that training never saw: its probability is 0."""


@dataclass(frozen=True)
class Grams:
    """A linear model of hashed grams; its exporter is `omloop.package.grams`.

    A text's value for a gram is `(1 + log(count)) * frequency[gram]`, divided by the length of all its values, or by 1
    if that is more. Times `weights`, float16 of shape (buckets, columns), they add up to the columns' logits.
    `place`, float32 of shape (columns, classes), says which class each column speaks for, and `bias`, float32 of shape
    (classes,), is added before the softmax. `frequency` is float16 of shape (buckets,) and holds no value under 1.
    Half precision halves the package and is part of the model: the original and the packaged one round alike.
    """

    frequency: NDArray[np.float16]
    weights: NDArray[np.float16]
    place: NDArray[np.float32]
    bias: NDArray[np.float32]

    def predict(self, counts: Any) -> NDArray[np.float64]:
        """Probabilities of shape (n, classes) for a sparse matrix of counts, shape (n, buckets)."""
        sums = _valued(counts, self.frequency) @ self.weights.astype(np.float64)
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
) -> Fitted:
    """Train on texts (or whatever kind feeds `grams` and `counts`) to tell the project's classes apart.

    Each of `penalties` is tried as the weight of half the squared weights against the summed loss, and the one with the
    least log loss on the validation part is kept; more is smoother, and fewer records want more. `ratio` turns the
    scaling by log-count ratios on; `smoothing` is added to each count before it. `rounds` bounds the solver's passes.
    Texts count by the part's weights, and those of rare classes more by `balance`, from 0 to 1.
    One step is logged: the accuracy and log loss of the training and of the validation part. Raises TrainError when the
    outputs are no classes, or when the training part holds fewer than two of them.
    """
    count = len(_classes(job).classes)
    known = np.unique(job.train.targets)
    if len(known) < 2 or not penalties:
        raise TrainError(
            "A bag of words needs two classes in the training part and a penalty to try. Give more records, and check "
            "`model.penalties`."
        )
    counts = count_matrix(job.inputs, job.train.examples)
    frequency = _frequency(counts)
    values = _valued(counts, frequency)
    # Two classes need one column of weights, for the second; more need one each, against the rest.
    columns = known[1:] if len(known) == 2 else known
    chosen = [job.train.targets == column for column in columns]
    scales = [_log_ratio(counts, rows, smoothing) if ratio else np.ones(counts.shape[1]) for rows in chosen]

    counted = weights_of(job, job.train, balance)

    def solve(penalty: float) -> Grams:
        weights = np.zeros((counts.shape[1], len(columns)), np.float16)
        bias = np.full(count, UNSEEN, np.float32)
        bias[known] = 0.0
        for index, (column, rows, scale) in enumerate(zip(columns, chosen, scales, strict=True)):
            solved, bias[column] = _solved(
                _scaled(values, scale), rows, penalty=penalty, rounds=rounds, seed=job.seed, weights=counted
            )
            weights[:, index] = solved * scale
        return Grams(frequency, weights, np.eye(count, dtype=np.float32)[columns], bias)

    held_out = count_matrix(job.inputs, job.validation.examples)
    models = [solve(penalty) for penalty in penalties]
    return _fitted(min(models, key=lambda model: _log_loss(model.predict(held_out), job.validation.targets)), job)


def fit_prior(job: Job) -> Fitted:
    """The baseline for texts: every one gets the shares of the classes in the training part."""
    outputs = _classes(job)
    counted = np.bincount(job.train.targets, weights_of(job, job.train), minlength=len(outputs.classes))
    shares = counted / max(1e-12, counted.sum())
    bias = np.where(shares > 0, np.log(np.maximum(shares, 1e-12)), UNSEEN).astype(np.float32)
    nothing = np.zeros((_width(job.inputs), 1), np.float16)
    place = np.zeros((1, len(outputs.classes)), np.float32)
    return _fitted(Grams(np.ones(len(nothing), np.float16), nothing, place, bias), job)


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
