"""The prediction itself: bodies in, answers out, a record of each in between."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from omloop.bundle import record_embedding
from omloop.core import PROBE_KEY, ExampleArray, InputError, Prediction, Predictions, StoreError, log_fields
from omloop.serve.answer.recording import LogHealth
from omloop.serve.answer.work import Work
from omloop.serve.door import Door, rows_in
from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.refusal import Refusal, internal_error, refused_input
from omloop.serve.trace_context import trace_id
from omloop.serve.version.serving import Serving

_log = logging.getLogger("omloop.serve")
_UNRECORDED = Refusal(
    503,
    "the prediction could not be recorded, so it is not given; try again later. "
    "Whoever runs this server finds the reason in its log",
    code="not_recorded",
)


@dataclass(slots=True)
class _Read:
    """A work whose body was read: its examples, and what the log keeps of them."""

    work: Work
    examples: ExampleArray
    records: Sequence[Mapping[str, object]] | None


@dataclass(frozen=True)
class Predict:
    """Answers requests, several in one run of the model, from any thread.

    Where `recording` is strict nothing is answered without a record; else what could not be recorded is answered,
    counted as lost, and told. `timed` keeps with each work when it was begun, read, computed and recorded.
    """

    predictions: Predictions
    limits: Limits
    metrics: Metrics
    new_id: Callable[[], str]
    clock: Callable[[], float]
    recording: LogHealth
    door: Door | None = None
    timed: bool = False

    def answer(self, serving: Serving, works: Sequence[Work]) -> None:
        """Give each of the works its status and its answer, recorded before it is given. Never raises.

        A request that breaks a run which it shares with others is found by answering each alone.
        """
        try:
            self._answer(serving, works)
        except Refusal as refusal:
            if len(works) == 1:
                works[0].refuse(refusal)
                return
            for work in works:
                self.answer(serving, [work])
        except Exception:
            if len(works) == 1:
                works[0].refuse(self._fault(works[0]))
                return
            for work in works:
                self.answer(serving, [work])

    def _answer(self, serving: Serving, works: Sequence[Work]) -> None:
        began = time.perf_counter()
        read = [found for work in works if (found := self._read(serving, work)) is not None]
        if not read:
            return
        examples = _joined([one.examples for one in read])
        parsed = time.perf_counter()
        answered = serving.run(examples)
        answers = serving.output.answer(_finite(answered.outputs))
        computed = time.perf_counter()
        remarks = serving.kind.remarks(examples)
        seen = record_embedding(answered.coordinates, len(examples))
        kept: list[Prediction] = []
        bodies: list[bytes] = []
        moment, version, variant, start = self.clock(), serving.version, serving.variant, 0
        for one in read:
            end = start + len(one.examples)
            records = serving.kind.record(one.examples) if one.records is None else one.records
            latency = (time.perf_counter() - one.work.arrived) * 1000
            key = one.work.key
            made = [
                Prediction(
                    self.new_id(), moment, version, row, {**answer, **where} if where else answer, latency, variant, key
                )
                for row, answer, where in zip(records, answers[start:end], seen[start:end], strict=True)
            ]
            given = [
                {"id": prediction.id, **answer, **remark}
                for prediction, answer, remark in zip(made, answers[start:end], remarks[start:end], strict=True)
            ]
            if one.work.brief or one.work.explain:
                given = _as_asked(given, one.work, serving, one.examples)
            bodies.append(orjson.dumps({"version": version, "predictions": given}))
            kept += made
            start = end
        if not self._recorded(kept, read):
            return
        self.metrics.predictions.add(version, by=len(kept))
        for one, body in zip(read, bodies, strict=True):
            one.work.status, one.work.answer, one.work.answered_by = 200, body, serving
        encoded = time.perf_counter()
        if self.timed:
            for one in read:
                one.work.times = (began, parsed, computed, encoded)
        self.metrics.stages(parsed - began, computed - parsed, encoded - computed, len(works))

    def _read(self, serving: Serving, work: Work) -> _Read | None:
        """The work's examples; None, and the work is refused, when its body does not fit the signature."""
        try:
            known = () if work.opened is None or work.weighed_by is not serving else (work.opened,)
            examples, records = serving.read(work.content, work.media_type, *known)
            if len(examples) > self.limits.rows:
                reason = f"{len(examples):,} rows are too many; send at most {self.limits.rows:,} a request"
                raise InputError(reason, "rows")
        except InputError as error:
            work.refuse(refused_input(error))
            if self.door is not None and work.key != PROBE_KEY:
                self.door.count(serving, error, rows_in(work.content, work.media_type, self.limits.rows))
            return None
        return _Read(work, examples, records)

    def _recorded(self, kept: list[Prediction], read: Sequence[_Read]) -> bool:
        """Whether the predictions may be answered; if not, their works are refused."""
        try:
            self.predictions.record(kept)
        except (StoreError, OSError) as error:
            self.recording.failed(error)
            if not self.recording.strict:
                self.metrics.lost.add(by=len(kept))
                return True
            self.metrics.unrecorded.add(by=len(read))
            for one in read:
                one.work.refuse(_UNRECORDED)
            return False
        self.recording.worked()
        return True

    def _fault(self, work: Work) -> Refusal:
        """Tell the client the name of a bug, and the log the bug; call it while the bug is being handled."""
        fault = self.new_id()
        about = log_fields(work.request, trace_id(work.trace))
        _log.exception("fault %s while predicting, request %s", fault, work.request, extra=about)
        return internal_error(fault)


def _joined(parts: Sequence[ExampleArray]) -> ExampleArray:
    """All examples in one array; NumPy would join those of several fields by a function of Python."""
    if len(parts) == 1:
        return parts[0]
    if parts[0].dtype.names is None:
        return np.concatenate(parts)
    joined, start = np.empty(sum(map(len, parts)), parts[0].dtype), 0
    for part in parts:
        joined[start : start + len(part)] = part
        start += len(part)
    return joined


def _finite(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same outputs; a model that answers NaN or infinity has not answered."""
    if np.isfinite(outputs).all():
        return outputs
    row = int(np.argmin(np.isfinite(outputs.reshape(len(outputs), -1)).all(axis=1)))
    _log.error("the model gave no finite answer")
    raise Refusal(500, "the model gives no finite answer for this row", field=f"rows[{row}]")


def _as_asked(
    given: list[dict[str, object]], work: Work, serving: Serving, examples: ExampleArray
) -> list[dict[str, object]]:
    """The answers without probabilities, or with what was observed of each example."""
    if work.brief:
        given = [{name: value for name, value in one.items() if name != "probabilities"} for one in given]
    if work.explain:
        observed = serving.kind.observe(examples)
        rows = zip(*(values.tolist() for values in observed.values()), strict=True)
        given = [
            {**one, "observed": dict(zip(observed, row, strict=True))} for one, row in zip(given, rows, strict=True)
        ]
    return given
