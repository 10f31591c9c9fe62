"""The canary's part of the traffic: whom the version on trial answers, and what happens if it cannot.

See docs/decisions/0026-a-trial-beside-the-champion.md.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import orjson

from omloop.core import PROBE_KEY, OmloopError, Predictions, Shadow
from omloop.serve.answer.predict import Predict
from omloop.serve.answer.work import Work
from omloop.serve.metrics import Metrics
from omloop.serve.version.champion import Champion
from omloop.serve.version.trials import Candidate

_log = logging.getLogger("omloop.serve")


@dataclass(frozen=True)
class Canary:
    """Answers works by the version on trial, and by the champion where that cannot."""

    champion: Champion
    predict: Predict
    predictions: Predictions
    metrics: Metrics
    new_id: Callable[[], str]
    clock: Callable[[], float]

    def takes(self, candidate: Candidate, work: Work) -> bool:
        """Whether the work is the canary's: by the caller's key, else drawn for this request alone."""
        if candidate.trial.mode != "canary":
            return False
        return candidate.takes(work.key if work.key and work.key != PROBE_KEY else self.new_id())

    def answer(self, candidate: Candidate, works: Sequence[Work]) -> None:
        """Give each of the works its status and its answer, from any thread. Never raises.

        If the champion also refuses a request, the request is at fault. If only the champion answers, that counts, the
        log records a shadow that could not answer, and it may end the trial.
        """
        replace(self.predict, door=None).answer(candidate.serving, works)  # what is refused counts once, below
        failed = [work for work in works if work.status not in (200, 503)]  # 503: the log failed, not the model
        champion = self.champion.serving
        if not failed or champion is None:
            return
        self.predict.answer(champion, failed)
        saved = [work for work in failed if work.status == 200]
        if saved:
            self.metrics.canary_errors.add(candidate.serving.version, by=len(saved))
            self._record(candidate, saved)
            self.champion.trials.failed(candidate, len(saved))

    def _record(self, candidate: Candidate, works: Sequence[Work]) -> None:
        moment, version = self.clock(), candidate.serving.version
        ids = [one["id"] for work in works for one in orjson.loads(work.answer)["predictions"]]
        try:
            self.predictions.record_shadows([Shadow(one, moment, version, None, 0.0) for one in ids])
        except (OmloopError, OSError) as error:
            _log.error("the failures of canary %s could not be recorded: %s", version, error)
