"""Looking at a server again and again, and saying so when the result changes."""

import asyncio
import logging
import time
from collections.abc import Callable

from omloop.probe.check.rounds import Prober, Round, State

LOG = logging.getLogger("omloop.probe")


async def repeat(prober: Prober, tell: Callable[[Round], None], *, every_s: float, once: bool = False) -> Round:
    """Look every `every_s` seconds until cancelled, or once; `tell` gets each round. Returns the last.

    It logs a change as a warning, and also a first round that finds a fault. If a round takes longer than `every_s`,
    the rounds that fell due meanwhile drop out.
    """
    state: State = "ok"
    began, number = time.monotonic(), 0
    while True:
        found = await prober.look()
        _alert(prober, state, found)
        state = found.state
        tell(found)
        if once:
            return found
        passed = time.monotonic() - began
        number = max(number + 1, int(passed / every_s) + 1)
        await asyncio.sleep(began + number * every_s - time.monotonic())


def _alert(prober: Prober, before: State, found: Round) -> None:
    if found.state != before:
        what = f" ({found.detail})" if found.detail else ""
        LOG.warning("%s at %s: %s -> %s%s", prober.project, prober.target.url, before, found.state, what)
