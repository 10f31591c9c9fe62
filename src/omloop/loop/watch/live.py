"""Live predictions as arrays, and what their labels say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Bundle, Reference, recall_embedding
from omloop.core import Estimate, Kind, Metric, NumberArray, Output, Prediction, Window
from omloop.drift import (
    estimate_error,
)
from omloop.loop.project.scoring import live_scores
from omloop.loop.version.copies import without_copies


@dataclass(frozen=True)
class LivePredictions:
    """Live predictions of a bundle's version, as arrays."""

    bundle: Bundle
    window: Window

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """The predictions themselves, oldest first."""
        return self.window.predictions

    @cached_property
    def kind(self) -> Kind:
        """The input kind."""
        return self.bundle.kind

    @cached_property
    def output(self) -> Output:
        """The output kind."""
        return self.bundle.output

    @cached_property
    def reference(self) -> Reference:
        """The training data as drift detection sees it."""
        return self.bundle.reference

    @cached_property
    def outputs(self) -> NDArray[np.float64]:
        """The answers."""
        return self.output.gather([prediction.output for prediction in self.predictions])

    @cached_property
    def observed(self) -> dict[str, NumberArray]:
        """All that drift detection looks at, by column."""
        answers = [prediction.output for prediction in self.predictions]
        inputs = self.kind.recall([prediction.inputs for prediction in self.predictions])
        seen = recall_embedding(answers, self.reference.columns)
        return {**inputs, **self.output.observe(self.outputs), **seen}

    @cached_property
    def categories(self) -> dict[str, tuple[str, ...]]:
        """The words of each observed column; none for a number."""
        known = {**self.kind.observed, **self.output.observed}
        return {name: known.get(name, ()) for name in self.observed}

    @cached_property
    def labelled(self) -> NDArray[np.int64]:
        """Positions of the predictions whose labels came."""
        return np.flatnonzero([prediction.id in self.window.labels for prediction in self.predictions])

    @cached_property
    def truth(self) -> NumberArray:
        """What turned out to be true of the labelled ones."""
        return self.output.encode([self.window.labels[self.predictions[row].id] for row in self.labelled])

    @cached_property
    def errors(self) -> NDArray[np.float64]:
        """How wrong the labelled ones are."""
        return np.asarray(self.output.errors(self.truth, self.outputs[self.labelled]), np.float64)

    def time(self, row: int) -> str:
        """The time of a prediction."""
        return moment_of(self.predictions[row].time)


def estimated_error(bundle: Bundle, window: Window) -> tuple[Estimate | None, str]:
    """The estimated error of a window from its answers' own hints, or why there is none. Assumes no concept drift.

    Equal rows count once.
    """
    baseline = bundle.baseline
    if baseline is None:
        return None, "an older omloop packaged the version; package it again"
    if baseline.calibration is None or not window.predictions:
        return None, baseline.problem or "there are no predictions"
    live = distinct(bundle, window)
    return estimate_error(baseline.calibration, live.output.hints(live.outputs)), ""


def scores_of(live: LivePredictions, metrics: Sequence[Metric]) -> Iterator[tuple[str, Estimate, Estimate]]:
    """Each metric with its score in the test and its live one; nothing where labels are too few to tell."""
    tested = live.bundle.manifest.tested
    found = live_scores(metrics, live.truth, live.outputs[live.labelled])
    yield from ((name, tested[name], score) for name, score in found.items() if name in tested)


def moment_of(seconds: float) -> str:
    """A time for a reader, in UTC, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def distinct(bundle: Bundle, window: Window) -> LivePredictions:
    """The live predictions without copies."""
    return LivePredictions(bundle, replace(window, predictions=without_copies(bundle, window.predictions)))
