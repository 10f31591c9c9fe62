"""The project keeps the contract of all projects, and reads the pictures as their publishers lay them out."""

import io
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from omloop.core import DataError
from omloop.loop.project.plan import Plan
from omloop.testing.project import ProjectContract

from .project import project
from .read import AFFECTNET, CLASSES, FER2013, read
from .simulate import cartoons, simulate


class TestProject(ProjectContract):
    """The three lines that every project needs."""

    project = project


def picture(shade: int) -> bytes:
    """A grey JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((48, 48), shade, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """Two pictures of two classes in each part."""
    for part in ("train", "test"):
        for label in ("happy", "sad"):
            (tmp_path / part / label).mkdir(parents=True)
            (tmp_path / part / label / "a.jpg").write_bytes(picture(100))
    return tmp_path


def test_a_folder_and_a_zip_of_it_read_alike(laid_out: Path, tmp_path: Path) -> None:
    """Whoever unpacked the archive need not pack it again."""
    archive = tmp_path / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(laid_out.rglob("*.jpg")):
            packed.write(path, path.relative_to(laid_out))
    assert read(archive) == read(laid_out)
    assert sorted(read(archive)["emotion"]) == ["happy", "happy", "sad", "sad"]
    assert set(read(archive)["part"]) == {"train", "test"}


def test_what_holds_no_picture_is_refused(tmp_path: Path) -> None:
    """In one line that says what was looked for."""
    with pytest.raises(DataError, match="holds no picture"):
        read(tmp_path)
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match="not a zip archive"):
        read(tmp_path / "cut.zip")


@pytest.fixture
def yolo(tmp_path: Path) -> Path:
    """Cartoons of all eight classes in AffectNet's layout, 96 by 96 in colour, one folder too deep as Kaggle has it."""
    draw = np.random.default_rng(1)
    for part, count in (("train", 240), ("valid", 40), ("test", 160)):
        folder = tmp_path / "data" / "YOLO_format" / "YOLO_format" / part
        (folder / "images").mkdir(parents=True)
        (folder / "labels").mkdir()
        numbers = np.arange(count) % len(AFFECTNET)
        for row, face in enumerate(cartoons([AFFECTNET[number] for number in numbers], draw)):
            Image.fromarray(face).resize((96, 96)).convert("RGB").save(folder / "images" / f"ffhq_{row}.png")
            (folder / "labels" / f"ffhq_{row}.txt").write_text(f"{numbers[row]} 0.5 0.5 1.0 0.98\n")
    return tmp_path / "data"


def test_affectnet_is_read_as_its_publisher_lays_it_out(yolo: Path, tmp_path: Path) -> None:
    """Folder or zip: the label is the first number of the file beside the picture, the part `valid` is validation."""
    records = read(yolo)
    assert Counter(records["part"]) == {
        "train": 240,
        "validation": 40,
        "test": 160,
    }
    assert Counter(records["emotion"]) == dict.fromkeys(CLASSES, 55)
    archive = tmp_path / "affectnet.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(yolo.rglob("*")):
            packed.write(path, path.relative_to(yolo))
    assert read(archive) == records


@pytest.mark.parametrize(
    ("label", "told"),
    [(None, "there is no .*ffhq_3.txt"), ("", "is empty"), ("8 0 0 1 1", "begins with '8'"), ("happy", "0 to 7")],
)
def test_a_label_that_is_missing_or_no_class_is_named(yolo: Path, label: str | None, told: str) -> None:
    """With its file, and what would have worked."""
    (file,) = yolo.rglob("train/labels/ffhq_3.txt")
    file.write_text(label) if label is not None else file.unlink()
    with pytest.raises(DataError, match=told) as refused:
        read(yolo)
    assert "ffhq_3" in str(refused.value)


def test_eight_classes_are_learned_from_affectnet_and_seven_from_fer2013(yolo: Path, tmp_path: Path) -> None:
    """One project: `data.classes` says which; of another class a champion's answers are not compared."""
    from omloop.core import Settings
    from omloop.loop import Workspace, find_project
    from omloop.loop.turn.turn import turn

    workspace = Workspace(Settings(projects=str(Path(__file__).parent.parent), workspace=str(tmp_path / "ws")))
    ours = find_project("emotion", workspace.settings)
    words = [f"data.path={yolo}", "model=pca_linear", "data=file"]

    seven = turn(Plan.of(ours, words, workspace))
    assert workspace.registry("emotion").load(seven.version).output.classes == FER2013
    assert seven.promoted and any("(contempt 55)" in note for note in seven.notes)

    eight = turn(Plan.of(ours, [*words, "data.classes=[]"], workspace))
    assert workspace.registry("emotion").load(eight.version).output.classes == CLASSES
    assert eight.report.metrics["accuracy"].value > 0.6
    assert eight.rows == (240, 40, 160)
    assert eight.champion == seven.version and eight.opponent is None
    assert "only the candidate knows contempt" in eight.decision.reason


def test_a_moved_camera_darkens_the_pictures() -> None:
    """So that drift can be seen in what is observed of a picture."""
    before, after = (np.mean(simulate(50, 1, drift)["image"]) for drift in (0.0, 1.0))
    assert after < 0.85 * before


@pytest.mark.slow
def test_the_network_learns_the_cartoons(tmp_path: Path) -> None:
    """Augmented, balanced, mixed precision and all, in a few seconds."""
    pytest.importorskip("lightning")
    contract = TestProject()
    job = contract.job("cnn", tmp_path, contract.part(simulate(500, 1, 0.0)))
    small = {"widths": (16, 32, 64), "epochs": 8, "dropout": 0.1, "between": 0.025, "lr": 1e-2, "batch_size": 32}
    fitted = project.models["cnn"].fit(replace(job, config=replace(job.config, **small)))
    fresh = simulate(200, 9, 0.0)
    answers = fitted.predict(project.inputs.encode(fresh)).argmax(axis=1)
    assert (answers == project.outputs.encode(fresh["emotion"])).mean() > 0.85
