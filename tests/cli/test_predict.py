"""`omloop predict` with files: what a server answers to a body, the command answers to a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from omloop.loop import Workspace
from omloop.testing.bundles import tiny_image_bundle

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pictured(workspace: Workspace) -> Workspace:
    """A workspace where a model of pictures is champion of the project `tiny`."""
    registry = workspace.registry("tiny")
    version = registry.add(tiny_image_bundle(), by="test")
    registry.promote(version, expected=None, by="test", reason="a test")
    return workspace


def picture(folder: Path, level: int, suffix: str = "png") -> Path:
    path = folder / f"{level}.{suffix}"
    PIL.Image.new("RGB", (20, 10), (level,) * 3).save(path)
    return path


def test_each_file_is_answered_in_order(omloop_json: Callable[..., Any], pictured: Workspace, tmp_path: Path) -> None:
    files = [picture(tmp_path, 30), picture(tmp_path, 10, "jpg"), picture(tmp_path, 20, "webp")]
    answered = omloop_json("predict", "tiny", *[word for file in files for word in ("--file", file)])
    assert [p["value"] for p in answered["predictions"]] == pytest.approx([30, 10, 20], abs=2)


def test_recorded_files_can_be_learned_from_again(omloop: Say, pictured: Workspace, tmp_path: Path) -> None:
    assert omloop("predict", "tiny", "--file", picture(tmp_path, 30), "--record")[0] == 0
    (kept,) = pictured.predictions("tiny").window().predictions
    assert set(kept.inputs) > {"image", "brightness"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jpg", b"", "is empty"),
        ("a.jpg", b"not a picture", "is not a picture"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0", "cut off"),
        ("a.tiff", b"II*\0", "cannot read 'image/tiff'"),
        ("a.unheard", b"II*\0" + b"\0" * 60, "is a TIFF"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_one_line(
    omloop: Say, pictured: Workspace, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    """The good file beside it is not answered either, and nothing is recorded."""
    (tmp_path / name).write_bytes(content)
    good = picture(tmp_path, 30)
    code, out, err = omloop("predict", "tiny", "--file", good, "--file", tmp_path / name, "--record")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert name in err and told in err
    assert pictured.predictions("tiny").window().predictions == ()


def test_a_file_that_is_not_there_is_told(omloop: Say, pictured: Workspace) -> None:
    code, _, err = omloop("predict", "tiny", "--file", "nowhere.png")
    assert code == 1 and "There is no file nowhere.png" in err
