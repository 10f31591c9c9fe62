"""Real projects, turned, served and watched by real processes, and steered by a person in a real browser."""

import base64
import importlib
import io
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
from PIL import Image
from tests.chromium import FAULTS
from tests.ui.apart import page_apart

from omloop.loop import Workspace
from omloop.loop.serving.server_process import command_apart, places_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PROJECTS = Path(__file__).parents[2] / "projects"
PAGES = ("", "/live", "/drift", "/versions", "/runs", "/more")
BATCH = 50
Real = tuple[str, Workspace]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """A page over three projects that were turned: a table with two versions and runs, pictures, texts."""
    folder = tmp_path_factory.mktemp("real")
    workspace = Workspace.of(workspace=str(folder / "ws"), projects=str(PROJECTS))
    for name in ("student_performance", "faces", "imdb"):
        omloop(workspace, "turn", name, "experiment=quick", "promote=auto")
    omloop(workspace, "turn", "student_performance", "experiment=quick", "seed=2")
    with page_apart(folder / "here", *places_of(workspace)) as apart:
        yield apart.address, workspace
        told = apart.log.read_text()
    assert "Traceback" not in told, told


def omloop(workspace: Workspace, *words: str) -> None:
    """A command, in a process of its own."""
    line = [sys.executable, "-m", "omloop", *words, *places_of(workspace)]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=600)
    assert ended.returncode == 0, ended.stderr


@contextmanager
def serving(workspace: Workspace, name: str) -> Iterator[str]:
    """`omloop serve`, on a free port."""
    with command_apart(["serve", name, "--port", "0", *places_of(workspace)], {}, quiet=True) as (address, _):
        yield address


def send(workspace: Workspace, address: str, name: str, rows: int, *, seed: int, drift: float) -> None:
    """Ask for the answers to simulated records, and tell what is true of each."""
    columns = importlib.import_module(f"projects.{name}.simulate").simulate(rows, seed, drift)
    registry = workspace.registry(name)
    bundle = registry.load(registry.require_champion())
    fields, target = set(bundle.kind.fields), bundle.manifest.outputs["name"]
    records = [{key: plain(values[at]) for key, values in columns.items()} for at in range(rows)]
    for begin in range(0, rows, BATCH):
        part = records[begin : begin + BATCH]
        asked = {"rows": [{key: value for key, value in one.items() if key in fields} for one in part]}
        found = httpx.post(f"{address}/v1/predict", json=asked, timeout=60).raise_for_status().json()["predictions"]
        labels = [{"id": one["id"], "label": record[target]} for one, record in zip(found, part, strict=True)]
        httpx.post(f"{address}/v1/feedback", json={"labels": labels}).raise_for_status()


def plain(value: Any) -> Any:
    """A value as JSON has it: a picture in base64."""
    if isinstance(value, np.ndarray):
        return base64.b64encode(picture(value)).decode()
    return value.item() if isinstance(value, np.generic) else value


def picture(pixels: Any) -> bytes:
    """Pixels as a PNG."""
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def person(browser: "Browser") -> Iterator["Page"]:
    """A page of a browser, in which no script fails."""
    context, faults = browser.new_context(viewport={"width": 1280, "height": 900}), list[str]()
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def feedback(person: "Page", address: str, name: str, label: str) -> None:
    """Tell what is true of the answer that is shown, and see it counted."""
    asked = person.get_by_label("It really is")
    person.get_by_role("button", name=label).click()
    if asked.evaluate("one => one.tagName") == "SELECT":
        asked.select_option(index=1)
    else:
        asked.fill("55")
    person.get_by_role("button", name="Send").click()
    person.get_by_text("It counts from now on").wait_for()
    person.goto(f"{address}/p/{name}/live")
    person.get_by_text("answers have a label").or_(person.get_by_text("labels of the newest")).wait_for()


