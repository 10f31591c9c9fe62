import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.alert import Delivery, Rule, Signal, Silence, State, evaluate_rules, read_state
from omloop.alert.memory import exclusive, write_state

HOLDER = """
import sys, time
from pathlib import Path
from omloop.alert.memory import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_all_of_a_state_comes_back(tmp_path: Path) -> None:
    rules = [Rule("slow", "ms", above=50.0, window_s=60.0)]
    state, (event,) = evaluate_rules(rules, {"ms": Signal(60.0, "x")}, State("rides"), 0.1 + 0.2)
    owed = Delivery("chat", event, 1.0, 3, 2.5, "no answer")
    state = replace(state, silence=Silence(1.0, 2.0, "why", ("slow",)), owed=(owed,), lost=(owed,))
    write_state(tmp_path / "new", state)
    assert read_state(tmp_path / "new", "rides") == state


def test_nothing_yet_is_an_empty_state(tmp_path: Path) -> None:
    assert read_state(tmp_path, "rides") == State("rides")


@pytest.mark.parametrize("content", [b"", b"{", b'{"project": 1}', b"\xff", b"[]"])
def test_a_damaged_state_is_put_aside_and_all_begins_anew(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_bytes(content)
    assert read_state(tmp_path, "rides") == State("rides")
    assert (tmp_path / "state.damaged").read_bytes() == content


def test_one_process_at_a_time_and_a_killed_one_lets_go(tmp_path: Path, wait_for: Callable[..., None]) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    entered = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        entered.wait(0.5)
    process.kill()
    process.communicate()
    assert entered.stdout is not None and entered.stdout.readline() == "held\n"
    entered.kill()
    entered.communicate()
    with exclusive(tmp_path):
        pass
