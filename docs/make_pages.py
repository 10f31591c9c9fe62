"""Take the screenshots of the web page that the documentation shows: make_pages.py [docs|look]

Makes a workspace in a temporary folder, serves it, sends it simulated traffic that drifts, and looks at every page.
Then it goes the way of somebody who has never programmed, from the address to a reported mistake, and times each step.
`look` takes pages whole and at each width, into the folder `pages-looked-at`, for somebody to look at.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from PIL import Image

import omloop
from omloop.core import Settings
from omloop.loop.project.discover import find_project

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the browser of the tests
IMAGES, LOOKED_AT = ROOT / "docs" / "images" / "ui", Path("pages-looked-at")
WIDTHS = {"docs": (1440, 390), "look": (1440, 1024, 390)}
TALLEST = {1440: 1500, 1024: 860, 390: 1300}
"""Pixels of a page that the documentation shows."""
TURNS = (
    ("student_performance", "model=boosting"),
    ("student_performance", "model=linear"),
    ("imdb", "model=bag_of_words"),
    ("skin_lesion", "model=baseline_cnn"),
)
QUALITY = 72
BATCH = 200


def main(what: str = "docs") -> None:
    """Make the workspace, and look at it."""
    for folder in (IMAGES, *([LOOKED_AT] if what == "look" else [])):
        folder.mkdir(parents=True, exist_ok=True)
    from tests.chromium import chromium

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        workspace = omloop.Workspace(folder, projects=ROOT / "projects")
        for name, *overrides in TURNS:
            workspace.turn(name, *overrides)
        servers = {name: stack.enter_context(workspace.serve(name)).url for name in {name for name, *_ in TURNS}}
        _send_traffic(workspace, servers["student_performance"])
        address, browser = stack.enter_context(workspace.ui()), stack.enter_context(chromium())
        _take_pages(browser, address, what)
        _walk(browser, address)


def _send_traffic(workspace: omloop.Workspace, server: str) -> None:
    """Traffic as the data was, then as it was not, each with its labels and a look of the watch."""
    project = find_project("student_performance", Settings(projects=str(ROOT / "projects")))
    for seed, drift in ((11, 0.0), (12, 0.0), (13, 1.0)):
        columns = project.simulate(1_000, seed, drift)
        rows = project.inputs.render(project.inputs.encode(columns))
        for begin in range(0, len(rows), BATCH):
            answers = _post(f"{server}/v1/predict", {"rows": rows[begin : begin + BATCH]})["predictions"]
            truth = [float(value) for value in columns[project.target][begin : begin + BATCH]]
            labels = [{"id": one["id"], "label": label} for one, label in zip(answers, truth, strict=True)]
            _post(f"{server}/v1/feedback", {"labels": labels})
        workspace.alerts("student_performance")


def _post(url: str, body: dict[str, Any]) -> Any:
    return httpx.post(url, json=body, timeout=60.0).raise_for_status().json()


def _take_pages(browser: "Browser", address: str, what: str) -> None:
    students = f"{address}/p/student_performance"
    for width in WIDTHS[what]:
        with _window(browser, width) as page:
            _visit(page, address)
            _keep(page, "home", width, what)
            _visit(page, students)
            page.get_by_role("button", name="Example 2", exact=True).click()
            page.get_by_role("heading", name="What it hangs on").wait_for()
            _keep(page, "try-table", width, what)
            _keep_answer(page, "why-table", width, what)
            _visit(page, f"{address}/p/imdb")
            page.get_by_role("button", name="Example 1", exact=True).click()
            page.get_by_text("Was it right?").wait_for()
            _keep(page, "try-text", width, what)
            _keep_answer(page, "why-text", width, what)
            _visit(page, f"{address}/p/skin_lesion")
            page.get_by_role("button", name="Example 3", exact=True).click()
            page.get_by_text("Was it right?").wait_for()
            _keep(page, "try-picture", width, what)
            for name in ("live", "drift", "versions", "runs", "more"):
                _visit(page, f"{students}/{name}")
                page.wait_for_timeout(2_500 if name == "live" else 600)
                _keep(page, name, width, what)
            page.goto(f"{students}/versions")
            page.get_by_role("button", name="Compare", exact=True).click()
            page.get_by_role("heading", name="Answers that differ").wait_for()
            _keep(page, "compare", width, what)
    with _window(browser, 1440, dark=True) as page:
        _visit(page, f"{students}/drift")
        page.wait_for_timeout(600)
        _keep(page, "drift-dark", 1440, what)


def _walk(browser: "Browser", address: str) -> None:
    """From the address to an answer that is understood, and a mistake that is reported."""
    with _window(browser, 1024) as page:
        began = time.perf_counter()
        steps: list[tuple[str, Any]] = [
            ("open the address", lambda: _visit(page, address)),
            ("choose a project", lambda: page.get_by_role("link", name="skin_lesion").click()),
            ("take an example", lambda: page.get_by_role("button", name="Example 3", exact=True).click()),
            ("read the answer", lambda: page.get_by_text("Was it right?").wait_for()),
            ("say that it is wrong", lambda: page.get_by_role("button", name="Wrong, it is …").click()),
            ("choose what is true", lambda: page.get_by_label("It really is").select_option(index=1)),
            ("send it", lambda: page.get_by_role("button", name="Send").click()),
            ("see that it counts", lambda: page.get_by_text("It counts from now on").wait_for()),
        ]
        for number, (words, act) in enumerate(steps, start=1):
            act()
            page.wait_for_timeout(300)
            _keep(page, f"walk-{number}", 1024, "walk")
            sys.stdout.write(f"{number} {words}: after {time.perf_counter() - began:.1f} s\n")


@contextmanager
def _window(browser: "Browser", width: int, *, dark: bool = False) -> Iterator["Page"]:
    context = browser.new_context(
        viewport={"width": width, "height": 860}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def _visit(page: "Page", address: str) -> None:
    page.goto(address)
    page.wait_for_selector("h1")
    page.wait_for_timeout(400)


def _keep_answer(page: "Page", name: str, width: int, what: str) -> None:
    """The answer alone, with what it hangs on."""
    if width == WIDTHS[what][0]:
        _keep_picture(page.get_by_label("the answer", exact=True).screenshot(), name, width, what)


def _keep(page: "Page", name: str, width: int, what: str) -> None:
    if what != "walk":
        page.evaluate("scrollTo(0, 0)")  # the head of the page stays in sight while one scrolls
    _keep_picture(page.screenshot(full_page=what != "walk"), name, width, what)


def _keep_picture(shot: bytes, name: str, width: int, what: str) -> None:
    taken = Image.open(BytesIO(shot))
    if what == "look":
        taken.save(LOOKED_AT / f"{name}-{width}.png")
    else:
        shown = taken.crop((0, 0, taken.width, min(taken.height, TALLEST[width])))
        shown.save(IMAGES / f"{name}-{width}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main(*sys.argv[1:])
