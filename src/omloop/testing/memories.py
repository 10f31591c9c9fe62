"""Memories that forget: fakes of the versions and of the predictions, for tests of whatever uses them."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TypeVar

from omloop.bundle import Bundle
from omloop.core import (
    PROBE_KEY,
    ConflictError,
    Label,
    Lineup,
    Position,
    Prediction,
    Receipt,
    RefusalCount,
    Shadow,
    StoreError,
    Trial,
    TrialMode,
    Window,
)

Value = TypeVar("Value")


class MemoryVersions:
    """Versions in a dictionary. `failing` makes every call raise it, as a store out of reach would."""

    def __init__(self, *bundles: Bundle) -> None:
        self.bundles = {bundle.version: bundle for bundle in bundles}
        self.current = bundles[0].version if bundles else None
        self.tried: Trial | None = None
        self.loads: list[str] = []
        self.failing: Exception | None = None

    def promote(self, bundle: Bundle) -> str:
        """Make `bundle` champion and return its version."""
        self.bundles[bundle.version] = bundle
        self.current, self.tried = bundle.version, None
        return bundle.version

    def begin_trial(self, bundle: Bundle, mode: TrialMode, share: float = 1.0) -> Trial:
        """Try `bundle` beside the champion."""
        self.bundles[bundle.version] = bundle
        self.tried = Trial(bundle.version, mode, share, 1000.0)
        return self.tried

    def lineup(self) -> Lineup:
        """The version in charge and the trial that runs."""
        if self.failing is not None:
            raise self.failing
        return Lineup(self.current, self.tried)

    def end_trial(self, trial: Trial, *, reason: str, by: str) -> None:
        """End the trial."""
        if self.failing is not None:
            raise self.failing
        if self.tried != trial:
            raise ConflictError("That trial is over already.")
        self.tried = None

    def load(self, version: str) -> Bundle:
        """The bundle of `version`, unchecked."""
        self.loads.append(version)
        return self.bundles[version]


class MemoryPredictions:
    """Predictions in a list. `failing` makes every call raise it, as a full disk would."""

    def __init__(self) -> None:
        self.kept: list[Prediction] = []
        self.shadows: list[Shadow] = []
        self.refusal_counts: list[RefusalCount] = []
        self.labels: dict[str, object] = {}
        self.label_times: dict[str, float] = {}
        self.failing: Exception | None = None
        self._lock = threading.Lock()
        self._closed = False

    def record(self, predictions: Sequence[Prediction]) -> None:
        """Keep predictions in the list."""
        self._check()
        with self._lock:
            self.kept.extend(predictions)

    def record_shadows(self, shadows: Sequence[Shadow]) -> None:
        """Keep answers of a version on trial in a list of their own."""
        self._check()
        with self._lock:
            self.shadows.extend(shadows)

    def record_refusals(self, refusals: Sequence[RefusalCount]) -> None:
        """Keep refusals in a list of their own."""
        self._check()
        with self._lock:
            self.refusal_counts.extend(refusals)

    def refusals(self, version: str, *, known: tuple[int, int] | None = None) -> tuple[RefusalCount, ...]:
        """What a version refused, oldest first."""
        self._check()
        chosen = [one for one in self.refusal_counts[slice(*known or (None,))] if one.version == version]
        return tuple(sorted(chosen, key=lambda one: one.time))

    def feedback(self, labels: Sequence[Label]) -> Receipt:
        """Keep the newest label of each known prediction."""
        self._check()
        counts = {"accepted": 0, "repeated": 0, "changed": 0}
        unknown = []
        with self._lock:
            known = {prediction.id for prediction in self.kept}
            for label in labels:
                if label.id not in known:
                    unknown.append(label.id)
                    continue
                counts[self._became(label)] += 1
                self.labels[label.id], self.label_times[label.id] = label.label, label.time
        return Receipt(**counts, unknown=tuple(unknown))

    def find(self, prediction: str) -> Mapping[str, object] | None:
        """One prediction with its label, or None."""
        self._check()
        for kept in self.kept:
            if kept.id == prediction:
                return {**asdict(kept), "label": self.labels.get(kept.id)}
        return None

    def window(
        self,
        *,
        version: str | None = None,
        newest: int | None = None,
        labelled: bool = False,
        after: tuple[float, str] | None = None,
        oldest: int | None = None,
        known: tuple[int, int] | None = None,
    ) -> Window:
        """The chosen predictions, oldest first."""
        self._check()
        chosen = [
            kept
            for kept in sorted(self.kept[slice(*known or (None,))], key=lambda kept: (kept.time, kept.id))
            if version in (None, kept.version) and (kept.id in self.labels or not labelled) and kept.key != PROBE_KEY
        ]
        chosen = [kept for kept in chosen if after is None or (kept.time, kept.id) > after]
        chosen = chosen[:oldest] if newest is None else chosen[max(0, len(chosen) - newest) :]
        told = [kept.id for kept in chosen if kept.id in self.labels]
        labels, times = ({one: self.labels[one] for one in told}, {one: self.label_times[one] for one in told})
        return Window(tuple(chosen), labels, label_times=times)

    def position(self) -> Position:
        """How many there are: the list is the log's own order."""
        self._check()
        return Position("memory", len(self.kept), len(self.refusal_counts))

    def count(self, *, labelled: bool = False, since: float | None = None) -> int:
        """The number of live predictions, or of those that have a label, or came after a moment."""
        chosen = self.window(labelled=labelled).predictions
        return sum(since is None or kept.time > since for kept in chosen)

    def shadowed(self, version: str, *, newest: int | None = None) -> Window:
        """What `version` answered too, oldest first, with its answers."""
        whole = self.window()
        shadows = {one.id: one for one in reversed(self.shadows) if one.version == version}
        chosen = [kept for kept in whole.predictions if kept.id in shadows]
        chosen = chosen if newest is None else chosen[max(0, len(chosen) - newest) :]

        def only(values: Mapping[str, Value]) -> dict[str, Value]:
            return {kept.id: values[kept.id] for kept in chosen if kept.id in values}

        return Window(tuple(chosen), only(whole.labels), only(shadows), only(whole.label_times))

    def tidy(self) -> None:
        """There is nothing to tidy."""
        self._check()

    def close(self) -> None:
        """Refuse every later call."""
        self._closed = True

    def _became(self, label: Label) -> str:
        if label.id not in self.labels:
            return "accepted"
        return "repeated" if self.labels[label.id] == label.label else "changed"

    def _check(self) -> None:
        if self._closed:
            raise StoreError("This memory of predictions is closed. Open a new one.")
        if self.failing is not None:
            raise self.failing
