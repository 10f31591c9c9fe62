"""Proof that a packaged model answers as the original does: compared, not assumed."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Answers, Session
from omloop.core import ExampleArray, ExportError, Fitted, NumberArray, OmloopError, Output, Parity

BATCHES = (1, 2, 7, 512)
"""Batch sizes that are compared: one, two, an odd few, and more than there are lanes or threads."""
SMALL_BATCHES = 16
"""Batches of each small size: one row a run takes long, and what differs by the size alone shows in any."""
UNBLAMED = "Train on float32, leave out scaling before trees, or choose another model."


class Proof(NamedTuple):
    """How far a packaged model is from the original, and its answers to the real rows, in their order."""

    parity: Parity
    answers: Answers


def check_parity(
    fitted: Fitted, session: Session, examples: ExampleArray, edges: ExampleArray, *, tolerance: float = 1e-5
) -> Parity:
    """Compare the original with the packaged model, as `prove` does."""
    return prove(fitted, session, examples, edges, tolerance=tolerance).parity


def prove(
    fitted: Fitted, session: Session, examples: ExampleArray, edges: ExampleArray, *, tolerance: float = 1e-5
) -> Proof:
    """Compare the original with the packaged model on real rows and on rows at the limits.

    It compares every row in batches of 512, and rows from all over in 16 batches of each smaller size. Rows repeat if
    there are too few. It compares outputs, never labels: a wrong tree can agree on every label. An answer that is not
    finite, or has another shape, makes the difference infinite. At the limits the original's answer may exceed float32;
    then infinity is right, because a server refuses such a row. Raises ExportError when the packaged model cannot
    answer at all, and what the original raises when it cannot.
    """
    rows = np.concatenate([examples, edges]) if len(edges) else examples
    if not len(rows):
        raise ExportError("There are no rows to compare the packaged model on. Give at least one.")
    batches = [batch for size in BATCHES for batch in _batches(len(rows), size)]
    answered = [_answers(fitted, session, rows[batch]) for batch in batches]
    pairs: list[tuple[NumberArray, NumberArray]] = [(original, packaged.outputs) for original, packaged in answered]
    differences = np.concatenate([_difference(original, packaged) for original, packaged in pairs])
    real = np.concatenate(batches) < len(examples)
    differences[~real & np.concatenate([_beyond(*pair) for pair in pairs])] = 0.0
    scale = (
        np.ones(len(differences))
        if session.outputs.classes
        else _scale(np.concatenate([one for one, _ in pairs]), real)
    )
    parity = Parity(
        rows=len(differences),
        batches=BATCHES,
        largest=float(differences.max()),
        mean=float(differences.mean()),
        relative=float((differences / scale).max()),
        agreement=_agreement(pairs, session.outputs),
        tolerance=tolerance,
    )
    whole = [packaged for batch, (_, packaged) in zip(batches, answered, strict=True) if len(batch) == max(BATCHES)]
    return Proof(parity, _joined(whole, len(examples)))


def remembered(fitted: Fitted) -> Fitted:
    """The same model, which answers the same examples from memory: a second graph of it is proven at half the price."""
    known: dict[bytes, NDArray[np.float64]] = {}

    def predict(examples: ExampleArray) -> NDArray[np.float64]:
        content = repr(examples.tolist()).encode() if examples.dtype.hasobject else examples.tobytes()
        key = hashlib.sha256(content).digest() + repr((examples.shape, examples.dtype)).encode()
        if key not in known:
            known[key] = np.asarray(fitted.predict(examples))
        return known[key].copy()

    return replace(fitted, predict=predict)


def _scale(original: NumberArray, real: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The divisor of each answer's difference: the largest answer to a real row, and at the limits that to any row.

    At the limits of unbounded columns answers may be larger by many powers of ten, which must not excuse what differs
    on real rows.
    """
    return np.where(real, _largest(original[real]) or 1.0, _largest(original) or 1.0)


