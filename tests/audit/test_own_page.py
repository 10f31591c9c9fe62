"""The page with the audits of omloop's own projects is up to date."""

from pathlib import Path
from types import ModuleType

import pytest
from tests.docs_scripts import docs_script

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return docs_script("make_audit")


def test_the_columns_of_the_projects_are_up_to_date(maker: ModuleType) -> None:
    lines = [line.split(" | ") for line in maker.PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    rows = {cells[0].removeprefix("| "): cells[2:7] for cells in lines[1:]}
    columns = [maker.states(ROOT / "projects" / name) for name in maker.PROJECTS]
    for item, told in rows.items():
        if item in columns[0] and item not in maker.CHECKOUT:
            assert told == [column[item] for column in columns], f"{item}; run: python docs/make_audit.py"


@pytest.mark.slow
def test_the_whole_page_is_up_to_date(maker: ModuleType) -> None:
    """It reads every file of omloop, some seconds of work."""
    assert maker.PAGE.read_text("utf-8") == maker.page(), "run: python docs/make_audit.py"
