"""What a watch told last: for `GET /v1/drift` as JSON and as a page for browsers, and the verdict among the metrics."""

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omloop.serve.answer.threads import run_apart
from omloop.serve.metrics import Gauge
from omloop.serve.options import LastLook
from omloop.serve.refusal import Refusal

FRESH_S = 5.0
"""How long an answer stays valid: a watch looks every minute, and reading a bucket goes over a network."""
WAIT_S = 5.0
"""The longest wait for a bucket; one read continues in its thread."""
_log = logging.getLogger("omloop.serve")


class Drift:
    """The watch's last report. One read at a time runs in a thread, and the newest answer stays."""

    def __init__(self, look: LastLook | None) -> None:
        self._look = look
        self._reading: asyncio.Task[None] | None = None
        self._told: Mapping[str, Any] | None = None
        self._failed = False
        self._since = float("-inf")

    async def told(self) -> Mapping[str, Any]:
        """The last report; raises Refusal if there is none, or if it is unreadable."""
        told = await self._newest()
        if told is None:
            raise Refusal(404, "no watch has looked at this project yet; look with: omloop watch NAME --once")
        return told

    def page(self, told: Mapping[str, Any]) -> str:
        """It as a page for people; empty where nothing makes one."""
        return self._look.page(told) if self._look is not None else ""

    def exposition(self) -> str:
        """The last report as metrics, empty without one; meanwhile it reads a newer look for the next request."""
        self._begin()
        told = self._told
        if told is None:
            return ""
        return "".join(f"{line}\n" for gauge in _gauges(told) for line in gauge.lines())

    def _begin(self) -> None:
        if self._look is not None and self._reading is None and time.monotonic() - self._since >= FRESH_S:
            self._reading = asyncio.create_task(self._read(self._look))

    async def _newest(self) -> Mapping[str, Any] | None:
        self._begin()
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=WAIT_S)
        if self._failed or self._reading is not None:
            told = "what the watch told cannot be read now; try again later"
            raise Refusal(503, told, code="not_recorded", headers={"Retry-After": str(int(FRESH_S))})
        return self._told

    async def _read(self, look: LastLook) -> None:
        try:
            self._told = await run_apart(look.read)
            self._failed = False
        except Exception as error:  # a store may be a stranger's adapter
            self._failed = True
            _log.warning("what the watch told cannot be read: %s", error)
        finally:
            self._since, self._reading = time.monotonic(), None


def _gauges(told: Mapping[str, Any]) -> list[Gauge]:
    """The verdict of a look, and its time, if readable."""
    drift = Gauge("omloop_drift", "Whether the newest look of the watch saw that the input moved.")
    drift.add(by=float(told.get("drift") is True))
    loss = Gauge("omloop_loss", "Whether it saw by labels that the model got worse.")
    loss.add(by=float(told.get("hurt") is True))
    broken = Gauge("omloop_broken_data", "How many faults of the data it saw.")
    broken.add(by=float(len(told.get("broken") or ())))
    moment = Gauge("omloop_watch_time_seconds", "When it looked, in seconds since 1970.")
    try:
        moment.add(by=datetime.fromisoformat(str(told["time"])).timestamp())
    except (KeyError, ValueError):
        return [drift, loss, broken]
    return [drift, loss, broken, moment]
