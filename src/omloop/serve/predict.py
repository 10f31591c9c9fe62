"""The prediction itself: a body in, an answer out, a record of it in between."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from omloop.core import InputError, Prediction, Predictions, StoreError
from omloop.serve.champion import Serving
from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.refusal import Refusal, refused_input

_log = logging.getLogger("omloop.serve")


@dataclass(frozen=True)
class Predict:
    """Answers one body at a time, from any thread."""

    predictions: Predictions
    limits: Limits
    metrics: Metrics
    new_id: Callable[[], str]
    clock: Callable[[], float]

    def answer(self, serving: Serving, content: bytes, media_type: str) -> bytes:
        """The JSON answer to `content`, recorded before it is given.

        Raises Refusal when the body does not fit the signature, or when the predictions could not be recorded.
        """
        began = time.perf_counter()
        examples = self._read(serving, content, media_type)
        outputs = _finite(serving.session.predict(examples))
        answers = serving.output.answer(outputs)
        inputs = serving.kind.record(examples)
        moment, latency = self.clock(), (time.perf_counter() - began) * 1000
        kept = [
            Prediction(self.new_id(), moment, serving.version, row, answer, latency)
            for row, answer in zip(inputs, answers, strict=True)
        ]
        self._record(kept)
        self.metrics.predictions.add(serving.version, by=len(kept))
        given = [{"id": prediction.id, **prediction.output} for prediction in kept]
        return orjson.dumps({"version": serving.version, "predictions": given})

    def _read(self, serving: Serving, content: bytes, media_type: str) -> NDArray[Any]:
        try:
            examples = serving.kind.read(content, media_type)
        except InputError as error:
            raise refused_input(error) from error
        if len(examples) > self.limits.rows:
            reason = f"{len(examples):,} rows are too many; send at most {self.limits.rows:,} a request"
            raise Refusal(422, reason, field="rows")
        return examples

    def _record(self, kept: list[Prediction]) -> None:
        try:
            self.predictions.record(kept)
        except (StoreError, OSError) as error:
            self.metrics.unrecorded.add()
            _log.error("predictions could not be recorded, so they were not answered: %s", error)
            raise Refusal(
                503,
                "the prediction could not be recorded, so it is not given; try again later. "
                "Whoever runs this server finds the reason in its log",
            ) from error


def _finite(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same outputs; a model that answers NaN or infinity has not answered."""
    finite = np.isfinite(outputs.reshape(len(outputs), -1)).all(axis=1)
    if finite.all():
        return outputs
    row = int(np.argmin(finite))
    _log.error("the model gave no finite answer")
    raise Refusal(500, "the model gives no finite answer for this row", field=f"rows[{row}]")
