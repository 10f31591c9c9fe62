import io
import zipfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from omloop import Image
from omloop.core import DataError, UnknownNameError
from omloop.data import read_picture_folder, read_picture_table
from omloop.data.infer import infer_pictures


def picture(width: int = 40, height: int = 40, grey: bool = False) -> bytes:
    kept = io.BytesIO()
    colour = np.random.default_rng(width).integers(0, 255, (height, width) if grey else (height, width, 3), np.uint8)
    PIL.Image.fromarray(colour).save(kept, "PNG")
    return kept.getvalue()


def folder(path: Path, names: list[str], content: bytes) -> Path:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def test_folders_are_classes_and_what_is_no_picture_is_left_out(tmp_path: Path) -> None:
    path = folder(tmp_path, ["cat/1.png", "cat/2.png", "dog/1.png"], picture(40, 40, grey=True))
    (path / "dog" / "2.png").write_bytes(b"no picture")
    found = infer_pictures(path)
    assert found.answer.words == ("cat", "dog") and found.answer.counts == (2, 1)
    assert (found.width, found.height, found.channels, found.unreadable) == (40, 40, 1, 1)
    records = read_picture_folder(path, **found.options)
    assert list(records["label"]) == ["cat", "cat", "dog"] and "1 of 4 files" in found.notes[0]
    assert len(Image(found.width, found.height, found.channels).encode(records)) == 3


def test_folders_of_parts_are_known_in_a_zip_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("set/train/a/1.png", "set/train/b/1.png", "set/test/a/2.png", "set/Val/b/3.png"):
            archive.writestr(name, picture(300, 200))
    found = infer_pictures(tmp_path / "a.zip", "kind")
    assert found.part == "part" and found.options == {"target": "kind"}
    assert (found.width, found.height, found.channels) == (144, 96, 3)
    records = read_picture_folder(tmp_path / "a.zip", **found.options)
    assert sorted(zip(records["part"], records["kind"], strict=True)) == [
        ("test", "a"), ("train", "a"), ("train", "b"), ("validation", "b"),
    ]  # fmt: skip


def test_a_table_names_pictures_and_other_columns_are_not_used(tmp_path: Path) -> None:
    names = [f"p{place}" for place in range(24)]
    folder(tmp_path / "pictures", [f"{name}.png" for name in names], picture(70, 100))
    part = ["train", "train", "test"]
    lines = "".join(f"{name};{place};{part[place % 3]};{'ab'[place % 2]}\n" for place, name in enumerate(names))
    (tmp_path / "list.csv").write_text("shot;age;used for;kind\n" + lines)
    found = infer_pictures(tmp_path / "list.csv", "kind")
    assert found.options == {"column": "shot", "separator": ";"} and set(found.left_out) == {"shot", "age"}
    assert found.part == "used for"
    assert (found.width, found.height) == (64, 91) and found.pictures == 24
    assert len(read_picture_table(found.path, **found.options)["image"]) == 24
    with pytest.raises(UnknownNameError, match="Did you mean 'kind'"):
        infer_pictures(tmp_path / "list.csv", "kinds")


def test_one_class_or_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no picture"):
        infer_pictures(tmp_path)
    folder(tmp_path, ["cat/1.png", "cat/2.png"], picture())
    with pytest.raises(DataError, match="holds one folder of pictures, 'cat'"):
        infer_pictures(tmp_path)


@pytest.mark.parametrize(("broken", "told"), [("dog/1.png", "only 'cat' holds"), ("", "no folder holds a picture")])
def test_pictures_that_cannot_be_read_leave_no_class(tmp_path: Path, broken: str, told: str) -> None:
    path = folder(tmp_path, ["cat/1.png", "dog/1.png"], picture())
    folder(path, [broken] if broken else ["cat/1.png", "dog/1.png"], b"no picture")
    with pytest.raises(DataError, match=told):
        infer_pictures(path)


def test_a_table_whose_pictures_are_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("file,kind\n" + "".join(f"{place}.jpg,{place % 2}\n" for place in range(30)))
    with pytest.raises(DataError, match="has no column that names pictures"):
        infer_pictures(tmp_path / "a.csv", "kind")
    with pytest.raises(DataError, match=r"30 of 30 pictures in 'file' are not below .*, the first '0.jpg'"):
        read_picture_table(tmp_path / "a.csv")
