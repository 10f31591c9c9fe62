"""The cores that a container may use, read from made-up trees of cgroup files."""

import os
from pathlib import Path

import pytest

from omloop.core import cpu_quota


@pytest.fixture(autouse=True)
def sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)


def quota(tree: Path, own: str = "0::/\n", **limits: str) -> int:
    """The quota under `tree`, of a process whose cgroup file says `own`; `limits` maps folder to `cpu.max`."""
    for folder, limit in limits.items():
        path = tree / folder.replace("_", "/")
        path.mkdir(parents=True, exist_ok=True)
        (path / "cpu.max").write_text(limit)
    (tree / "own").write_text(own)
    return cpu_quota(tree, tree / "own")


def test_without_a_limit_it_is_the_affinity(tmp_path: Path) -> None:
    assert quota(tmp_path) == 16


def test_a_limit_of_two_and_a_half_cores_is_two(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("250000 100000\n")
    assert quota(tmp_path) == 2


def test_half_a_core_is_one(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("50000 100000")
    assert quota(tmp_path) == 1


def test_a_limit_above_the_affinity_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("6400000 100000")
    assert quota(tmp_path) == 16


def test_max_is_no_limit(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("max 100000")
    assert quota(tmp_path) == 16


@pytest.mark.parametrize(
    ("limits", "cores"),
    [
        ({"pods": "400000 100000", "pods_one": "800000 100000"}, 4),
        ({"pods": "800000 100000", "pods_one": "300000 100000"}, 3),
        ({"pods": "max 100000", "pods_one": "max 100000"}, 16),
        ({"elsewhere": "100000 100000"}, 16),
    ],
)
def test_the_tightest_limit_on_the_way_up_counts(limits: dict[str, str], cores: int, tmp_path: Path) -> None:
    assert quota(tmp_path, "0::/pods/one\n", **limits) == cores


@pytest.mark.parametrize(("limit", "cores"), [("300000", 3), ("50000", 1), ("-1", 16)])
def test_version_one_is_read_as_well(limit: str, cores: int, tmp_path: Path) -> None:
    folder = tmp_path / "cpu" / "docker" / "abc"
    folder.mkdir(parents=True)
    (folder / "cpu.cfs_quota_us").write_text(f"{limit}\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    assert quota(tmp_path, "5:memory:/else\n4:cpu,cpuacct:/docker/abc\n0::/init\n") == cores


@pytest.mark.parametrize(
    "garbage", ["", "many", "100000", "1 2 3", "100000 0", "nan 100000", "inf 100000", "-5 100000", "100000 nan", "0 0"]
)
def test_garbage_is_no_limit(garbage: str, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text(garbage)
    assert quota(tmp_path) == 16


@pytest.mark.parametrize("own", ["", "no colon", "one:colon", "::", "0::/../../..\n", "\n\n"])
def test_an_odd_list_of_cgroups_is_no_crash(own: str, tmp_path: Path) -> None:
    assert quota(tmp_path, own) == 16


def test_files_that_are_not_text_or_not_there_are_no_limit(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_bytes(b"\xff\xfe")
    (tmp_path / "own").write_bytes(b"\xff\xfe")
    assert cpu_quota(tmp_path, tmp_path / "own") == 16
    assert cpu_quota(tmp_path / "nowhere", tmp_path / "nowhere") == 16


def test_where_there_is_no_affinity_the_count_of_cores_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert quota(tmp_path) == 1


def test_here_it_is_at_least_one() -> None:
    assert cpu_quota() >= 1
