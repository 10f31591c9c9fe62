import logging
import multiprocessing
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from omloop.core import StoreError
from omloop.register import FileBlobs
from omloop.train.embedding_cache import EmbeddingCache

TEXTS = [f"text {number}" for number in range(1200)]
VECTORS = np.random.default_rng(0).normal(size=(1200, 3)).astype(np.float32)


def cache_in(folder: Path, digest: str = "d") -> EmbeddingCache:
    return EmbeddingCache(folder / "embeddings", digest, 3)


def test_what_was_kept_is_found_by_its_content(tmp_path: Path) -> None:
    """Also by another process, in another order; and more texts than SQLite takes in one question."""
    cache_in(tmp_path).keep(TEXTS, VECTORS)
    found = cache_in(tmp_path).find([*TEXTS[::-1], "unheard"])
    assert sorted(found) == list(range(1200))
    np.testing.assert_array_equal(np.stack([found[index] for index in range(1200)]), VECTORS[::-1])


def test_an_empty_cache_finds_nothing_and_makes_no_file(tmp_path: Path) -> None:
    assert cache_in(tmp_path).find(TEXTS) == {}
    assert not list(tmp_path.iterdir())


def test_another_encoder_has_another_cache(tmp_path: Path) -> None:
    cache_in(tmp_path, "one").keep(TEXTS, VECTORS)
    assert cache_in(tmp_path, "other").find(TEXTS) == {}


@pytest.mark.parametrize("left", [0, 50, 5000])
def test_a_file_that_was_cut_is_made_again(left: int, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = cache_in(tmp_path)
    cache.keep(TEXTS, VECTORS)
    cache.path.write_bytes(cache.path.read_bytes()[:left])
    with caplog.at_level(logging.WARNING):
        assert len(cache.find(TEXTS)) < 1200
    cache.keep(TEXTS, VECTORS)
    cache.keep(TEXTS, VECTORS)
    assert len(cache.find(TEXTS)) == 1200


def test_a_vector_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.keep(TEXTS[:2], VECTORS[:2])
    with sqlite3.connect(cache.path) as store:
        store.execute("UPDATE vectors SET value = zeroblob(16) WHERE key = (SELECT min(key) FROM vectors)")
    store.close()
    assert len(cache.find(TEXTS[:2])) == 1


def test_what_one_machine_embedded_another_one_has(tmp_path: Path) -> None:
    """Also where both kept the same texts, and where a piece in the bucket is none of ours."""
    one, other = (EmbeddingCache(tmp_path / name, "d", 3, FileBlobs(tmp_path / "bucket")) for name in ("one", "other"))
    one.keep(TEXTS[:600], VECTORS[:600])
    other.keep(TEXTS[:600], VECTORS[:600])
    one.keep(TEXTS[600:], VECTORS[600:])
    FileBlobs(tmp_path / "bucket").create("embeddings/d/odd", b"none of ours")
    found = other.find(TEXTS)
    np.testing.assert_array_equal(np.stack([found[index] for index in range(1200)]), VECTORS)


class AwayBlobs(FileBlobs):
    def list(self, prefix: str) -> list[str]:
        raise StoreError("Cannot list what is there")


def test_a_bucket_that_is_away_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = EmbeddingCache(tmp_path / "one", "d", 3, AwayBlobs(tmp_path / "bucket"))
    cache.keep(TEXTS[:2], VECTORS[:2])
    assert len(cache.find(TEXTS[:2])) == 2
    assert "cannot be shared" in caplog.text


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "embeddings").write_text("a file in the way")
    cache = cache_in(tmp_path)
    cache.keep(TEXTS[:2], VECTORS[:2])
    assert cache.find(TEXTS[:2]) == {}
    assert "embedded again" in caplog.text


def _write(folder: Path, start: int) -> None:
    cache = cache_in(folder)
    for first in range(start, start + 300, 20):
        cache.keep(TEXTS[first : first + 20], VECTORS[first : first + 20])


def test_several_processes_may_write_at_once(tmp_path: Path) -> None:
    """What each of them kept is there in the end."""
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(tmp_path, start)) for start in (0, 300, 600, 900)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert len(cache_in(tmp_path).find(TEXTS)) == 1200
