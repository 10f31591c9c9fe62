"""A report becomes one page beside it, with its pictures inside."""

from pathlib import Path

import pytest
from PIL import Image
from tests.report.course.synthetic import report

from omloop.core import OmloopError
from omloop.loop.report import html
from omloop.loop.report.html import write_report_page


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "figures").mkdir()
    Image.new("RGB", (3, 2)).save(tmp_path / "figures" / "seen.png")
    (tmp_path / "README.md").write_text(report({6: "![gone](figures/gone.png)"}))
    return tmp_path


def test_the_page_lies_beside_the_report_and_holds_its_pictures(reports: Path) -> None:
    page = write_report_page(reports)
    text = page.read_text(encoding="utf-8")
    assert page == reports / "report.html"
    assert text.count('src="data:image/png;base64,') == 5 and text.count("<b>No picture</b>") == 1


def test_the_page_goes_where_it_is_wanted_but_never_over_the_report(reports: Path, tmp_path: Path) -> None:
    assert write_report_page(reports, tmp_path / "new" / "page.html") == tmp_path / "new" / "page.html"
    assert write_report_page(reports, tmp_path / "new") == tmp_path / "new" / "report.html"
    (reports / "same.html").hardlink_to(reports / "README.md")
    for output in (reports / "README.md", reports / "figures" / ".." / "README.md", reports / "same.html"):
        with pytest.raises(OmloopError, match="is the report itself"):
            write_report_page(reports, output)
    assert "### Question 31" in (reports / "README.md").read_text()


def test_pictures_end_where_the_page_would_be_too_large(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_PICTURES", 250)
    text = write_report_page(reports).read_text(encoding="utf-8")
    assert 0 < text.count('src="data:image/png;base64,') < 5 and "has no room" in text


def test_a_report_of_many_megabytes_becomes_no_page(reports: Path) -> None:
    (reports / "README.md").write_text(report() + "word " * 500_000)
    with pytest.raises(OmloopError, match="a page is made of 2,097,152 at most"):
        write_report_page(reports)