def test_a_table_is_tried_watched_and_steered(person: "Page", real: Real) -> None:
    address, workspace = real
    name, home = "student_performance", f"{address}/p/student_performance"
    registry = workspace.registry(name)
    champion, other = registry.require_champion(), registry.versions()[-1]
    with serving(workspace, name) as server:
        person.goto(home)
        person.get_by_role("button", name="Example 2", exact=True).click()
        feedback(person, address, name, "Tell what it really was")
        send(workspace, server, name, 600, seed=7, drift=0.0)
        omloop(workspace, "watch", name, "--once")
        person.goto(f"{home}/drift")
        person.get_by_text("Nothing moved").wait_for()
        send(workspace, server, name, 600, seed=8, drift=1.0)
        omloop(workspace, "watch", name, "--once")
        person.reload()
        person.get_by_text("It hurts: the model got worse than in its test.").wait_for()
        assert person.get_by_text("Nothing moved").count() == 0
        person.goto(f"{home}/live")
        person.get_by_role("heading", name="How often is it right?").wait_for()
        person.goto(address)
        person.get_by_role("row").filter(has_text=name).get_by_text("drift").first.wait_for()
        person.goto(f"{home}/more")
        person.get_by_role("heading", name="Alerts").wait_for()
        promote(person, home, other)
        assert workspace.registry(name).champion() == other
        roll_back(person, home)
        assert workspace.registry(name).champion() == champion
        person.goto(f"{home}/versions?a={champion}&b={other}")
        person.get_by_role("heading", name="Scores").wait_for()
        person.goto(f"{home}/runs")
        for box in person.get_by_role("checkbox").all()[:2]:
            box.check()
        person.get_by_role("button", name="Compare the chosen runs").click()
        person.get_by_role("heading", name="Runs side by side").wait_for()
        person.goto(f"{home}/live")
        person.get_by_text("Being worked on").wait_for()
    person.get_by_text("No server runs").or_(person.get_by_text("The server is down")).wait_for()
    with serving(workspace, name):
        person.get_by_text("Being worked on").wait_for()


def promote(person: "Page", home: str, version: str) -> None:
    """Put a version in charge, whatever the gate said."""
    person.goto(f"{home}/versions?v={version}")
    person.get_by_role("button", name="Put it in charge").click()
    person.get_by_label("Why").fill("it is tried")
    person.get_by_role("button", name="Promote").click()
    person.get_by_text("It is in charge now").wait_for()


def roll_back(person: "Page", home: str) -> None:
    """Put the champion before in charge again."""
    person.goto(f"{home}/versions")
    person.get_by_role("button", name="Roll back to an earlier champion").click()
    person.get_by_label("Why").fill("it was better")
    person.get_by_role("button", name="Roll back", exact=True).click()
    person.get_by_role("cell", name="it was better").first.wait_for()


def test_a_picture_is_tried_and_drifting_ones_are_seen(person: "Page", real: Real) -> None:
    address, workspace = real
    drawn: Mapping[str, Any] = importlib.import_module("projects.faces.simulate").simulate(1, 3, 0.0)
    pixels = next(values[0] for values in drawn.values() if isinstance(values[0], np.ndarray))
    given: FilePayload = {"name": "face.png", "mimeType": "image/png", "buffer": picture(pixels)}
    with serving(workspace, "faces") as server:
        person.goto(f"{address}/p/faces")
        person.locator("input[type=file]").set_input_files(given)
        person.get_by_text("Was it right?").wait_for()
        feedback(person, address, "faces", "Wrong, it is …")
        assert person.locator("img.om-thumb").count() >= 1
        send(workspace, server, "faces", 300, seed=7, drift=0.0)
        send(workspace, server, "faces", 300, seed=8, drift=1.0)
        omloop(workspace, "watch", "faces", "--once")
        person.goto(f"{address}/p/faces/drift")
        person.get_by_role("heading", name="Every column").wait_for()
        assert person.get_by_text("Nothing moved").count() == 0


def test_a_text_is_tried_and_drifting_ones_are_seen(person: "Page", real: Real) -> None:
    address, workspace = real
    with serving(workspace, "imdb") as server:
        person.goto(f"{address}/p/imdb")
        person.get_by_role("textbox").fill("What a wonderful film! The plot was superb, <b>really</b> moving.")
        person.get_by_role("button", name="Ask the model").click()
        person.get_by_text("Was it right?").wait_for()
        feedback(person, address, "imdb", "Wrong, it is …")
        send(workspace, server, "imdb", 400, seed=7, drift=0.0)
        send(workspace, server, "imdb", 400, seed=8, drift=1.0)
        omloop(workspace, "watch", "imdb", "--once")
        person.goto(f"{address}/p/imdb/drift")
        person.get_by_role("heading", name="Every column").wait_for()
        assert person.get_by_text("Nothing moved").count() == 0


def test_every_page_of_a_real_project_fits_a_phone(browser: "Browser", real: Real) -> None:
    address, workspace = real
    page = browser.new_page(viewport={"width": 390, "height": 844})
    version = workspace.registry("student_performance").versions()[-1]
    paths = ["/", *(f"/p/{name}{one}" for name in ("student_performance", "faces", "imdb") for one in PAGES)]
    for path in [*paths, f"/p/student_performance/versions?v={version}"]:
        page.goto(address + path)
        page.locator("#main :is(h1, h2)").first.wait_for()
        assert page.get_by_text("This page cannot be shown").count() == 0, path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.evaluate(FAULTS) == [], path
    page.close()
