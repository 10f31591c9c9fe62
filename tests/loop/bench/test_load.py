import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import httpx
import pytest

from omloop.core import PROBE_KEY, OmloopError, SettingError
from omloop.loop import Workspace
from omloop.loop.bench.load import Subject, find_capacity, load_once, locust_text, subject
from omloop.monitor import new_id
from omloop.probe import LoadPlan, Target, capacity
from omloop.serve import Champion, create_app, running
from omloop.testing.bundles import tiny_bundle


@pytest.fixture
def tiny(workspace: Workspace) -> Workspace:
    """A workspace whose project `tiny` has a champion."""
    registry = workspace.registry("tiny")
    version = registry.add(tiny_bundle(), by="test")
    registry.promote(version, expected=None, by="test", reason="a test")
    return workspace


@pytest.fixture
def url(tiny: Workspace) -> Iterator[str]:
    """A server of that champion."""
    predictions = tiny.predictions("tiny")
    with running(create_app(Champion(tiny.registry("tiny")), predictions, new_id=new_id)) as address:
        yield address
    predictions.close()


def test_the_champion_is_served_apart_and_nothing_is_left_of_it(tiny: Workspace) -> None:
    with subject("tiny", tiny, None) as of:
        address = of.target.url
        assert of.ours and of.target.here and of.version == tiny.registry("tiny").champion()
        found = load_once(of, LoadPlan(40, 0.5), rows=1)
        assert len([*tiny.root.glob(".load-*")]) == 1
    assert (found.answered, found.failed) == (20, 0)
    assert [*tiny.root.glob(".load-*")] == []
    assert tiny.predictions("tiny").window().predictions == (), "drift would be found in what a test sends"
    assert len(tiny.registry("tiny").history()) == 2
    with pytest.raises(OSError):
        urlopen(address, timeout=5)


def test_the_server_ends_when_the_test_fails(tiny: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), subject("tiny", tiny, None) as of:
        raise ZeroDivisionError
    with pytest.raises(OSError):
        urlopen(of.target.url, timeout=5)


def test_a_project_without_a_champion_is_told(workspace: Workspace) -> None:
    with pytest.raises(OmloopError, match="omloop turn tiny"), subject("tiny", workspace, None):
        pass


def test_a_server_that_runs_is_asked_the_examples_of_its_version(tiny: Workspace, url: str) -> None:
    with subject("tiny", tiny, url) as of:
        assert not of.ours and len(of.rows) == len(tiny_bundle().examples.rows) > 1
        assert load_once(of, LoadPlan(20, 0.5), rows=3).answered == 10


def test_what_a_server_that_runs_was_asked_is_recorded_and_no_live_prediction(tiny: Workspace, url: str) -> None:
    """Neither drift nor the next turn sees it."""
    with subject("tiny", tiny, url) as of:
        load_once(of, LoadPlan(20, 0.5), rows=2)
    answered = httpx.post(f"{url}/v1/predict", json={"rows": [of.rows[0]]}, trust_env=False).json()
    tested = httpx.post(
        f"{url}/v1/predict", json={"rows": [of.rows[0]]}, headers={"X-Caller-Key": PROBE_KEY}, trust_env=False
    ).json()
    log = tiny.predictions("tiny")
    found = log.find(tested["predictions"][0]["id"])
    assert found is not None and found["key"] == PROBE_KEY
    assert [one.id for one in log.window().predictions] == [answered["predictions"][0]["id"]]
    log.close()


def test_a_server_whose_version_is_not_known_is_asked_its_own_example(
    tiny: Workspace, url: str, tmp_path: Path
) -> None:
    with subject("tiny", Workspace.of(workspace=str(tmp_path / "empty")), url) as of:
        assert len(of.rows) == 1 and load_once(of, LoadPlan(20, 0.5), rows=1).answered == 10


def test_a_server_of_another_project_is_told(tiny: Workspace, url: str) -> None:
    with pytest.raises(OmloopError, match="serves 'tiny', not 'other'"), subject("other", tiny, url):
        pass


def test_what_is_not_on_this_machine_must_be_ones_own(tiny: Workspace) -> None:
    with pytest.raises(SettingError, match="--yes-it-is-mine"), subject("tiny", tiny, "http://192.0.2.1:80"):
        pass


def test_nobody_there_is_one_line(tiny: Workspace) -> None:
    with pytest.raises(OmloopError, match="No omloop server answers"), subject("tiny", tiny, "http://127.0.0.1:9"):
        pass


@pytest.mark.parametrize(("rows", "each", "requests"), [(4, 1, 4), (4, 2, 2), (4, 3, 4), (1, 5, 1), (5, 5, 1)])
def test_requests_go_through_all_rows(rows: int, each: int, requests: int) -> None:
    of = Subject(Target("127.0.0.1", 1), "v", [*range(rows)], ours=True)
    sent = [json.loads(request.partition(b"\r\n\r\n")[2])["rows"] for request in of.requests(each)]
    assert len(sent) == requests and {len(some) for some in sent} == {each}
    assert {row for some in sent for row in some} == {*range(rows)}


def test_the_capacity_is_looked_for(tiny: Workspace, url: str) -> None:
    told: list[float] = []
    with subject("tiny", tiny, url) as of:
        none = find_capacity(of, LoadPlan(20, 0.3), rows=1, p99_s=1e-9, tell=lambda step: told.append(step.rate))
    assert told == [20.0] and capacity(none) is None


def test_the_file_for_locust_has_the_champions_examples_and_needs_no_server(tiny: Workspace) -> None:
    text = locust_text("tiny", tiny, None, LoadPlan(20, 5), p99_s=0.05)
    assert "http://127.0.0.1:8000" in text and text.count('"rows"') == len(tiny_bundle().examples.rows)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_one_line_with_its_server(tiny: Workspace, number: signal.Signals) -> None:
    words = [sys.executable, "-m", "omloop", "load", "tiny", "--rate", "20", "--for", "60s"]
    words += ["--workspace", str(tiny.root)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not [*tiny.root.glob(".load-*/predictions/tiny/*")] and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "omloop: interrupted; nothing is left half-written\n")
    assert [*tiny.root.glob(".load-*")] == []
    assert not _serving(str(tiny.root))


def _serving(folder: str) -> bool:
    """Whether a process serves from below `folder`, where processes can be looked at."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            if folder.encode() in path.read_bytes():
                return True
    return False
