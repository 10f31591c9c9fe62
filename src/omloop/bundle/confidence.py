"""A bundle's own confidence: its calibration, and whether it held on examples kept for that."""

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
    """How sure a version may be, from `held_out` examples that it did not learn from, checked on `rows` others.

    With `of_others`, other models answered the held-out examples, and the version itself learned from them in the end.

    For classes, `method` is the calibration of probabilities (temperature, isotonic, none), `about` the same with its
    numbers. `before` and `after` are the scores without and with it, `bins` those of the served answers. `by_chance` is
    the calibration error of this many rows if each is right as often as it says.

    For a number, `method` is `split conformal`. An interval of `half` the width promises to hold the truth in a share
    `level` of cases. In the test it held it in the share `coverage`. `width` is the mean width within the limits of a
    label.

    `why` gives the reason in a sentence, also for having no interval.
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
        """It in a line, for the maker of a version."""
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
    """The confidence in a bundle's files; None for a bundle of an older omloop.

    Raises BundleError if it is unreadable.
    """
    if CONFIDENCE not in files:
        return None
    try:
        return msgspec.json.decode(files[CONFIDENCE], type=Confidence)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"{CONFIDENCE} cannot be read: {error}. Package the model again.") from error
