"""The page in a real browser, over projects of each kind: a table, a picture, a text."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.chromium import FAULTS
from tests.ui.shown import PICTURE, labels, served

from omloop.loop import Workspace
from omloop.loop.serving.server_notes import noted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Page

Shown = tuple[str, Workspace]
PATHS = [
    "/",
    *(
        f"/p/{name}{page}"
        for name in ("marks", "tones", "reviews")
        for page in ("", "/live", "/versions", "/runs", "/more")
    ),
]
WHITE: "FilePayload" = {"name": "white.png", "mimeType": "image/png", "buffer": PICTURE}


@pytest.fixture(scope="module")
def servers(_page: tuple[str, Path]) -> Iterator[None]:
    """A server of each project, which notes where it listens as `omloop serve` does."""
    workspace = Workspace.of(workspace=str(_page[1]))
    with up(workspace, "marks", explains=True), up(workspace, "tones"), up(workspace, "reviews"):
        yield


@contextmanager
def up(workspace: Workspace, name: str, *, explains: bool = False) -> Iterator[str]:
    """A server that the page finds by the note that it writes."""
    with served(workspace, name, explains=explains) as address, noted(name, workspace.root, print) as tell:
        tell(address)
        yield address


def test_a_form_is_filled_by_an_example_and_answered_and_its_truth_counted(
    page: "Page", shown: Shown, servers: None
) -> None:
    address, workspace = shown
    page.goto(f"{address}/p/marks")
    page.get_by_role("button", name="Example 2", exact=True).click()
    page.get_by_role("button", name="Tell what it really was").click()
    page.get_by_label("It really is").fill("55")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("It counts from now on").wait_for()
    assert 55.0 in labels(workspace, "marks")
    page.get_by_role("link", name="See how often it is right").click()
    page.get_by_text("1 answers have a label").wait_for()


def test_what_is_typed_is_what_is_asked(page: "Page", shown: Shown, servers: None) -> None:
    page.goto(f"{shown[0]}/p/marks")
    page.get_by_role("spinbutton", name="hours").fill("2")
    page.get_by_role("spinbutton", name="age").fill("20")
    page.get_by_role("combobox", name="sex").select_option("m")
    page.get_by_role("button", name="Ask the model").click()
    page.get_by_text("45.0 points").wait_for()


def test_what_an_answer_hangs_on_is_drawn_to_either_side_and_can_be_read_by_all(
    browser: "Browser", shown: Shown, servers: None
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{shown[0]}/p/marks")
    page.get_by_role("spinbutton", name="hours").fill("0")
    page.get_by_role("spinbutton", name="age").fill("24")
    page.get_by_role("combobox", name="sex").select_option("m")
    page.get_by_role("button", name="Ask the model").click()
    bars = page.get_by_role("list", name="what the answer hangs on")
    bars.wait_for()
    assert bars.locator("li").count() == 3
    assert bars.locator(".om-up").count() == 2 and bars.locator(".om-down").count() == 1
    assert page.evaluate(FAULTS) == []
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    page.close()


def test_a_picture_is_chosen_or_dropped_or_pasted(page: "Page", shown: Shown, servers: None) -> None:
    page.goto(f"{shown[0]}/p/tones")
    page.locator("input[type=file]").set_input_files(WHITE)
    page.get_by_text("bright: yes").wait_for()
    page.get_by_alt_text("the picture that you chose").wait_for()
    for event in ("drop", "paste"):
        page.reload()
        page.wait_for_selector(".om-drop")
        page.evaluate(GIVEN_BY, [event, [*PICTURE]])
        page.get_by_text("bright: yes").wait_for()
    page.get_by_role("button", name="Wrong, it is …").click()
    page.get_by_role("option", name="dark (hardly any white)").wait_for(state="attached")


def test_a_text_with_a_script_in_it_is_a_text(page: "Page", shown: Shown, servers: None) -> None:
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.goto(f"{shown[0]}/p/reviews")
    page.get_by_role("textbox", name="review").fill("good <img src=x onerror=alert(1)><script>alert(2)</script>")
    page.get_by_role("button", name="Ask the model").click()
    page.get_by_text("Was it right?").wait_for()
    page.goto(f"{shown[0]}/p/reviews/live")
    page.get_by_role("cell", name="alert(2)").first.wait_for()
    assert not said and page.locator("main img[src=x]").count() == 0


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    page: "Page", shown: Shown, servers: None, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    page.goto(f"{shown[0]}/p/tones")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_text("has 200 MB. The page takes at most 32 MB").wait_for()


def test_a_version_is_promoted_with_a_reason_and_rolled_back(page: "Page", shown: Shown, servers: None) -> None:
    address, workspace = shown
    registry = workspace.registry("marks")
    champion = registry.champion()
    other = registry.versions()[-1]
    page.goto(f"{address}/p/marks/versions?v={other}")
    page.get_by_role("button", name="Put it in charge").click()
    page.get_by_label("Why").fill("it is <img src=x> kinder")
    page.get_by_role("button", name="Promote").click()
    page.get_by_text("It is in charge now").wait_for()
    page.get_by_role("cell", name="it is <img src=x> kinder").wait_for()
    assert workspace.registry("marks").history()[-1].reason == "it is <img src=x> kinder"
    page.goto(f"{address}/p/marks/versions")
    page.get_by_role("button", name="Roll back to an earlier champion").click()
    page.get_by_label("Why").fill("it was not")
    page.get_by_role("button", name="Roll back", exact=True).click()
    page.get_by_role("cell", name="it was not").first.wait_for()
    assert Workspace.of(workspace=str(workspace.root)).registry("marks").champion() == champion


def test_of_two_who_promote_at_once_one_is_told(browser: "Browser", shown: Shown, servers: None) -> None:
    address, workspace = shown
    other = workspace.registry("marks").versions()[-1]
    champion = workspace.registry("marks").champion()
    people = [browser.new_page() for _ in range(2)]
    for person in people:
        person.goto(f"{address}/p/marks/versions?v={other}")
        person.get_by_role("button", name="Put it in charge").click()
        person.get_by_label("Why").fill("mine")
    for person in people:
        person.get_by_role("button", name="Promote").click()
        person.wait_for_timeout(300)
    people[1].get_by_role("alert").wait_for()
    assert str(champion)[:8] in people[1].get_by_role("alert").inner_text()
    for person in people:
        person.close()
    workspace = Workspace.of(workspace=str(workspace.root))
    workspace.registry("marks").rollback(by="test", reason="a test", to=champion)


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_page_is_wider_than_the_window(browser: "Browser", shown: Shown, servers: None, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for path in PATHS:
        page.goto(shown[0] + path)
        page.wait_for_selector("h1, h2")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(FAULTS) == [], path
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_all(browser: "Browser", shown: Shown, servers: None, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(color_scheme=scheme)
    for path in PATHS:
        page.goto(shown[0] + path)
        page.wait_for_selector("h1, h2")
        found = Axe().run(page).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
        assert serious == [], path
    page.close()


def test_the_keyboard_alone_reaches_an_answer(page: "Page", shown: Shown, servers: None) -> None:
    page.goto(f"{shown[0]}/p/reviews")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips to the content
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the second example
    page.get_by_text("Was it right?").wait_for()


def test_dark_is_chosen_and_kept(page: "Page", shown: Shown) -> None:
    page.goto(shown[0])
    page.get_by_role("button", name="Colours").click()
    page.wait_for_selector("body.body--dark")
    page.reload()
    page.wait_for_selector("body.body--dark")


def test_a_server_that_ends_is_told_and_so_is_its_return(page: "Page", shown: Shown) -> None:
    address, workspace = shown
    with up(workspace, "marks"):
        page.goto(f"{address}/p/marks/live")
        page.get_by_text("Being worked on").wait_for()
    page.get_by_text("No server runs").wait_for()
    with up(workspace, "marks"):
        page.get_by_text("Being worked on").wait_for()


GIVEN_BY = """([event, bytes]) => {
  const data = new DataTransfer()
  data.items.add(new File([new Uint8Array(bytes)], "white.png", { type: "image/png" }))
  const told = { bubbles: true, cancelable: true }
  const made = event === "drop" ? new DragEvent(event, { ...told, dataTransfer: data })
    : new ClipboardEvent(event, { ...told, clipboardData: data })
  document.querySelector(".om-drop").dispatchEvent(made)
}"""
