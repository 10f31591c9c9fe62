"""The project keeps the contract of all projects, and recognises the real people of the Olivetti faces."""

import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop import Fitted
from omloop.bundle import Session
from omloop.core import DataError, Part, SourceError
from omloop.testing.project import ProjectContract

from .project import project
from .read import NAMES, deal, read
from .simulate import simulate

FOLDER = Path(__file__).parent
DATA = Path(os.environ.get("OMLOOP_DATA", FOLDER.parents[2] / "shared" / "data"))


class TestProject(ProjectContract):
    """The three lines that every project needs; folds of so many pictures would take a minute."""

    project = project
    turn = ("data=simulated", "data.rows=600", "choose=validation")


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    """The real pictures, dealt."""
    if not (DATA / "faces" / "olivetti_faces.npy").is_file():
        pytest.skip(f"the real pictures are not in {DATA}; name its folder in OMLOOP_DATA")
    return read(DATA / "faces")


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """A folder in the layout of the Kaggle set, three pictures a person."""
    np.save(tmp_path / "augmented_faces.npy", np.random.default_rng(1).random((120, 64, 64)))
    np.save(tmp_path / "augmented_labels.npy", np.arange(120) % 40)
    return tmp_path


def test_the_real_pictures_fit_the_project(real: dict[str, Any]) -> None:
    """40 people of 8 pictures, of which two are for the test part."""
    examples: Any = project.inputs.encode(real)
    assert examples["pixels"].shape == (320, 64, 64, 1)
    assert sorted(set(real["person"])) == sorted(NAMES)
    tested = [person for person, part in zip(real["person"], real["part"], strict=True) if part == "test"]
    assert sorted(tested) == sorted([*NAMES, *NAMES])


@pytest.mark.parametrize("name", ["pca_linear", "pca_svm"])
def test_real_people_are_recognised_on_pictures_left_out(real: dict[str, Any], name: str, tmp_path: Path) -> None:
    """Two pictures a person; the mean over ten dealings is in README.md."""
    train, test = _parts(real)
    fitted = TestProject().fit(name, tmp_path, train)
    assert (fitted.predict(test.examples).argmax(axis=1) == test.targets).mean() >= 0.95


@pytest.mark.parametrize("name", ["pca_linear", "pca_svm", "nearest"])
def test_packaged_models_take_bytes_and_answer_alike(name: str, tmp_path: Path) -> None:
    """The whole of it is in the graph: scaling, components, people."""
    pytest.importorskip("skl2onnx")
    from omloop.package import EXPORTERS, check_parity

    contract = TestProject()
    part = contract.part(contract.records(seed=4))
    fitted = contract.fit(name, tmp_path)
    graph = EXPORTERS.load("sklearn")(fitted, project.inputs, project.outputs, part.examples)
    session = Session(graph, project.inputs, project.outputs)
    assert check_parity(fitted, session, part.examples, project.inputs.edges()).verified


def test_the_layout_of_the_kaggle_set_is_read(layout: Path) -> None:
    """From its folder, and from its file of pictures, as the source `kaggle` gives it."""
    folder, file = read(layout), read(layout / "augmented_faces.npy")
    assert folder["person"] == file["person"]
    examples: Any = project.inputs.encode(folder)
    assert examples["pixels"].shape == (120, 64, 64, 1)
    assert folder["part"].count("test") == 80


def test_a_folder_without_the_files_says_which_are_wanted(tmp_path: Path) -> None:
    """A path to somewhere else is the usual slip."""
    with pytest.raises(SourceError, match=r"does not hold olivetti_faces.npy and olivetti_faces_target.npy"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("labels", "told"),
    [(np.arange(120), "from 0 to 39"), (np.zeros(7, int), r"\(n,\)"), (np.array([{}] * 120), "array of numbers")],
)
def test_labels_that_do_not_fit_are_refused(layout: Path, labels: Any, told: str) -> None:
    """Labels of strangers, too few of them, and pickled objects."""
    np.save(layout / "augmented_labels.npy", labels, allow_pickle=True)
    with pytest.raises(DataError, match=told):
        read(layout)


def test_every_person_keeps_pictures_to_learn_from() -> None:
    """However few there are: who has two pictures or fewer has none in the test part."""
    labels = np.repeat(np.arange(5), [1, 2, 3, 8, 10])
    parts = np.array(deal(labels, seed=1))
    assert [int((parts[labels == person] == "test").sum()) for person in range(5)] == [0, 0, 2, 2, 2]


def test_simulated_people_are_drawn_equally_often() -> None:
    """So that few pictures still show everybody."""
    _, counts = np.unique(simulate(100, 1, 0.0)["person"], return_counts=True)
    assert sorted(set(counts.tolist())) == [2, 3]


def test_who_moves_at_a_small_drift_also_moves_at_a_larger_one() -> None:
    """Drift grows: no picture moves back."""
    still = np.array(simulate(80, 1, 0.0)["image"])
    moved = [(np.array(simulate(80, 1, drift)["image"]) != still).any(axis=(1, 2)) for drift in (0.2, 0.6, 1.0)]
    assert all((fewer <= more).all() for fewer, more in itertools.pairwise(moved))
    assert moved[-1].all()


@pytest.mark.slow
def test_a_moved_camera_confuses_the_model_and_new_pictures_teach_it(tmp_path: Path) -> None:
    """What the demonstration shows, in small."""
    contract = TestProject()
    old, moved, later = simulate(400, 1, 0.0), simulate(400, 2, 1.0), simulate(200, 3, 1.0)
    both = {name: [*old[name], *moved[name]] for name in old}
    before = contract.fit("pca_linear", tmp_path, contract.part(old))
    after = contract.fit("pca_linear", tmp_path, contract.part(both))
    assert _accuracy(before, simulate(200, 4, 0.0)) > 0.9
    assert _accuracy(before, later) < 0.6
    assert _accuracy(after, later) > 0.85


def _parts(real: dict[str, Any]) -> tuple[Part, Part]:
    """What is learned from, and what was dealt to the test part."""
    whole, dealt = TestProject().part(real), np.array(real["part"]) == "test"
    train, test = (Part(whole.examples[rows], whole.targets[rows], whole.keys[rows]) for rows in (~dealt, dealt))
    return train, test


def _accuracy(fitted: Fitted, records: dict[str, Any]) -> float:
    targets = project.outputs.encode(records["person"])
    return float((fitted.predict(project.inputs.encode(records)).argmax(axis=1) == targets).mean())
