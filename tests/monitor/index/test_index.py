"""The index is made from the segments, whatever happens to it."""

import logging
import os
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from omloop.core import Label, StoreError
from omloop.monitor import Damage, FilePredictions
from omloop.monitor.log.sealed import segment_files
from omloop.testing.predictions import a_prediction


@pytest.fixture
def predictions(tmp_path: Path) -> FilePredictions:
    """Three predictions, the first with two labels, indexed."""
    memory = FilePredictions(tmp_path)
    memory.record([a_prediction(name, time) for time, name in enumerate("abc")])
    memory.feedback([Label("a", 60.0, 5.0)])
    memory.feedback([Label("a", 70.0, 6.0)])
    return memory


def ids(memory: FilePredictions) -> list[str]:
    return [prediction.id for prediction in memory.window().predictions]


def test_a_deleted_index_is_made_again_under_an_open_memory(predictions: FilePredictions, tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").unlink()
    assert ids(predictions) == ["a", "b", "c"]
    assert predictions.window().labels == {"a": 70.0}
    assert (tmp_path / "index.sqlite").exists()


@pytest.mark.parametrize("content", [b"", b"not a database, and long enough not to be taken for one" * 99])
def test_an_index_of_other_content_is_made_again(predictions: FilePredictions, tmp_path: Path, content: bytes) -> None:
    predictions.close()
    (tmp_path / "index.sqlite").write_bytes(content)
    assert ids(FilePredictions(tmp_path)) == ["a", "b", "c"]


def test_an_index_with_damaged_pages_is_made_again(tmp_path: Path) -> None:
    memory = FilePredictions(tmp_path)
    memory.record([a_prediction(f"{number:04d}", number) for number in range(2000)])
    memory.window(newest=1)
    memory.close()
    index = tmp_path / "index.sqlite"
    content = bytearray(index.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    index.write_bytes(content)
    assert len(ids(FilePredictions(tmp_path))) == 2000


def test_an_index_that_lost_a_table_is_made_again(predictions: FilePredictions, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        connection.execute("DROP TABLE predictions")
    connection.close()
    assert ids(predictions) == ["a", "b", "c"]


def test_an_index_of_another_schema_is_made_again(predictions: FilePredictions, tmp_path: Path) -> None:
    predictions.close()
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert ids(FilePredictions(tmp_path)) == ["a", "b", "c"]


OLD_SCHEMA = """
CREATE TABLE segments (name TEXT PRIMARY KEY, offset INTEGER NOT NULL, damaged INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE predictions (
    id TEXT PRIMARY KEY, time REAL NOT NULL, version TEXT NOT NULL,
    inputs TEXT NOT NULL, output TEXT NOT NULL, latency_ms REAL NOT NULL
);
CREATE TABLE labels (id TEXT NOT NULL, number INTEGER NOT NULL, label TEXT NOT NULL, time REAL NOT NULL);
INSERT INTO predictions VALUES ('a', 1.0, 'v1', '{"age":19}', '{"value":61.25}', 0.5);
PRAGMA user_version = 1;
"""


def test_a_log_and_an_index_of_before_variants_and_keys_are_read(tmp_path: Path) -> None:
    """As omloop wrote them before; new predictions go beside."""
    record = b'{"kind":"prediction","id":"a","time":1.0,"version":"v1","inputs":{"age":19},"output":{"value":61.25},'
    record += b'"latency_ms":0.5}'
    label = b'{"kind":"label","id":"a","label":60.0,"time":2.0,"number":1}'
    lines = [b"%08x %d %b\n" % (zlib.crc32(line), len(line), line) for line in (record, label)]
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "1763690000000000000-42-0badcafe.log").write_bytes(b"".join(lines))
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        connection.executescript(OLD_SCHEMA)
    connection.close()
    memory = FilePredictions(tmp_path)
    found = memory.find("a")
    assert found is not None
    assert (found["inputs"], found["variant"], found["key"], found["label"]) == ({"age": 19}, "model.onnx", None, 60.0)
    memory.record([a_prediction("b", 3.0)])
    memory.tidy()
    assert [(one.id, one.variant, one.key) for one in memory.window().predictions] == [
        ("a", "model.onnx", None),
        ("b", "int8.onnx", "caller-7"),
    ]


def test_a_torn_tail_is_told_once_and_the_rest_is_read(
    predictions: FilePredictions, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What a killed process left half-written hides nothing, and nothing is added to it."""
    segment = segment_files(tmp_path / "segments")[0]
    with segment.open("ab") as file:
        file.write(b'0badcafe 99 {"kind":"pred')
    with caplog.at_level(logging.WARNING, "omloop.monitor"):
        reader = FilePredictions(tmp_path)
        assert ids(reader) == ids(reader) == ["a", "b", "c"]
    assert len([record for record in caplog.records if "ends within a record" in record.message]) == 1
    assert reader.damage() == Damage(broken=0, torn=1)


def test_a_flipped_byte_costs_one_record(predictions: FilePredictions, tmp_path: Path) -> None:
    """The damage is counted once, also when the log grows on."""
    predictions.close()
    segment = segment_files(tmp_path / "segments")[0]
    content = bytearray(segment.read_bytes())
    content[content.index(b'"id":"b"') + 6] ^= 1
    segment.write_bytes(content)
    (tmp_path / "index.sqlite").unlink()
    reader = FilePredictions(tmp_path)
    assert ids(reader) == ["a", "c"]
    reader.record([a_prediction("d", 9.0)])
    assert ids(reader) == ["a", "c", "d"]
    assert reader.damage() == Damage(broken=1, torn=0)


def test_every_label_stays_in_the_index_and_the_view_has_the_last(predictions: FilePredictions, tmp_path: Path) -> None:
    """The documented schema, as anyone may ask it."""
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        labels = connection.execute("SELECT number, label FROM labels WHERE id = 'a' ORDER BY number").fetchall()
        view = connection.execute("SELECT id, json_extract(output, '$.value'), label, label_time FROM labelled")
        assert labels == [(1, "60.0"), (2, "70.0")]
        assert view.fetchall() == [("a", 61.25, "70.0", 6.0)]
    connection.close()


def test_a_failed_log_takes_no_label(predictions: FilePredictions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", _full)
    with pytest.raises(StoreError, match="No space left"):
        predictions.feedback([Label("b", 1.0, 2.0)])
    monkeypatch.undo()
    assert predictions.feedback([Label("b", 1.0, 2.0)]).accepted == 1


def test_a_folder_in_the_way_of_the_index_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").mkdir()
    with pytest.raises(StoreError, match=r"Cannot (use|write) .*index.sqlite.*[.]") as caught:
        FilePredictions(tmp_path).window()
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="rights are POSIX's")
def test_a_read_only_folder_is_one_clear_line(tmp_path: Path) -> None:
    """In a process without the rights of root, who may write everywhere."""
    program = """
import os, pathlib, sys
from omloop.core import StoreError
from omloop.monitor import FilePredictions
from omloop.testing.predictions import a_prediction
folder = pathlib.Path(sys.argv[1])
os.chdir(folder)
folder.chmod(0o555)
if os.geteuid() == 0:
    os.seteuid(65534)
memory = FilePredictions(pathlib.Path("."))
for call in (lambda: memory.record([a_prediction("a", 1.0)]), memory.window):
    try:
        call()
    except StoreError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert "Permission denied" in lines[0]
    assert "Check its rights" in lines[1]


def _full(descriptor: int, data: bytes) -> int:
    raise OSError(28, "No space left on device")
