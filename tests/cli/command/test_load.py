"""`omloop load` as a user types it."""

import builtins
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omloop.loop import Workspace
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running
from omloop.testing.bundles import tiny_bundle

Say = Callable[..., tuple[int, str, str]]
SHORT = ["--rate", 20, "--for", "500ms", "--p99-ms", 60_000]


@pytest.fixture
def url(workspace: Workspace) -> Iterator[str]:
    """A server of the champion of `tiny`, in this process."""
    registry = workspace.registry("tiny")
    version = registry.add(tiny_bundle(), by="test")
    registry.promote(version, expected=None, by="test", reason="a test")
    predictions = workspace.predictions("tiny")
    with running(create_app(Champion(registry), predictions, new_id=new_id)) as address:
        yield address
    predictions.close()


def test_a_test_that_holds(omloop: Say, url: str) -> None:
    code, out, err = omloop("load", "tiny", "--url", url, *SHORT)
    assert code == 0, err
    for word in ("10 requests, 20 a second", "answered  10", "0 refused, 0 failed", "p99.9", "verdict   held"):
        assert word in out
    assert "omloop watch" in out


def test_a_test_that_does_not_hold_has_an_exit_code(omloop: Say, url: str) -> None:
    code, out, _ = omloop("load", "tiny", "--url", url, *SHORT[:4], "--p99-ms", 1e-6)
    assert code == 3 and "verdict   broken: p99" in out


def test_without_an_address_the_champion_is_started(omloop_json: Callable[..., Any], url: str) -> None:
    found = omloop_json("load", "tiny", *SHORT)
    assert (found["requests"], found["answered"], found["failed"], found["broken"]) == (10, 10, 0, [])
    assert found["url"] != url and set(found["latency_ms"]) == {"p50", "p90", "p99", "p99.9", "max"}


def test_the_capacity_is_printed(omloop: Say, omloop_json: Callable[..., Any], url: str) -> None:
    code, out, _ = omloop("load", "tiny", "--url", url, *SHORT[:4], "--p99-ms", 1e-6, "--ramp")
    assert code == 3 and "the first rate did not hold" in out
    words = ["--rate", 99_999, "--for", "1ms", "--p99-ms", 60_000, "--ramp"]
    found = omloop_json("load", "tiny", "--url", url, *words)
    assert found["capacity"] == 100_000 and len(found["steps"]) == 2


@pytest.mark.parametrize("more", [[], ["--ramp"]])
def test_a_plot_is_drawn(omloop: Say, url: str, tmp_path: Path, more: list[str]) -> None:
    bound = ["--p99-ms", 1e-6] if more else []
    omloop("load", "tiny", "--url", url, *SHORT, *bound, *more, "--plot", tmp_path / "new" / "load.png")
    assert (tmp_path / "new" / "load.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_there_is_a_note_instead(
    omloop: Say, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = builtins.__import__

    def refuse(name: str, *args: Any, **more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError(name=name)
        return usual(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    code, out, err = omloop("load", "tiny", "--url", url, *SHORT, "--plot", tmp_path / "load.png", "--json")
    assert code == 0 and json.loads(out)["plot"] is None
    assert "no plot was drawn" in err and "[train]" in err and not (tmp_path / "load.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plot", "load.jpeg"], ".png, .svg, .pdf"),
        (["--rate", "0"], "The rate of a load test"),
        (["--rows", "0"], "--rows from 1"),
        (["--p99-ms", "nan"], "--p99-ms must be more than 0"),
        (["--url", "http://192.0.2.1"], "--yes-it-is-mine"),
        (["--url", "8000"], "is no address of a server"),
        ([], "omloop turn tiny"),
    ],
)
def test_what_cannot_be_is_one_line(omloop: Say, words: list[str], said: str) -> None:
    code, _, err = omloop("load", "tiny", *words)
    assert code == 1 and said in err and err.count("\n") == 1


def test_a_time_that_is_none_is_a_wrong_word(omloop: Say) -> None:
    assert omloop("load", "tiny", "--for", "soon")[0] == 2


def test_the_file_for_locust_is_written(omloop: Say, url: str, tmp_path: Path) -> None:
    code, out, _ = omloop("load", "tiny", "--locust", tmp_path / "locustfile.py", "--url", url)
    assert code == 0 and "[load]" in out
    compile((tmp_path / "locustfile.py").read_text(encoding="utf-8"), "locustfile.py", "exec")
