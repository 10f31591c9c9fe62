import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import polars
import pytest

from omloop.core import Columns, ConfigError, MissingExtraError, Project, Settings, SourceError
from omloop.data import SOURCES, read_table
from omloop.data.sources.huggingface import HuggingFace
from omloop.kinds import Number, Text
from omloop.testing.source import Fetching, SourceContract

FRAME = polars.DataFrame({"text": ["good", "bad"], "label": [1, 0]})


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A library that, asked for a snapshot, writes one Parquet file where the real one would; and what it was asked."""
    asked: list[dict[str, Any]] = []

    def snapshot_download(dataset: str, *, local_dir: str, **rest: Any) -> str:
        asked.append({"dataset": dataset, **rest})
        if dataset == "nobody/nothing":
            raise OSError("404 Client Error.\nRepository not found")
        folder = Path(local_dir) / rest["allow_patterns"][0].rpartition("/")[0]
        folder.mkdir(parents=True, exist_ok=True)
        FRAME.write_parquet(folder / "train-00000-of-00001.parquet")
        return local_dir

    library = ModuleType("huggingface_hub")
    library.snapshot_download = snapshot_download  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "huggingface_hub", library)
    return asked


def fetch(project: Any, source: HuggingFace, folder: Path) -> Columns:
    return source.records(project, folder, Settings())


class Reads:
    """A project that reads folders, and one that does not."""

    def __init__(self, *, folders: bool) -> None:
        self.read = (lambda path: read_table(next(path.glob("*.parquet")))) if folders else None


@pytest.mark.parametrize("folders", [True, False])
def test_the_parquet_files_of_a_folder_are_fetched_and_read(
    folders: bool, hub: list[dict[str, Any]], tmp_path: Path
) -> None:
    """As a folder where the project reads folders, else as a table. Nothing but those files is asked for."""
    found = fetch(Reads(folders=folders), HuggingFace(dataset="stanfordnlp/imdb", folder="plain_text"), tmp_path)
    assert found["text"] == ["good", "bad"]
    (asked,) = hub
    assert asked["allow_patterns"] == ["plain_text/*.parquet"]
    assert asked["repo_type"] == "dataset"
    assert asked["revision"] == "main"


def test_without_the_library_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"\[huggingface\]"):
        fetch(Reads(folders=True), HuggingFace(dataset="stanfordnlp/imdb"), tmp_path)


def test_what_cannot_be_fetched_is_told_in_one_line(hub: list[dict[str, Any]], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="404 Client Error. Check data.dataset") as caught:
        fetch(Reads(folders=True), HuggingFace(dataset="nobody/nothing"), tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_without_parquet_files_is_told(
    hub: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FRAME.__class__, "write_parquet", lambda *_: None)
    with pytest.raises(SourceError, match="no Parquet file in the folder 'empty'"):
        fetch(Reads(folders=True), HuggingFace(dataset="some/one", folder="empty"), tmp_path)


@pytest.mark.parametrize("dataset", ["imdb", "a/b/c", "/imdb"])
def test_a_data_set_is_written_owner_and_name(dataset: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="owner/name"):
        fetch(Reads(folders=True), HuggingFace(dataset=dataset), tmp_path)


def test_it_is_one_of_the_sources_and_says_what_it_is() -> None:
    assert SOURCES.load("huggingface") is HuggingFace
    assert str(HuggingFace(dataset="stanfordnlp/imdb")) == "huggingface stanfordnlp/imdb"


class TestHuggingFace(SourceContract):
    @pytest.fixture
    def project(self, project: Project) -> Project:
        return replace(project, inputs=Text("text"), outputs=Number("label"), target="label", ignored={}, slices=())

    @pytest.fixture
    def source(self, hub: list[dict[str, Any]]) -> Fetching:
        return HuggingFace(dataset="stanfordnlp/imdb", folder="plain_text")

    @pytest.fixture
    def broken(self, hub: list[dict[str, Any]]) -> Fetching:
        return HuggingFace(dataset="nobody/nothing")
