"""The index in PostgreSQL: the contract, replicas that share it, and a server that comes and goes."""

from __future__ import annotations

import logging
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omloop.core import Label, Predictions, Receipt, SettingError, StoreError
from omloop.monitor import PREDICTIONS, Damage, FilePredictions, Keeping
from omloop.monitor.log.sealed import segment_files
from omloop.testing.predictions import PredictionsContract, a_prediction

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

NOW = 8_640_000.0


@pytest.fixture
def replica(tmp_path: Path, postgres: PostgresServer) -> Iterator[Callable[..., Any]]:
    """Opens the memory of one project on the machine of a name, each with a disk of its own."""
    project = f"p_{secrets.token_hex(6)}"
    opened: list[Any] = []

    def replica(machine: str = "here", **given: Any) -> Any:
        memory = PREDICTIONS.load("postgres")(tmp_path / machine / project, url=postgres.url, **given)
        opened.append(memory)
        return memory

    yield replica
    for memory in opened:
        memory.close()


def ids(memory: Any) -> list[str]:
    return [prediction.id for prediction in memory.window().predictions]


def schema_of(memory: Any) -> str:
    return str(memory._index._database._schema)


def asked(postgres: PostgresServer, memory: Any, query: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"SET search_path TO {schema_of(memory)}".encode())
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


class TestPostgresPredictions(PredictionsContract):
    """The contract of every memory of predictions."""

    @pytest.fixture
    def reopen(self, replica: Callable[..., Any]) -> Callable[[], Predictions]:
        return replica


def test_a_replica_sees_what_others_recorded_and_labelled(replica: Callable[..., Any]) -> None:
    here, there = replica("here"), replica("there")
    here.record([a_prediction("a", 1.0)])
    there.record([a_prediction("b", 2.0)])
    assert ids(here) == ["a"]
    assert ids(there) == ["a", "b"] == ids(here)
    assert there.feedback([Label("a", 60.0, 3.0)]).accepted == 1
    assert here.feedback([Label("a", 60.0, 3.0), Label("b", 9.0, 3.0)]) == Receipt(1, 1, 0, ())
    assert here.window(labelled=True).labels == there.window().labels == {"a": 60.0, "b": 9.0}


def test_what_is_recorded_is_soon_seen_by_others_unasked(replica: Callable[..., Any]) -> None:
    here, there = replica("here"), replica("there")
    here.record([a_prediction("a", 1.0)])
    assert waited(lambda: ids(there) == ["a"])


def test_what_a_killed_server_left_is_indexed_when_the_next_tidies(replica: Callable[..., Any]) -> None:
    left = FilePredictions(replica("here")._folder.parent)
    left.record([a_prediction("a", 1.0)])
    replica("here").tidy()
    there = replica("there")
    assert waited(lambda: ids(there) == ["a"])


def test_replicas_that_begin_at_once_make_the_tables_once(replica: Callable[..., Any]) -> None:
    memories = [replica(str(number)) for number in range(8)]
    for number, memory in enumerate(memories):
        FilePredictions(memory._folder.parent).record([a_prediction(str(number), number)])
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda memory: len(ids(memory)), memories))
    assert max(counts) == 8


def test_replicas_that_label_at_once_keep_each_label_once(
    replica: Callable[..., Any], postgres: PostgresServer, tmp_path: Path
) -> None:
    """The same feedback sent to three machines is accepted by one and repeated by the others."""
    memory = replica()
    memory.record([a_prediction(str(number), number) for number in range(60)])
    assert len(ids(memory)) == 60
    program = """
import pathlib, sys
from omloop.core import Label
from omloop.monitor.index.postgres import PostgresPredictions
memory = PostgresPredictions(pathlib.Path(sys.argv[1]))
print(sum(memory.feedback([Label(str(number), 1.0, 2.0)]).accepted for number in range(60)))
"""
    project = memory._folder.parent.name
    processes = [started(program, postgres, tmp_path / machine / project) for machine in "xyz"]
    assert sum(int(process.communicate()[0]) for process in processes) == 60
    assert asked(postgres, memory, "SELECT count(*), count(DISTINCT id), max(number) FROM labels") == [(60, 60, 1)]


