"""`omloop tune-serve` as a user types it; what it compares is tried in tests/loop/test_tuning.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omloop.cli.command import tune_serve
from omloop.loop.bench.tune import Setup, SetupTrial, Tuning
from omloop.loop.settings import SETTINGS
from omloop.probe import Stairs
from omloop.serve.settings import ServeSettings

Say = Callable[..., tuple[int, str, str]]
ONE, TWO = Setup(), Setup(workers=2)


def tried(*held: bool, rate: float = 100.0) -> SetupTrial:
    stairs = Stairs(rate)
    for each in held:
        stairs = stairs.after(each)
    return SetupTrial(stairs, {"largest_batch": 16}, cpu_s=0.1, answered=500, memory=64_000_000, late_s=0.02)


def finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, best: Setup | None, equals: list[Setup]) -> None:
    """Have two setups tried, from a folder with an omloop.toml."""
    (tmp_path / "omloop.toml").write_text("port = 9000  # ours\n")
    monkeypatch.chdir(tmp_path)
    all_tried = {ONE: tried(True, False, False, True, False, False), TWO: tried(False)}
    tuned = Tuning("0a1b2c3d4e5f", 2, 0.05, best, equals, all_tried)
    monkeypatch.setattr(tune_serve, "tune", lambda name, workspace, **how: tuned)


def test_the_best_is_shown_and_written(omloop: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finding(tmp_path, monkeypatch, ONE, [ONE, TWO])
    code, out, err = omloop("tune-serve", "tiny")
    assert code == 0, err
    for word in ("requests/s", "16 (measured)", "200", "64 MB", "best      1 worker x 1 thread", "written   "):
        assert word in out
    assert "sure      no difference beyond the noise to 1 more, marked above: the smallest is taken" in out
    assert "this program was itself 20.0 ms late" in out
    assert "at once   8 requests; where instances come and go: [deploy] concurrency" in out  # 155 a second, 50 ms each
    text = (tmp_path / "omloop.toml").read_text()
    assert text == "port = 9000  # ours\nworkers = 1\nthreads = 1\nbatch = 0\n"


def test_a_dry_run_writes_nothing(
    omloop_json: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding(tmp_path, monkeypatch, ONE, [ONE])
    monkeypatch.setenv("OMLOOP_THREADS", "1")
    found = omloop_json("tune-serve", "tiny", "--dry-run")
    assert found["written"] is None and found["overruled_by"] == ["OMLOOP_THREADS"]
    assert found["best"] == {"workers": 1, "threads": 1, "batch": 0, "variant": ""} == found["equals"][0]
    assert [one["cpu_us"] for one in found["tried"]] == [200.0, 200.0] and found["tried"][1]["rate"] == 0
    assert SETTINGS.load(environ={}, folder=tmp_path).of(ServeSettings).batch == 0
    assert (tmp_path / "omloop.toml").read_text() == "port = 9000  # ours\n"


def test_a_best_that_was_asked_too_seldom_is_not_sure(
    omloop: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding(tmp_path, monkeypatch, TWO, [TWO])
    assert "sure      hardly" in omloop("tune-serve", "tiny")[1]


def test_a_bound_that_nothing_keeps_has_an_exit_code_and_writes_nothing(
    omloop: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding(tmp_path, monkeypatch, None, [])
    code, out, _ = omloop("tune-serve", "tiny")
    assert code == 3 and "no setup keeps p99 within 50 ms at any rate" in out
    assert (tmp_path / "omloop.toml").read_text() == "port = 9000  # ours\n"


@pytest.mark.parametrize("words", [["--p99-ms", 0], ["--within", "3s"]])
def test_what_makes_no_sense_is_refused(omloop: Say, words: list[object]) -> None:
    code, _, err = omloop("tune-serve", "tiny", *words)
    assert code == 1 and "--p99-ms must be more than 0" in err
