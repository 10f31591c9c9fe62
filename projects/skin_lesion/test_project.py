"""The project keeps the contract of all projects, reads HAM10000 however it lies, and learns drawn lesions."""

import csv
import io
import os
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from omloop.core import DataError, SourceError
from omloop.data import prepare
from omloop.testing.project import ProjectContract

from .project import project
from .read import CLASSES, COLUMNS, MALIGNANT, read
from .simulate import simulate

FOLDER = Path(__file__).parent
DATA = Path(os.environ.get("OMLOOP_DATA", FOLDER.parents[2] / "shared" / "data")) / "skin_lesion"


class TestProject(ProjectContract):
    """The three lines that every project needs."""

    project = project
    rows = 120
    turn = ("data.rows=120",)


def jpeg(shade: int) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((15, 20, 3), shade, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A CSV."""
    written = io.StringIO()
    csv.writer(written).writerows([columns, *rows])
    return written.getvalue()


ROWS = [
    (f"HAM_{n // 2}", f"ISIC_{n}", CLASSES[n // 2], "histo", f"{20 * n}.0" if n else "", "male", "back")
    for n in range(6)
]


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """As Kaggle's archive unpacks: the table, and the pictures in two folders, twice."""
    folder = tmp_path / "ham"
    for name, row in ((row[1], number) for number, row in enumerate(ROWS)):
        for part in (f"HAM10000_images_part_{1 + row % 2}", f"ham10000_images_part_{1 + row % 2}"):
            (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / part / f"{name}.jpg").write_bytes(jpeg(40 * row))
    (folder / "HAM10000_metadata.csv").write_text(table(COLUMNS, ROWS))
    return folder


def zipped(folder: Path, target: Path, below: str = "") -> Path:
    """All of a folder in a zip."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, below + path.relative_to(folder).as_posix())
    return target


def test_the_layouts_of_the_archive_read_alike(kaggle: Path, tmp_path: Path) -> None:
    """Its folders, a zip of them, the pictures in zips, and everything moved to images/ and metadata/."""
    wanted = read(kaggle)
    assert wanted["dx"] == [row[2] for row in ROWS] and wanted["image"][3] == jpeg(120)
    assert read(zipped(kaggle, tmp_path / "archive.zip")) == wanted
    other = tmp_path / "other"
    (other / "images").mkdir(parents=True)
    (other / "metadata").mkdir()
    for path in kaggle.rglob("*.jpg"):
        (other / "images" / path.name).write_bytes(path.read_bytes())
    (other / "metadata" / "HAM10000_metadata.csv").write_bytes((kaggle / "HAM10000_metadata.csv").read_bytes())
    assert read(other) == wanted
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    zipped(other / "images", mixed / "HAM10000_images_part_1.zip", "HAM10000_images_part_1/")
    (mixed / "HAM10000_images_equalised_224.zip").write_bytes(b"another study's pictures")
    (mixed / "HAM10000_metadata.csv").write_bytes((kaggle / "HAM10000_metadata.csv").read_bytes())
    assert read(mixed) == wanted


def test_a_dealt_part_is_read_where_there_is_one(kaggle: Path) -> None:
    """Rows that the file does not name are learned from."""
    assert "part" not in read(kaggle)
    (kaggle / "split.csv").write_text(table(("image_id", "split"), [("ISIC_1", "test"), ("ISIC_2", "train")]))
    assert read(kaggle)["part"] == ["train", "test", "train", "train", "train", "train"]


def test_what_does_not_fit_is_refused_with_what_is_wanted(kaggle: Path, tmp_path: Path) -> None:
    """No table, a picture that is not there, a table of something else, a zip that was cut."""
    with pytest.raises(SourceError, match=r"does not hold HAM10000_metadata\.csv"):
        read(tmp_path / "ham" / "HAM10000_images_part_1")
    for path in kaggle.rglob("ISIC_3.jpg"):
        path.unlink()
    with pytest.raises(DataError, match=r"1 of 6 pictures .* the first ISIC_3\.jpg"):
        read(kaggle)
    (kaggle / "HAM10000_metadata.csv").write_text("image_id,dx\nISIC_1,nv\n")
    with pytest.raises(DataError, match="has no column lesion_id, dx_type, age"):
        read(kaggle)
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match="not a zip archive"):
        read(tmp_path / "cut.zip")


def test_the_real_pictures_fit_the_project_and_no_lesion_is_torn_apart() -> None:
    """4,771 pictures of 3,554 lesions, of which 915 pictures are for the test part."""
    if not DATA.is_dir():
        pytest.skip(f"the real pictures are not in {DATA.parent}; name its folder in OMLOOP_DATA")
    records = read(DATA)
    assert len(records["image"]) == 4771 and len(set(records["lesion_id"])) == 3554
    assert Counter(records["part"]) == {"train": 3856, "test": 915}
    assert set(records["dx"]) == set(CLASSES)
    few = {name: values[::9] for name, values in records.items()}
    dataset = prepare(project, few, project.inputs, seed=42)
    parts = (dataset.train, dataset.validation, dataset.test)
    lesions = [{few["lesion_id"][row] for row in part.rows} for part in parts]
    assert not (lesions[0] & lesions[1] or lesions[0] & lesions[2] or lesions[1] & lesions[2])


def test_lesions_are_pictured_more_than_once_and_are_of_one_diagnosis() -> None:
    """So that a split by picture would leak, as it would for the real ones."""
    records = simulate(300, 1, 0.0)
    pairs = set(zip(records["lesion_id"], records["dx"], strict=True))
    assert len(pairs) == len(set(records["lesion_id"])) < 220
    assert set(records["dx"]) == set(CLASSES)


def test_an_answer_says_whether_the_diagnosis_is_malignant() -> None:
    """And gives all seven probabilities."""
    answers = project.outputs.answer(np.eye(7))
    assert [answer["label"] for answer in answers] == list(CLASSES)
    assert [answer["label"] for answer in answers if answer["malignant"]] == [c for c in CLASSES if c in MALIGNANT]
    assert {len(answer["probabilities"]) for answer in answers} == {7}


def test_a_worse_camera_darkens_the_pictures() -> None:
    """So that drift can be seen in what is observed of a picture."""
    before, after = (np.mean(simulate(40, 1, drift)["image"]) for drift in (0.0, 1.0))
    assert after < 0.85 * before


@pytest.mark.slow
def test_the_network_learns_the_drawn_lesions_and_errs_when_they_drift(tmp_path: Path) -> None:
    """Augmented, balanced, mixed precision and all, in a few seconds."""
    pytest.importorskip("lightning")
    contract = TestProject()
    job = contract.job("baseline_cnn", tmp_path, contract.part(simulate(400, 1, 0.0)))
    small = {"stem": 16, "widths": (16, 32, 64), "epochs": 12, "dropout": 0.1, "smoothing": 0.0, "lr": 1e-2}
    fitted = project.models["baseline_cnn"].fit(replace(job, config=replace(job.config, **small)))

    def accuracy(drift: float) -> float:
        fresh = simulate(120, 9, drift)
        found = fitted.predict(project.inputs.encode(fresh)).argmax(axis=1)
        return float((found == project.outputs.encode(fresh["dx"])).mean())

    before, after = accuracy(0.0), accuracy(1.0)
    assert before > 0.75
    assert after < before - 0.2
