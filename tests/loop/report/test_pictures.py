"""Pictures of a report: files of its repository, and of those only what a browser shows."""

import io
import os
import struct
from pathlib import Path

import pytest
from PIL import Image

from omloop.loop.report.pictures import LARGEST, NoPictureError, ReportPictures

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """The folder of a report within a repository."""
    folder = tmp_path / "repository" / "reports"
    (folder / "figures").mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    for path in (folder / "figures/a b.png", tmp_path / "repository/docs.png", tmp_path / "outside.png"):
        path.write_bytes(png())
    return folder


def problem(reports: Path, path: str) -> str:
    return ReportPictures.of(reports / "README.md").problem(path)


@pytest.mark.parametrize(
    "path",
    [
        "figures/a b.png",
        "figures/a%20b.png",
        "./figures/../figures/a b.png",
        "../docs.png",
        "/docs.png",
        "/reports/figures/a b.png",
    ],
)
def test_a_file_of_the_repository_is_a_picture(reports: Path, path: str) -> None:
    assert problem(reports, path) == ""
    assert ReportPictures.of(reports / "README.md").data_uri(path).startswith("data:image/png;base64,iVBOR")


def test_a_picture_of_another_host_is_left_to_it(reports: Path) -> None:
    assert problem(reports, "https://example.org/a.png") == problem(reports, "HTTP://example.org/a.png") == ""


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../../outside.png", "lies outside of the repository"),
        ("%2e%2e/%2e%2e/outside.png", "lies outside of the repository"),
        ("/../outside.png", "lies outside of the repository"),
        ("../../gone.png", "lies outside of the repository"),
        ("link.png", "lies outside of the repository"),
        ("/etc/passwd", "is not there"),
        ("figures", "is not there"),
        ("pipe", "is not there"),
        ("loop.png", "is not there"),
        ("a\0b.png", "is not there"),
        ("a" * 5000, "is not there"),
        ("FIGURES/A B.png", "is not there"),
        ("", "without a file"),
        ("file:///etc/passwd", "is no path of a picture"),
        ("javascript:alert(1)", "is no path of a picture"),
        ("data:image/png;base64,AAAA", "is no path of a picture"),
        ("//example.org/a.png", "is no path of a picture"),
        ("figures\\a.png", "is no path of a picture"),
        ("C:/a.png", "is no path of a picture"),
        ("../.git/config", "no picture that a browser shows"),
        ("empty.png", "no picture that a browser shows"),
    ],
)
def test_what_is_no_picture_of_the_repository_is_refused(reports: Path, path: str, why: str) -> None:
    (reports / "link.png").symlink_to(reports.parent.parent / "outside.png")
    (reports / "loop.png").symlink_to("loop.png")
    (reports / "empty.png").touch()
    (reports.parent / ".git" / "config").write_text("[core]\n\ttoken = secret\n")
    os.mkfifo(reports / "pipe")
    assert why in problem(reports, path)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("A B.PNG", "figures/a b.png"),
        ("figures/docs.png", "../docs.png"),
        ("../figures/A%20b.png", "figures/a b.png"),
        ("reports/figures/a b.png", "figures/a b.png"),
    ],
)
def test_a_picture_that_lies_elsewhere_is_named(reports: Path, path: str, place: str) -> None:
    assert problem(reports, path).endswith(f"is not there, but '{place}' is")
    assert problem(reports, place) == "" and problem(reports, "gone.png").endswith("is not there")


def test_without_a_repository_the_folder_is_the_border(reports: Path) -> None:
    (reports.parent / ".git").rmdir()
    assert problem(reports, "figures/a b.png") == "" and "outside" in problem(reports, "../docs.png")


def test_a_huge_picture_is_refused_before_it_is_read(reports: Path) -> None:
    (reports / "many.png").touch()
    os.truncate(reports / "many.png", LARGEST + 1)
    assert "has more than 10 MB" in problem(reports, "many.png")
    (reports / "wide.png").write_bytes(png()[:16] + struct.pack(">II", 50_000, 50_000) + png()[24:])
    assert "50,000 x 50,000 pixels" in problem(reports, "wide.png")


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<rect width='9' height='9'/>", ""),
        ("<script>alert(1)</script>", "holds a program"),
        ("<rect onload = 'alert(1)'/>", "holds a program"),
        ("<a href='JavaScript:alert(1)'/>", "holds a program"),
        ("< foreignObject/>", "holds a program"),
        ("\udcff", "is not in UTF-8"),
    ],
)
def test_a_drawing_is_shown_unless_it_holds_a_program(reports: Path, inside: str, why: str) -> None:
    text = '<?xml version="1.0"?>\n<!-- drawn -->\n' + SVG.format(inside)
    (reports / "a.svg").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert problem(reports, "a.svg") == "" if not why else why in problem(reports, "a.svg")


def test_a_picture_that_may_not_be_read_is_told(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(NoPictureError, match="cannot be read"):
        ReportPictures.of(reports / "README.md").read("figures/a b.png")
