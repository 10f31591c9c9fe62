"""A page whose connection is lost, and processes that end: each is told, and nothing that was typed is lost."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.ui.apart import page_apart
from tests.ui.shown import tiny_workspace
from tests.ui.test_browser import up

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


def test_a_lost_connection_is_told_and_what_was_typed_is_there_when_it_is_back(
    browser: "Browser", tmp_path: Path
) -> None:
    workspace, here = tiny_workspace(tmp_path / "ws"), tmp_path / "here"
    faults: list[str] = []
    page = browser.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    hours = page.get_by_role("spinbutton", name="hours")
    with up(workspace, "marks"):
        with page_apart(here, "--workspace", str(workspace.root)) as apart:
            page.goto(f"{apart.address}/p/marks")
            hours.fill("2")
            page.get_by_role("spinbutton", name="age").fill("20")
            page.get_by_role("combobox", name="sex").select_option("m")
            apart.end(signal.SIGKILL)
            page.get_by_text("Connection lost").wait_for()
            hours.fill("7")
        with page_apart(here, "--workspace", str(workspace.root), "--port", apart.port) as again:
            with page.expect_navigation():
                pass
            page.get_by_text("It comes here").wait_for()
            assert hours.input_value() == "7"
            page.get_by_role("button", name="Ask the model").click()
            page.get_by_text("50.0 points").wait_for()
            assert page.evaluate("Object.keys(sessionStorage).filter(one => one.startsWith('omloop '))") == []
            assert again.end() == 0 and again.log.read_text() == ""
    assert faults == [] and list(here.iterdir()) == []
    page.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_page_even_while_somebody_looks(browser: "Browser", tmp_path: Path, number: int) -> None:
    workspace = tiny_workspace(tmp_path / "ws")
    page = browser.new_page()
    with page_apart(tmp_path / "here", "--workspace", str(workspace.root)) as apart:
        page.goto(f"{apart.address}/p/marks/live")
        page.get_by_text("No server runs").wait_for()
        assert apart.end(number) == 0
        assert apart.log.read_text() == ""
    page.close()


def test_a_port_that_is_taken_is_told_in_a_line(shown: tuple[str, object]) -> None:
    line = [sys.executable, "-m", "omloop", "ui", "--port", shown[0].rpartition(":")[2]]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1 and "is taken by another program" in ended.stderr
    assert "Traceback" not in ended.stderr
