"""The card's part on confidence: whether intervals hold, and whether answers are right as often as they say."""

from collections.abc import Sequence

from omloop.bundle.confidence import Confidence, Sureness
from omloop.core import number_text
from omloop.report.markdown import escape_markdown, table


def confidence_markdown(found: Confidence, unit: str = "") -> str:
    """The part, with its heading; numbers of an interval are in the `unit`."""
    told = _interval(found, unit) if found.after is None else _probabilities(found, found.after)
    return "## How sure it may be\n\n" + "\n\n".join(told)


def _interval(found: Confidence, unit: str) -> Sequence[str]:
    why = escape_markdown(found.why)
    if found.half is None or found.coverage is None or found.level is None:
        return [f"Its answers carry no interval. {why}"]
    half, width, unit = (*(number_text(size, size) for size in (found.half, found.width or 0.0)), escape_markdown(unit))
    promised = f"{100 * found.level:.3g} %"
    return [
        f"Each answer carries an interval that holds the truth in {promised} of cases: {half} {unit} to either "
        f"side, by split conformal prediction. {why}".replace("  ", " "),
        table(
            ["on the test rows", "value"],
            [
                ["promised", promised],
                ["within the interval", f"{found.coverage} of {found.rows} rows"],
                ["mean width", f"{width} {unit}".rstrip()],
            ],
        ),
    ]


def _probabilities(found: Confidence, after: Sureness) -> Sequence[str]:
    how = f"Its probabilities are calibrated: {found.about}." if found.about else "Its probabilities are as they were."
    scores = [found.before, after] if found.about and found.before else [after]
    names = {
        "expected calibration error": "calibration_error",
        "Brier score": "brier",
        "log loss": "log_loss",
        "mean confidence": "sure",
        "share of right answers": "right",
    }
    rows = [[told, *(f"{getattr(one, name):.3f}" for one in scores)] for told, name in names.items()]
    chance = "" if found.by_chance is None else f" Chance alone gives {found.by_chance:.3f} on so many rows."
    bins = [
        [f"{one.low:.3f} to {one.high:.3f}", str(one.rows), f"{one.sure:.3f}", f"{one.right:.3f}"] for one in found.bins
    ]
    return [
        f"{how} {escape_markdown(found.why)}",
        table([f"on {found.rows} test rows", *["before"] * (len(scores) - 1), "as served"], rows),
        f"Bins of the calibration error have equal mass; there are {len(found.bins)}.{chance}",
        table(["confidence", "rows", "mean", "right"], bins),
    ]
