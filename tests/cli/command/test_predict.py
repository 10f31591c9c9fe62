"""`omloop predict` with files: what a server answers to a body, the command answers to a file."""

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import polars
import pytest

from omloop.core import Project
from omloop.loop import Workspace
from omloop.testing.bundles import tiny_image_bundle, tiny_text_bundle

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
    assert set(kept.inputs) == {"image"}


def saved(form: str, frames: int) -> bytes:
    pictures = [PIL.Image.effect_noise((40, 30), 20 + index) for index in range(frames)]
    written = io.BytesIO()
    pictures[0].save(written, form, **({"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}))
    return written.getvalue()


def claiming(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jpg", b"", "is empty"),
        ("a.jpg", b"not a picture", "is not a picture"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0", "cut off"),
        ("a.tiff", b"II*\0", "cannot read 'image/tiff'"),
        ("a.unheard", b"II*\0" + b"\0" * 60, "is a TIFF"),
        ("a.jpg", saved("JPEG", 1)[:-60], "cut off"),
        ("a.png", saved("PNG", 1)[:-60], "cut off"),
        ("a.png", claiming(30_000, 30_000), "30,000 x 30,000 pixels"),
        ("a.png", claiming(0, 5), "claims 0 x 5 pixels"),
        ("a.gif", saved("GIF", 101), "more than 100 frames"),
        ("a.webp", saved("WEBP", 101), "more than 100 frames"),
        ("a.jpg", saved("JPEG", 1).ljust(16_000_001, b"\0"), "longer than 16,000,000 bytes"),
    ],
    ids=lambda value: None if isinstance(value, str) else "content",
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


@pytest.fixture
def felt(workspace: Workspace) -> Workspace:
    """A workspace where a model of texts is champion of the project `tiny`."""
    registry = workspace.registry("tiny")
    version = registry.add(tiny_text_bundle(), by="test")
    registry.promote(version, expected=None, by="test", reason="a test")
    return workspace


def test_a_text_is_answered(omloop_json: Callable[..., Any], felt: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Good<br />and long")
    (answer,) = omloop_json("predict", "tiny", "--file", tmp_path / "a.txt")["predictions"]
    assert answer["label"] == "positive"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "rows[0].review: is empty"),
        (b" <br /> ", "rows[0].review: is empty"),
        (b"x" * 70, "rows[0].review: has 70 characters"),
        (b"caf\xe9", "is not UTF-8 (byte 3)"),
        (b"\x89PNG\r\n\x1a\n\0\0", "holds a zero byte"),
        ("good".encode("utf-16"), "holds a zero byte"),
        (b"good" * 300_000, "longer than 1,000,000 bytes"),
    ],
    ids=["empty", "only HTML", "over-long", "Latin-1", "a picture", "UTF-16", "a large file"],
)
def test_a_file_that_is_no_text_is_named_in_one_line(
    omloop: Say, felt: Workspace, tmp_path: Path, content: bytes, told: str
) -> None:
    """Nothing is answered, nothing is recorded, and no trace is shown."""
    (tmp_path / "bad.txt").write_bytes(content)
    code, out, err = omloop("predict", "tiny", "--file", tmp_path / "bad.txt", "--record")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "bad.txt" in err and told in err and "Traceback" not in err
    assert felt.predictions("tiny").window().predictions == ()


@pytest.mark.parametrize("name", ["review.txt", "review.md", "review", "review.log"])
def test_a_file_of_text_is_answered_whatever_it_is_called(
    omloop_json: Callable[..., Any], felt: Workspace, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("A good film.\n\nGood, not bad.\n")
    (answer,) = omloop_json("predict", "tiny", "--file", tmp_path / name)["predictions"]
    assert answer["label"] == "positive"


def test_a_csv_of_texts_is_read_as_one(omloop_json: Callable[..., Any], felt: Workspace, tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("review\ngood\nbad\n")
    answers = omloop_json("predict", "tiny", "--file", tmp_path / "reviews.csv")["predictions"]
    assert [answer["label"] for answer in answers] == ["positive", "negative"]


@pytest.fixture
def students(student: Project, turned: Workspace, tmp_path: Path) -> Path:
    """Four records with their targets and a number: the third has a word that is not accepted, the last is cut."""
    records = student.simulate(4, 8, 0.0)
    lines = [["number", *records], *([n, *row] for n, row in enumerate(zip(*records.values(), strict=True)))]
    lines[3][lines[0].index("gender")] = "sailor"
    lines[4] = lines[4][:5]
    path = tmp_path / "students.csv"
    path.write_text("\n".join(",".join(map(str, line)) for line in lines) + "\n")
    return path


def test_answers_go_on_after_bad_rows(omloop: Say, omloop_json: Callable[..., Any], students: Path) -> None:
    words = ("predict", "student_performance", "--csv", students, "--keep", "number", "--on-problem")
    found = omloop_json(*words, "skip")
    assert [(one["row"], one["number"]) for one in found["predictions"]] == [(1, "0"), (2, "1")]
    assert "gender: 'sailor'" in found["problems"]["3"] and "fields" in found["problems"]["4"]
    code, out, err = omloop(*words, "mark")
    assert code == 0 and "sailor" in out and "2 rows were not answered" in err
    code, _, err = omloop(*words, "stop")
    assert code == 1 and "rows[3]" in err


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_answers_are_written_into_a_file(omloop: Say, students: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"answers.{form}"
    words = ("--csv", students, "--keep", "number", "--on-problem", "mark", "--out", out)
    assert omloop("predict", "student_performance", *words)[0] == 0
    read = {"csv": polars.read_csv, "jsonl": polars.read_ndjson, "parquet": polars.read_parquet}[form]
    rows = read(out).to_dicts()
    assert [str(row["number"]) for row in rows] == ["0", "1", "2", "3"]
    assert [row["value"] is None for row in rows] == [False, False, True, True]


def test_a_column_that_is_not_there_cannot_be_kept(omloop: Say, students: Path) -> None:
    code, _, err = omloop("predict", "student_performance", "--csv", students, "--keep", "nombre")
    assert code == 1 and "'nombre'" in err and "number" in err
    code, _, err = omloop("predict", "student_performance", "--csv", students, "--out", "x.xlsx")
    assert code == 1 and ".parquet" in err


def test_json_rows_may_hold_the_target_too(
    omloop_json: Callable[..., Any], student: Project, turned: Workspace, tmp_path: Path
) -> None:
    records = student.simulate(2, 8, 0.0)
    (row, _) = student.inputs.render(student.inputs.encode(records))
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"rows": [{**row, student.target: 3, "who": [1]}]}))
    (found,) = omloop_json("predict", "student_performance", "--rows", path, "--keep", "who")["predictions"]
    assert found["who"] == [1] and "value" in found