def alike(original: NumberArray, form: NumberArray, output: Output) -> Parity:
    """How far the answers of another form of a model are from the original's, both for the same rows.

    A variant may round differently, so it may differ by the measured difference and half as much again. A larger
    difference on another machine means that the machine computes differently.
    """
    scale = 1.0 if output.classes else _largest(original) or 1.0
    differences = _difference(original, form)
    largest = float(differences.max())
    return Parity(
        rows=len(original),
        batches=(len(original),),
        largest=largest,
        mean=float(differences.mean()),
        relative=largest / scale,
        agreement=_agreement([(original, form)], output),
        tolerance=max(1e-4, 1.5 * largest / scale),
    )


def require_verified(parity: Parity, blamed: str = "") -> None:
    """Let a verified export pass; raises ExportError for one that answers otherwise than the original.

    `blamed` is what `diagnose` found out about it.

    >>> require_verified(Parity(600, BATCHES, 0.25, 0.01, 0.25, 1.0, 1e-5))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    omloop.ExportError: The packaged model differs from the original by up to 0.25 ...
    """
    if not parity.verified:
        raise ExportError(
            f"The packaged model differs from the original by up to {parity.largest:g} (relative {parity.relative:g}, "
            f"allowed {parity.tolerance:g}) on {parity.rows} rows; {parity.agreement:.1%} of the answers agree. It may "
            f"not be registered. {blamed or UNBLAMED}"
        )


def _batches(rows: int, size: int) -> Iterator[NDArray[np.int64]]:
    """Row numbers by batch, wrapped around the end."""
    count = -(-rows // size)
    whole = size == max(BATCHES) or count <= SMALL_BATCHES
    starts = np.arange(count) * size if whole else np.linspace(0, rows - 1, SMALL_BATCHES, dtype=np.int64)
    for start in starts:
        yield (start + np.arange(size)) % rows


def _answers(fitted: Fitted, session: Session, batch: ExampleArray) -> tuple[NumberArray, Answers]:
    original = np.asarray(fitted.predict(batch))
    try:
        return original, session.run(batch)
    except OmloopError as error:
        raise ExportError(f"The packaged model cannot answer a batch of {len(batch)}: {error}") from error


def _joined(parts: list[Answers], rows: int) -> Answers:
    """The first `rows` answers of consecutive batches."""
    outputs = np.concatenate([part.outputs for part in parts])[:rows]
    seen = [part.coordinates for part in parts if part.coordinates is not None]
    return Answers(outputs, np.concatenate(seen)[:rows] if seen else None)


def _difference(original: NumberArray, packaged: NumberArray) -> NDArray[np.float64]:
    """The largest absolute difference of each row; shape (n,)."""
    if original.shape != packaged.shape:
        return np.full(len(original), np.inf)
    with np.errstate(invalid="ignore"):
        difference = np.abs(original - packaged).reshape(len(original), -1).max(axis=1)
    return np.where(np.isfinite(difference), difference, np.inf)


def _beyond(original: NumberArray, packaged: NumberArray) -> NDArray[np.bool_]:
    """Which of the original's answers float32 cannot hold, and the packaged model's are as infinite."""
    if original.shape != packaged.shape:
        return np.zeros(len(original), bool)
    with np.errstate(over="ignore"):
        beyond = np.isinf(packaged) & (original.astype(np.float32) == packaged)
    return np.asarray(beyond.reshape(len(original), -1).all(axis=1))


def _largest(original: NumberArray) -> float:
    finite = original[np.isfinite(original)]
    return float(np.abs(finite).max(initial=0.0))


def _agreement(pairs: list[tuple[NumberArray, NumberArray]], output: Output) -> float:
    """The share of answers that agree; none does where the outputs have another shape."""
    if any(original.shape != packaged.shape for original, packaged in pairs):
        return 0.0
    same = [output.agree(output.decide(original), output.decide(packaged)) for original, packaged in pairs]
    return float(np.concatenate(same).mean())
