import pytest

from omloop.core import TrainError, as_kept


@pytest.mark.parametrize("name", ["lift.csv", "a/b/c.json", "größe (1).txt", "x=1,y=2.png", "no_ending"])
def test_plain_names_are_kept(name: str) -> None:
    assert as_kept(name, "ż") == "ż".encode()


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../run.json", "a/../b", "a//b", "./a", ".hidden", "a.", "a/b ", "C:\\x", "a\\b", "a\nb", "x\0",
     "CON", "a/nul.txt", "x" * 201, "a:b", "*"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_or_that_a_system_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(TrainError, match="relative name"):
        as_kept(name, b"")


def test_what_is_neither_bytes_nor_text_is_refused() -> None:
    with pytest.raises(TrainError, match="it is a dict"):
        as_kept("a.json", {})  # type: ignore[arg-type]
