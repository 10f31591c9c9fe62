"""Kill -9 at random moments: nothing is forgotten, and what arrives twice has the same id and comes in its order."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from omloop.alert import read_state
from omloop.alert.evaluate import _id

KILLS = 60
LOOKS = """
import sys
from pathlib import Path
from omloop.alert import Alerts, Rule, Signal, look, read_state
from omloop.alert.webhook import WebhookSink
home, url, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
alerts = Alerts((Rule("slow", "ms", above=50.0),), {"chat": WebhookSink(url, private=True)})
print("begun", flush=True)
while (number := int(read_state(home, "rides").looked) + 1) <= last:
    look(alerts, "rides", home, {"ms": Signal(60.0 if number % 2 else 10.0)}, float(number))
"""


@pytest.mark.slow
def test_of_looks_that_are_killed_every_alert_arrives(
    tmp_path: Path, hook: Callable[..., AbstractContextManager[Any]]
) -> None:
    chance = random.Random(0)

    def begin(last: int) -> "subprocess.Popen[str]":
        words = [sys.executable, "-c", LOOKS, str(tmp_path), server.url, str(last)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        return process

    with hook(200) as server:
        for _ in range(KILLS):
            process = begin(1_000_000)
            time.sleep(chance.random() * 0.1)
            process.kill()
            process.communicate()
        looks = int(read_state(tmp_path, "rides").looked) + 1
        assert begin(looks).wait(60) == 0
    said = [(one["id"], one["state"]) for one in (json.loads(one.body) for one in server.received)]
    expected = [
        (_id("rides", "slow", float(number if number % 2 else number - 1)), "raised" if number % 2 else "resolved")
        for number in range(1, looks + 1)
    ]
    print(f"{KILLS} kills, {looks} looks, {len(said) - len(expected)} delivered twice")  # noqa: T201
    assert [one for place, one in enumerate(said) if one not in said[:place]] == expected
    assert len(said) - len(expected) <= KILLS
