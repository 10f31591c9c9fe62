"""Where the time went, as a page."""

from omloop.report import Profile, profile_page

OPERATORS = [(f"aten::op{number}", 2, 1.0 / number) for number in range(1, 9)]


def page(**changes: object) -> str:
    given: dict[str, object] = {
        "title": "a <b>",
        "facts": {"Peak of memory": "5 MB"},
        "stages": {"data": 0.5, "train: mlp": 1.5},
        "operators": OPERATORS,
        "operators_of": "Of 6 steps.",
        "tree": "1.0 <module>",
    }
    return profile_page(Profile(**(given | changes)))  # type: ignore[arg-type]


def test_stages_are_shares_of_all_and_five_operators_are_shown() -> None:
    text = page()
    assert "75%" in text and "1.50 s" in text and "500 ms" in text
    assert "2 aten::op5" in text and "aten::op6" not in text


def test_text_is_escaped_and_nothing_is_fetched() -> None:
    text = page()
    assert "a &lt;b&gt;" in text and "&lt;module&gt;" in text
    assert "<script" not in text and "http" not in text


def test_without_operators_it_says_why() -> None:
    text = page(operators=(), operators_of="None: it has none.", stages={})
    assert "None: it has none." in text
    assert "Loading against computing" not in text
    assert "Loading against computing" in page(loading={"loading data": 1.0})
