"""The circuit as a picture."""

from omloop.report.project import circle_svg

HOSTILE = ("<script>", '"/><script>alert(1)</script>', "x" * 200)


def test_text_of_a_project_stays_text_and_fits_its_box() -> None:
    drawn = circle_svg("<b>", [HOSTILE] * 8)
    assert "<script" not in drawn and "<b>" not in drawn
    assert "x" * 24 + "…" in drawn and "x" * 25 not in drawn
