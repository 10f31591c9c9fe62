"""What a bundle says of its own confidence: how it was calibrated, and whether it held on examples kept for that."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from omloop.core import BundleError, Estimate, number_text

CONFIDENCE = "confidence.json"
"""The file of a bundle that holds it."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers that were about as sure: from `low` to `high`, how many, how sure on average, what share was right."""

    low: float
    high: float
    rows: int
    sure: float
    right: float


@dataclass(frozen=True)
class Sureness:
    """How sure answers to the test part were, and how right: the scores of their probabilities.

    `calibration_error` is the expected calibration error: how far the share of right answers is from what they said, on
    average over bins of equal mass. `right` is the share that was right and `sure` what they said on average.
    """

    calibration_error: float
    brier: float
    log_loss: float
    sure: float
    right: float


@dataclass(frozen=True)
class Confidence:
    """How sure a version may be, told by `held_out` examples that it did not learn from and checked on `rows` others.

    Where it is told by the answers `of_others`, the version learned from those examples at last, and models that did
    not answered them.

    Of classes `method` says how probabilities are calibrated (temperature, isotonic, none), `about` with its numbers.
    `before` and `after` are their scores without and with it, `bins` what is served, and `by_chance` the calibration
    error that answers of this many rows have if each is right as often as it says.

    Of a number `method` is `split conformal`. An interval of `half` the width holds the truth in a share `level` of
    cases by promise, and in the share `coverage` by test; `width` is the mean width within the limits of a label.

    `why` says in a sentence why it is so; where there is no interval, why not.
    """

    method: str
    why: str
    held_out: int
    rows: int
    about: str = ""
    before: Sureness | None = None
    after: Sureness | None = None
    by_chance: float | None = None
    bins: tuple[ReliabilityBin, ...] = ()
    level: float | None = None
    half: float | None = None
    coverage: Estimate | None = None
    width: float | None = None
    of_others: bool = False

    def __str__(self) -> str:
        """It in a line, for whoever made a version."""
        if self.coverage is not None and self.half is not None and self.level is not None:
            half = number_text(self.half, self.half)
            return f"within ±{half} in {100 * self.level:.3g} % of cases; on {self.rows} test rows {self.coverage}"
        if self.before is None or self.after is None:
            return f"no interval: {self.why}"
        errors = f"{self.before.calibration_error:.3f}"
        if self.about:
            errors += f" -> {self.after.calibration_error:.3f}"
        return f"{self.about or 'not calibrated'}; calibration error {errors} on {self.rows} test rows: {self.why}"


def encode_confidence(confidence: Confidence) -> bytes:
    """The content of confidence.json."""
    return msgspec.json.format(msgspec.json.encode(confidence), indent=2)


def confidence_in(files: Mapping[str, bytes]) -> Confidence | None:
    """What a bundle's files say of its confidence; None of a bundle that an older omloop made.

    Raises BundleError for what cannot be read.
    """
    if CONFIDENCE not in files:
        return None
    try:
        return msgspec.json.decode(files[CONFIDENCE], type=Confidence)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"{CONFIDENCE} cannot be read: {error}. Package the model again.") from error