def test_killed_and_concurrent_indexers_lose_and_double_nothing(
    replica: Callable[..., Any], postgres: PostgresServer
) -> None:
    """Two processes index the same segments and are killed at random; the index is that of SQLite afterwards."""
    memory = replica()
    folder = memory._folder.parent
    files = FilePredictions(folder)
    for number in range(30):
        files.record([a_prediction(f"{number:02d}-{row:03d}", number) for row in range(200)])
    files.feedback([Label("00-000", 1.0, 2.0), Label("29-199", 1.0, 2.0)])
    program = """
import pathlib, sys
from omloop.monitor.index.postgres import PostgresPredictions
memory = PostgresPredictions(pathlib.Path(sys.argv[1]))
print("ready", flush=True)
memory._index.catch_up()
"""
    chance = random.Random(2)
    for _ in range(4):
        processes = [started(program, postgres, folder) for _ in range(2)]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        time.sleep(chance.uniform(0.02, 0.15))
        for process in processes:
            process.kill()
            process.communicate()
    assert memory.window() == files.window()
    assert asked(postgres, memory, "SELECT count(*) FROM predictions") == [(6000,)]
    assert asked(postgres, memory, "SELECT count(*) FROM labels") == [(2,)]


def test_a_label_that_was_accepted_before_a_kill_is_kept_once(
    replica: Callable[..., Any], postgres: PostgresServer, tmp_path: Path
) -> None:
    """A server is killed four times while it takes labels, and what it was sent is sent again."""
    memory = replica("here")
    memory.record([a_prediction(f"{number:03d}", number) for number in range(300)])
    assert len(ids(memory)) == 300
    program = """
import pathlib, sys
from omloop.core import Label
from omloop.monitor.index.postgres import PostgresPredictions
memory = PostgresPredictions(pathlib.Path(sys.argv[1]))
for number in range(300):
    memory.feedback([Label(f"{number:03d}", 1.0, 2.0)])
    print(f"{number:03d}", flush=True)
"""
    accepted: set[str] = set()
    chance = random.Random(3)
    for _ in range(4):
        process = started(program, postgres, tmp_path / "there" / memory._folder.parent.name)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(1, 60))]
        process.kill()
        lines += [line for line in process.stdout if line.endswith("\n")]
        process.wait()
        accepted |= {line.strip() for line in lines}
    replica("there").damage()
    labels = memory.window(labelled=True).labels
    assert accepted <= set(labels) and len(labels) <= len(accepted) + 4
    assert asked(postgres, memory, "SELECT count(*), max(number) FROM labels") == [(len(labels), 1)]


