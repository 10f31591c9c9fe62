"""Pages that are followed literally: the tutorial, and small ones that say how."""

import socket
from pathlib import Path
from types import ModuleType

import pytest
from tests.docs_scripts import docs_script

ROOT = Path(__file__).parent.parent
PAGE = """
```console
$ false                 # the set-up, which is skipped
```

```python title="greet.py"
print("hello")
```

```console
$ mkdir inside && cd inside
$ python ../greet.py    # a remark
```

<!-- printed -->
```text
something else
```
"""


@pytest.fixture(scope="module")
def following() -> ModuleType:
    return docs_script("follow")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def test_what_commands_print_stands_in_the_page(following: ModuleType, page: Path, tmp_path: Path) -> None:
    assert following.follow(page, tmp_path, skip=1) == PAGE.replace("something else", "hello")


def test_a_command_that_fails_is_named_with_what_it_said(following: ModuleType, page: Path, tmp_path: Path) -> None:
    page.write_text(PAGE.replace('print("hello")', "raise SystemExit('no luck')"))
    with pytest.raises(following.FollowError, match=r"\$ python \.\./greet\.py\nended with 1:\n\nno luck"):
        following.follow(page, tmp_path, skip=1)


@pytest.mark.slow
def test_the_tutorial_can_be_followed_to_its_end(following: ModuleType, tmp_path: Path) -> None:
    """From a file to a promoted retraining; the page asks a server on its port."""
    with socket.socket() as asking:
        if asking.connect_ex(("127.0.0.1", following.PORT)) == 0:
            pytest.skip(f"something listens on port {following.PORT} already")
    made = following.follow(ROOT / "docs" / "tutorial" / "half-an-hour.md", tmp_path, skip=1)
    for told in ("champion now", "more in electric", "action   proving", "action   promoted"):
        assert told in made
