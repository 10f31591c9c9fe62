"""What a page says, whatever stands between its fences."""

import pytest

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
