"""The project keeps the contract of all projects, and reads the pictures as their publishers lay them out."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from omloop.core import DataError
from omloop.testing.project import ProjectContract

from .models import Cnn
from .project import project
from .read import read
from .simulate import simulate


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


def test_a_moved_camera_darkens_the_pictures() -> None:
    """So that drift can be seen in what is observed of a picture."""
    before, after = (np.mean(simulate(50, 1, drift)["image"]) for drift in (0.0, 1.0))
    assert after < 0.85 * before


def test_the_network_learns_the_cartoons(tmp_path: Path) -> None:
    """Augmented, balanced, mixed precision and all, in a few seconds."""
    pytest.importorskip("lightning")
    contract = TestProject()
    small = replace(
        project.models["cnn"], config=lambda: Cnn(widths=(16, 32, 64), epochs=12, dropout=0.1, lr=1e-2, batch_size=32)
    )
    contract.project = replace(project, models={"cnn": small})
    fitted = contract.fit("cnn", tmp_path, contract.part(simulate(600, 1, 0.0)))
    fresh = simulate(200, 9, 0.0)
    answers = fitted.predict(project.inputs.encode(fresh)).argmax(axis=1)
    assert (answers == project.outputs.encode(fresh["emotion"])).mean() > 0.9
