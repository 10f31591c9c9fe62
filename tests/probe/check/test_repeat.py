import logging
from collections.abc import Sequence
from typing import Any

import pytest

from omloop.probe import Check, Prober, Round, Target, repeat, run
from omloop.probe.check.rounds import State


class Script(Prober):
    """Finds what it is told to find, one after the other."""

    states: Sequence[State] = ()

    async def look(self) -> Round:
        state, *self.states = self.states
        return Round(0.0, (Check("health", state, 0.1, detail="" if state == "ok" else "because"),))


class Enough(Exception):
    """The script is over."""


def played(states: Sequence[State], caplog: pytest.LogCaptureFixture) -> list[str]:
    script = Script(Target("127.0.0.1", 1), "tiny", lambda version: ())
    script.states = states

    def tell(found: Round) -> None:
        if not script.states:
            raise Enough

    with caplog.at_level(logging.WARNING, "omloop.probe"), pytest.raises(Enough):
        run(repeat(script, tell, every_s=0.001))
    assert {record.levelname for record in caplog.records} <= {"WARNING"}
    return [record.getMessage().partition(": ")[2] for record in caplog.records]


def test_a_change_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    alerts = played(["ok", "ok", "down", "down", "slow", "ok"], caplog)
    assert alerts == ["ok -> down (health: because)", "down -> slow (health: because)", "slow -> ok"]


def test_a_first_round_with_a_fault_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert played(["wrong", "wrong"], caplog) == ["ok -> wrong (health: because)"]


def test_as_long_as_all_is_well_there_is_silence(caplog: pytest.LogCaptureFixture) -> None:
    assert played(["ok"] * 5, caplog) == []


def test_once_is_once() -> None:
    script = Script(Target("127.0.0.1", 1), "tiny", lambda version: ())
    script.states = ["ok", "down"]
    told: list[Any] = []
    assert run(repeat(script, told.append, every_s=60.0, once=True)).state == "ok"
    assert len(told) == 1
