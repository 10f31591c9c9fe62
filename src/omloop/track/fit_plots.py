"""Plots of how answers fit the truth, by the names that output kinds give; and of what a threshold would change."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from omloop.core import NumberArray
from omloop.track.plots import INK, MOST_IN_LEGEND, SOFT, WARM, _figure, _label, _png, _shades

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omloop.kinds import Classes, Number

CONFUSION = "plots/confusion.json"
"""Under which name a run keeps the counts of the confusion matrix."""
BINS = 10
"""Bins of equal width in a reliability diagram."""

MOST_COUNTED = 60
"""Classes up to which a confusion matrix has its counts written in; with more there are colours alone."""


def predicted_against_true(truth: NumberArray, outputs: NumberArray, about: Number) -> bytes:
    """Each test row as a dot; a perfect model has them all on the line."""
    figure, axes = _figure("Predicted against true", f"true {about.name} ({about.unit})", "predicted")
    axes.scatter(truth, outputs, s=9, color=INK, alpha=0.45, linewidths=0)
    ends = [min(truth.min(), outputs.min()), max(truth.max(), outputs.max())]
    axes.plot(ends, ends, color=WARM, linewidth=1.2)
    return _png(figure)


def residuals(truth: NumberArray, outputs: NumberArray, about: Number) -> bytes:
    """How far the answers are off, as a histogram; it should be narrow and centred on 0."""
    figure, axes = _figure("Residuals (predicted - true)", f"{about.name} ({about.unit})", "rows")
    axes.hist(outputs - truth, bins=40, color=SOFT, edgecolor="white", linewidth=0.5)
    axes.axvline(0.0, color=WARM, linewidth=1.2)
    return _png(figure)


def confusion(truth: NumberArray, outputs: NumberArray, about: Classes) -> bytes:
    """How often the model answered each class (column) for each true class (row), coloured by the row's share."""
    size = len(about.classes)
    figure, axes = _figure("Confusion matrix", "answered", "true")
    side = 0.3 * min(size, MOST_COUNTED)
    figure.set_size_inches(max(6.4, 2 + side), max(4.2, 1.4 + side))
    table = _counts(truth, outputs, about)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, format=lambda share, _: f"{100 * share:.0f} %", label="share of the true class", shrink=0.8)
    axes.set_xticks(range(size), about.classes, rotation=45, ha="right")
    axes.set_yticks(range(size), about.classes)
    axes.grid(visible=False)
    for (row, column), count in np.ndenumerate(table if size <= MOST_COUNTED else table[:0]):
        shade = "white" if shares[row, column] > 0.5 else INK
        axes.text(column, row, str(count), ha="center", va="center", fontsize=8 if size <= 20 else 6, color=shade)
    return _png(figure)


def confusion_counts(truth: NumberArray, outputs: NumberArray, about: Classes) -> bytes:
    """The confusion matrix as JSON: `classes`, and `counts` as [true, answered, count] by place, without zeros."""
    table = _counts(truth, outputs, about)
    counts = [[int(row), int(column), int(table[row, column])] for row, column in np.argwhere(table)]
    return json.dumps({"classes": list(about.classes), "counts": counts}).encode()


def _counts(truth: NumberArray, outputs: NumberArray, about: Classes) -> NDArray[np.int64]:
    table = np.zeros((len(about.classes),) * 2, np.int64)
    np.add.at(table, (np.asarray(truth, np.int64), about.decide(outputs)), 1)
    return table


def per_class(truth: NumberArray, outputs: NumberArray, about: Classes) -> bytes:
    """Precision, recall and F1 of each class; 0 for a class that the model never answers, or that is never true."""
    classes, answers = about.classes, about.decide(outputs)
    hits = np.bincount(truth[answers == truth], minlength=len(classes))
    answered, true = np.bincount(answers, minlength=len(classes)), np.bincount(truth, minlength=len(classes))
    scores = {
        "precision": hits / np.maximum(answered, 1),
        "recall": hits / np.maximum(true, 1),
        "F1": 2 * hits / np.maximum(answered + true, 1),
    }
    figure, axes = _figure("Scores of each class", "", "")
    figure.set_size_inches(6.4, max(4.2, 0.28 * len(classes)))
    places = np.arange(len(classes))
    for index, (colour, (name, values)) in enumerate(zip((SOFT, INK, WARM), scores.items(), strict=True)):
        axes.barh(places + 0.27 * (index - 1), values, height=0.25, color=colour, label=name)
    axes.set_yticks(places, [f"{name} ({count})" for name, count in zip(classes, true, strict=True)])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.grid(axis="y", visible=False)
    axes.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, -0.2))
    return _png(figure)


def calibration(truth: NumberArray, outputs: NumberArray, about: Classes) -> bytes:
    """A reliability diagram: how often predictions came true by their probability, in ten bins, with the rows of each.

    For two classes it shows the positive class, for more the most probable class. The expected calibration error is the
    mean distance from the line, by the rows of the bins (Naeini et al., AAAI 2015). For more than two classes it is
    that of Guo et al., ICML 2017.
    """
    place = outputs.argmax(axis=1) if about.positive is None else about.positive
    given, came = outputs[np.arange(len(truth)), place], truth == place
    bins = np.minimum((given * BINS).astype(np.int64), BINS - 1)
    rows = np.bincount(bins, minlength=BINS)
    known = rows > 0
    told = np.bincount(bins, weights=given, minlength=BINS)[known] / rows[known]
    true = np.bincount(bins, weights=came, minlength=BINS)[known] / rows[known]
    error = float(np.abs(told - true) @ rows[known]) / len(truth)
    who = f"of '{about.classes[about.positive]}'" if about.positive is not None else "of the most probable class"
    figure, axes = _figure(f"Calibration; expected calibration error {error:.3f}", f"probability {who}", "")
    counts = axes.twinx()
    counts.bar((np.arange(BINS) + 0.5) / BINS, rows, width=0.9 / BINS, color="#e3ecf0")
    counts.set_ylabel("rows", color=SOFT)
    counts.tick_params(axis="y", colors=SOFT)
    counts.spines["top"].set_visible(False)
    counts.set_zorder(0)
    axes.set_zorder(1)
    axes.patch.set_visible(False)
    axes.set_ylabel("share that came true")
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle="--")
    axes.plot(told, true, color=INK, marker="o", markersize=5, linewidth=1.6)
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    return _png(figure)


