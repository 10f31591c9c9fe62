"""What a page says, whatever stands between its fences."""

import pytest
from tests.audit.conftest import Look

from omloop.audit.page_facts import read_page

CODE = "![no](picture.png)\nsome code here\n"


@pytest.mark.parametrize(
    "block",
    [
        "```to do```\n",
        f"```\n{CODE}```python\n{CODE}```\n",
        f"~~~~\n{CODE}~~~\n{CODE}~~~~~  \n",
        f"```\n{CODE}    ```\n{CODE}```\n",
        f"1. so\n\n    ```sh\n{CODE}    ```\n",
        f"~~~ `\n{CODE}~~~\n",
    ],
    ids=["a span in one line", "no end with words", "no shorter end", "no indented end", "in a list", "tildes"],
)
def test_what_follows_a_block_of_code_is_prose(block: str) -> None:
    page = read_page("a.md", f"{block}\nwords\n\n![ours](ours.png)\n")
    assert [target for _, target in page.images] == ["ours.png"]


def test_a_diagram_is_told_by_the_fence_that_begins_its_block() -> None:
    assert read_page("a.md", "```mermaid```\n````\n```dot\n````\n~~~ d2\na -> b\n~~~\n").diagrams == (5,)


WORDS = "Here is how to ride in words. " * 20


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("index.rst", "Rides\n=====\n\n.. toctree::\n   :maxdepth: 2\n\n   {}\n   More <https://example.org>\n\nEnd\n"),
        ("index.md", "# Rides\n\n```{{toctree}}\n---\nmaxdepth: 1\n---\n{}\napi/modules\n```\n\nEnd\n"),
        ("index.md", "# Rides\n\n:::{{toctree}}\n:hidden:\n\nThe first <{}>\nself\n:::\n"),
    ],
)
def test_a_site_of_sphinx_s_has_the_pages_of_its_contents_and_words(look: Look, name: str, contents: str) -> None:
    files = {"docs/source/conf.py": "project = 'a'\n", f"docs/source/{name}": contents.format("tours/begin")}
    found = look("documentation", files)
    assert found.state == "weak" and found.why == "tours/begin is in the contents, and not there"
    assert found.spots[0].line == 1 + contents[: contents.index("{}")].count("\n")
    files["docs/source/tours/begin.rst"] = "Begin\n"
    assert look("documentation", files).why == "a site with hardly any words"
    files["docs/source/tours/begin.rst"] = WORDS
    assert look("documentation", files).state == "found"


def test_docstrings_are_words_of_a_site(look: Look) -> None:
    files = {"doc/conf.py": "", "doc/index.rst": ".. automodule:: rides\n   :members:\n"}
    assert look("documentation", files).state == "found"
