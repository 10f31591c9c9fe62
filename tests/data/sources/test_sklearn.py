"""The source `sklearn`, with a data set of scikit-learn's shape in place of one that must be fetched."""

import urllib.error
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import Columns, Project, Settings, SourceError, UnknownNameError
from omloop.data import SOURCES
from omloop.testing.source import Fetching, SourceContract

datasets = pytest.importorskip("sklearn.datasets")


@pytest.fixture
def reader(project: Project) -> Project:
    """A project that reads the folder of arrays which the source hands over."""

    def read(folder: Path) -> dict[str, Any]:
        return {path.stem: np.load(path) for path in sorted(folder.glob("*.npy"))}

    return replace(project, read=read)


def fetch(name: str, project: Project, tmp_path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = SOURCES.load("sklearn")(name=name).records(project, tmp_path, Settings())
    return found


def test_the_arrays_of_a_data_set_are_handed_to_the_project(
    reader: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`images`, where there are any, beside `data` and `target`; nothing else."""

    def toy(data_home: str) -> dict[str, Any]:
        return {"data": np.ones((3, 4)), "images": np.ones((3, 2, 2)), "target": np.arange(3), "DESCR": "toy"}

    monkeypatch.setattr(datasets, "fetch_olivetti_faces", toy)
    found = fetch("olivetti_faces", reader, tmp_path)
    assert {name: values.shape for name, values in found.items()} == {
        "data": (3, 4),
        "images": (3, 2, 2),
        "target": (3,),
    }


def test_a_data_set_out_of_reach_says_what_to_do_instead(
    reader: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(data_home: str) -> dict[str, Any]:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(datasets, "fetch_olivetti_faces", unreachable)
    with pytest.raises(SourceError, match=r"cannot fetch olivetti_faces: no route to host.*data=file data.path="):
        fetch("olivetti_faces", reader, tmp_path)


def test_an_unknown_data_set_names_the_nearest(reader: Project, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'olivetti_faces'"):
        fetch("olivetti_face", reader, tmp_path)


class TestSklearn(SourceContract):
    @pytest.fixture
    def project(self, project: Project) -> Project:
        def read(folder: Path) -> Columns:
            hours, ages = np.load(folder / "data.npy").T
            return {"hours": hours, "age": ages, "tool": ["Chat"] * len(ages), "score": np.load(folder / "target.npy")}

        return replace(project, read=read)

    @pytest.fixture
    def source(self, monkeypatch: pytest.MonkeyPatch) -> Fetching:
        arrays = {"data": np.array([[2.5, 15], [3.0, 16]]), "target": np.array([17.5, 19.0])}
        monkeypatch.setattr(datasets, "fetch_california_housing", lambda data_home: arrays)
        found: Fetching = SOURCES.load("sklearn")(name="california_housing")
        return found

    @pytest.fixture
    def broken(self) -> Fetching:
        found: Fetching = SOURCES.load("sklearn")(name="californian_housing")
        return found