def roc(truth: NumberArray, outputs: NumberArray, about: Classes) -> bytes:
    """The ROC curve: the true positive rate of a class by its false positive rate.

    For two classes it has the curve of the positive class, with a dot at the present threshold. For more, it has a
    curve for each class against the others.
    """
    figure, axes = _figure("ROC curve", "share of the others taken for it", "share of the class found")
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle="--")
    for shade, place, found, mistaken in _curves(truth, outputs, about):
        x, y = mistaken / max(mistaken[-1], 1), found / max(found[-1], 1)
        area = float(np.trapezoid(y, x))
        axes.plot(x, y, color=shade, linewidth=1.6, label=_label(f"{about.classes[place]} (area {area:.3f})"))
    if len(about.classes) == 2:
        own, answered = truth == about.positive, about.decide(outputs) == about.positive
        x, y = (np.count_nonzero(answered & side) / max(side.sum(), 1) for side in (~own, own))
        axes.plot([x], [y], "o", color=WARM, label="as answered")
    _legend(axes, len(about.classes))
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
    return _png(figure)


def precision_recall(truth: NumberArray, outputs: NumberArray, about: Classes) -> bytes:
    """Precision by recall, in steps.

    The area is the average precision. The broken line is the share of the class: the precision of guessing.
    """
    figure, axes = _figure("Precision and recall", "recall: share of the class found", "precision")
    for shade, place, found, mistaken in _curves(truth, outputs, about):
        precision = found[1:] / np.maximum(found[1:] + mistaken[1:], 1)
        recall = found / max(found[-1], 1)
        area = float(np.diff(recall) @ precision)
        label = _label(f"{about.classes[place]} (area {area:.3f})")
        axes.step(recall, [precision[0], *precision], color=shade, linewidth=1.6, label=label)
        if len(about.classes) == 2:
            axes.axhline(float((truth == place).mean()), color=SOFT, linewidth=1, linestyle="--")
    if len(about.classes) == 2:
        own, answered = truth == about.positive, about.decide(outputs) == about.positive
        if answered.any() and own.any():
            right = np.count_nonzero(own & answered)
            axes.plot([right / own.sum()], [right / answered.sum()], "o", color=WARM, label="as answered")
    _legend(axes, len(about.classes))
    axes.set(xlim=(-0.01, 1.01), ylim=(0, 1.02))
    return _png(figure)


def threshold_curve(
    values: Sequence[float] | NumberArray,
    scores: Sequence[float] | NumberArray,
    *,
    metric: str,
    about: str,
    now: float,
    best: float,
    part: str,
) -> bytes:
    """A metric by the threshold of the class `about`, with the present and the best one, on the rows of a part."""
    figure, axes = _figure(f"{metric} by the decision threshold", f"probability from which '{about}' is answered", "")
    axes.set_ylabel(f"{metric} on the {part} part")
    axes.plot(values, scores, color=INK, linewidth=1.6)
    axes.axvline(now, color=SOFT, linewidth=1.4, linestyle="--", label=f"now {now:g}")
    axes.axvline(best, color=WARM, linewidth=1.4, label=f"best on the {part} part {best:g}")
    axes.legend(frameon=False, fontsize=8)
    axes.set_xlim(0, 1)
    return _png(figure)


PLOTS: Mapping[str, Callable[[NumberArray, NumberArray, Any], bytes]] = {
    "calibration": calibration,
    "confusion": confusion,
    "per_class": per_class,
    "precision_recall": precision_recall,
    "predicted_against_true": predicted_against_true,
    "residuals": residuals,
    "roc": roc,
}
"""Plots of (truth, outputs, the output kind), by the names that output kinds give."""
TABLES: Mapping[str, Callable[[NumberArray, NumberArray, Any], bytes]] = {"confusion": confusion_counts}
"""What a plot shows as JSON, for those that draw it themselves."""


def _curves(truth: NumberArray, outputs: NumberArray, about: Classes) -> Any:
    """For each class that occurs, or for the positive class of two: its colour, its place, and two counts.

    The counts say, by falling probability, how many examples of the class and how many of others come so far. Both
    begin with 0.
    """
    places = np.unique(truth).tolist() if about.positive is None else [about.positive]
    for shade, place in zip(_shades(len(places)), places, strict=True):
        order = np.argsort(-outputs[:, place], kind="stable")
        own, given = (truth == place)[order], outputs[order, place]
        last = np.append(np.flatnonzero(np.diff(given)), len(given) - 1)
        found, mistaken = np.cumsum(own)[last], np.cumsum(~own)[last]
        yield (INK if len(places) == 1 else shade), place, np.append(0, found), np.append(0, mistaken)


def _legend(axes: Any, count: int) -> None:
    if count == 2:
        axes.legend(frameon=False, fontsize=8)
    elif count <= MOST_IN_LEGEND:
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
