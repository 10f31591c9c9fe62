"""Many writers at once, and writers that are killed."""

import itertools
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from omloop.bundle import Bundle
from omloop.core import ConflictError
from omloop.register import FileBlobs, Registry

WRITER = Path(__file__).with_name("writer.py")


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, WRITER, *arguments], stdout=subprocess.PIPE, text=True)


def test_of_many_processes_one_wins_each_crown(registry: Registry, versions: list[str], tmp_path: Path) -> None:
    """Each promotion took the crown from the champion that it expected; numbers have no gap at any time."""
    writers = [start("promote", str(tmp_path / "store"), "12") for _ in range(6)]
    while any(writer.poll() is None for writer in writers):
        numbers = [event.number for event in registry.history()]
        assert numbers == list(range(1, len(numbers) + 1))
    won = sum(int(writer.communicate()[0]) for writer in writers)
    history = registry.history()
    promotions = [pair for pair in itertools.pairwise(history) if pair[1].kind == "promote"]
    assert len(promotions) == won >= 12
    assert all(new.evidence["expected"] == old.champion != new.champion for old, new in promotions)


def test_of_many_promotions_over_one_champion_exactly_one_happens(registry: Registry, versions: list[str]) -> None:
    def promote(number: int) -> bool:
        try:
            registry.promote(versions[number % 4], expected=None, by="ada", reason="")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(promote, range(16))).count(True) == 1


def test_a_bundle_added_by_many_at_once_is_one_version(registry: Registry, bundles: list[Bundle]) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda name: registry.add(bundles[0], by=name), "abcdefgh"))
    assert set(added) == {bundles[0].version}
    assert [event.kind for event in registry.history()] == ["add"]


def test_of_many_rollbacks_at_once_none_goes_back_twice(registry: Registry, versions: list[str]) -> None:
    """Every rollback moves one step from what its caller could see, or says that somebody else was first."""
    for version in versions:
        registry.promote(version, expected=registry.champion(), by="ada", reason="")

    def roll_back(_: int) -> bool:
        try:
            registry.rollback(by="ada", reason="", to=versions[0])
        except Exception:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(roll_back, range(8))).count(True) == 1
    assert registry.champion() == versions[0]


def test_a_store_whose_writers_are_killed_stays_whole(tmp_path: Path) -> None:
    """After each kill -9 all is readable, what was acknowledged is there, and the next writer simply goes on."""
    registry = Registry(FileBlobs(tmp_path / "store"), "tiny")
    moments = random.Random(4)
    for _ in range(6):
        writer = start("write", str(tmp_path / "store"))
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip()]
        time.sleep(moments.uniform(0, 0.08))
        writer.kill()
        acknowledged += writer.communicate()[0].split()
        promoted = [event.version for event in registry.history() if event.kind == "promote"]
        assert set(acknowledged) <= set(promoted)
        assert all(registry.load(version) for version in registry.versions())
        assert registry.champion() in registry.versions()