def test_while_the_database_is_away_predictions_are_recorded_and_indexed_afterwards(
    replica: Callable[..., Any], postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    memory, other = replica("here"), replica("there")
    memory._follower._later_s = 0.2
    memory.record([a_prediction("a", 1.0)])
    assert ids(memory) == ids(other) == ["a"]
    postgres.control("stop")
    try:
        with caplog.at_level(logging.WARNING, "omloop.monitor"):
            memory.record([a_prediction("b", 2.0)])
            for call in (memory.window, lambda: memory.feedback([Label("a", 1.0, 2.0)]), lambda: memory.find("a")):
                with pytest.raises(StoreError, match="Nothing recorded is lost") as caught:
                    call()
                assert "\n" not in str(caught.value)
            memory.tidy()
            assert waited(lambda: "not indexed now" in caplog.text)
            memory.record([a_prediction("c", 3.0)])
    finally:
        postgres.control("start")
    assert waited(lambda: ids(other) == ["a", "b", "c"])
    assert memory.feedback([Label("a", 1.0, 2.0)]).accepted == 1
    assert len([record for record in caplog.records if "not indexed now" in record.message]) == 1
    assert "may-see" not in caplog.text


def test_lost_tables_are_made_again_under_an_open_memory(replica: Callable[..., Any], postgres: PostgresServer) -> None:
    memory = replica()
    memory.record([a_prediction("a", 1.0)])
    memory.feedback([Label("a", 60.0, 5.0)])
    asked(postgres, memory, f"DROP SCHEMA {schema_of(memory)} CASCADE")
    assert memory.window().labels == {"a": 60.0}


def test_a_connection_that_was_ended_is_made_again(replica: Callable[..., Any], postgres: PostgresServer) -> None:
    memory = replica()
    memory.record([a_prediction("a", 1.0)])
    assert ids(memory) == ["a"]
    mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'omloop'"
    asked(postgres, memory, mine)
    assert ids(memory) == ["a"]


def test_the_tables_are_as_documented(replica: Callable[..., Any], postgres: PostgresServer) -> None:
    memory = replica()
    memory.record([a_prediction("a", 1.0), a_prediction("b", 2.0)])
    memory.feedback([Label("a", 5.0, 6.0)])
    memory.feedback([Label("a", 6.0, 7.0)])
    query = "SELECT id, (output::json->>'value')::float, label::float, label_time FROM labelled"
    assert asked(postgres, memory, query) == [("a", 61.25, 6.0, 7.0)]
    assert asked(postgres, memory, "SELECT number, label FROM labels ORDER BY number") == [(1, "5.0"), (2, "6.0")]
    place = (memory._folder.parent / "place").read_text()
    assert asked(postgres, memory, "SELECT place, damaged FROM segments") == [(place, 0)]


def test_damage_is_counted_of_this_replica_alone(replica: Callable[..., Any]) -> None:
    here, there = replica("here"), replica("there")
    here.record([a_prediction("a", 1.0)])
    here._segments.append(b"no record\n")
    assert here.damage() == Damage(broken=1, torn=0)
    assert there.damage() == Damage(broken=0, torn=0)


def test_a_zero_byte_that_a_caller_sent_stops_nothing(replica: Callable[..., Any]) -> None:
    """PostgreSQL cannot store one."""
    memory = replica()
    memory.record([replace(a_prediction("a", 1.0), key="x\0y"), a_prediction("b", 2.0)])
    assert ids(memory) == ["a", "b"]
    assert memory.find("c\0") is None
    assert memory.feedback([Label("c\0", 1.0, 2.0)]).unknown == ("c\0",)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not say who writes a file")
def test_replicas_forget_their_own_and_what_labels_the_others_goes_too(replica: Callable[..., Any]) -> None:
    """Each was sent the labels of the other's predictions, so neither can go before both may."""
    day = Keeping(seconds=86_400.0)
    here, there, young = (replica(name, clock=lambda: NOW, keeping=day) for name in ("here", "there", "young"))
    for memory, own in ((here, "a"), (there, "b"), (young, "c")):
        memory.record([a_prediction(own, 1.0)])
        assert own in ids(memory)
    here.feedback([Label("b", 60.0, 2.0)])
    there.feedback([Label("a", 60.0, 2.0)])
    memories = [aged(memory, replica, name, day) for memory, name in ((here, "here"), (there, "there"))]
    memories[0].tidy()
    assert ids(young) == ["a", "b", "c"]
    memories[1].tidy()
    memories[0].tidy()
    assert ids(young) == ["c"]
    assert [segment_files(memory._folder) for memory in memories] == [[], []]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://omloop:pass/word-nobody-may-see@db.example/omloop",
        "postgresql://omloop:pass@word-nobody-may-see@db.example/omloop",
        "postgresql://omloop:pass%word-nobody-may-see@db.example/omloop",
        "host=db.example password=pass word-nobody-may-see",
        "word-nobody-may-see",
    ],
)
def test_an_address_that_cannot_be_read_is_not_told(tmp_path: Path, postgres: PostgresServer, url: str) -> None:
    """A mistake in it may turn a part of the password into a part of something else."""
    with pytest.raises(SettingError, match="^predictions: this is no address") as caught:
        PREDICTIONS.load("postgres")(tmp_path, url=url)
    assert "nobody" not in str(caught.value) and caught.value.__cause__ is caught.value.__context__ is None


def test_a_password_that_is_refused_is_not_told(tmp_path: Path, postgres: PostgresServer) -> None:
    memory = PREDICTIONS.load("postgres")(tmp_path / "p", url=postgres.url.replace("nobody", "somebody"))
    with pytest.raises(StoreError, match="password authentication failed") as caught:
        memory.window()
    assert "may-see" not in str(caught.value) and "may-see" not in repr(caught.value.__cause__)
    memory.close()


def test_no_address_is_a_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer) -> None:
    monkeypatch.delenv("OMLOOP_POSTGRES_URL", raising=False)
    with pytest.raises(SettingError, match="^OMLOOP_POSTGRES_URL: .*needs the address of a database"):
        PREDICTIONS.load("postgres")(tmp_path)


def test_a_name_that_postgresql_would_cut_off_is_refused(tmp_path: Path, postgres: PostgresServer) -> None:
    with pytest.raises(SettingError, match="too long"):
        PREDICTIONS.load("postgres")(tmp_path / ("p" * 60), url=postgres.url)


def aged(memory: Any, replica: Callable[..., Any], machine: str, keeping: Keeping) -> Any:
    """The memory after its server ended three days ago, and another began."""
    memory.close()
    for path in segment_files(memory._folder):
        os.utime(path, (NOW - 3 * 86_400.0,) * 2)
    return replica(machine, clock=lambda: NOW, keeping=keeping)


def started(program: str, postgres: PostgresServer, *words: Path) -> subprocess.Popen[str]:
    command: Sequence[str] = [sys.executable, "-c", program, *map(str, words)]
    environment = {**os.environ, "OMLOOP_POSTGRES_URL": postgres.url}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def waited(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
