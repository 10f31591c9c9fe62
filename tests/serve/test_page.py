"""The API page in a real browser: fields and body in step, answers drawn, calls that run, and no other host asked."""

import itertools
import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.chromium import CONTRAST, FAULTS

from omloop.bundle import Bundle
from omloop.kinds import Classes
from omloop.serve import Champion, ServerOptions, create_app, running
from omloop.serve.access.guard import Guard
from omloop.serve.access.key_source import KeyRing, KeySource, write_keys
from omloop.serve.access.keys import make_key
from omloop.testing.bundles import IMAGE, tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page

Serving = Callable[..., AbstractContextManager[str]]
CLASSES = ("fail", "pass", "distinction")
HOSTILE = "It's \"good\"\n\\n $HOME `id` é😀 '''"


@pytest.fixture(scope="module")
def shown(browser: "Browser") -> "Page":
    return browser.new_page()


@pytest.fixture
def page(shown: "Page") -> Iterator["Page"]:
    """A page on which nothing goes wrong: no script fails, and nothing breaks the page's own policy."""
    problems: list[str] = []

    def fail(error: object) -> None:
        problems.append(str(error))

    def listen(told: "ConsoleMessage") -> None:
        if "Content Security Policy" in told.text:
            problems.append(told.text)

    shown.on("pageerror", fail)
    shown.on("console", listen)
    yield shown
    shown.remove_listener("pageerror", fail)
    shown.remove_listener("console", listen)
    assert problems == []


@pytest.fixture
def serving() -> Serving:
    @contextmanager
    def start(bundle: Bundle, **options: Any) -> Iterator[str]:
        ids = itertools.count()
        champion = Champion(MemoryVersions(bundle), threads=1)
        app = create_app(
            champion, MemoryPredictions(), new_id=lambda: f"{next(ids):026d}", options=ServerOptions(**options)
        )
        with running(app) as address:
            yield address

    return start


def send(page: "Page") -> Any:
    """Send what is filled in, and give the answer that is shown as JSON."""
    page.get_by_role("button", name="Send").first.click()
    page.get_by_role("heading", name="200 OK").wait_for()
    return without_ids(page.locator(".raw pre").inner_text())


def without_ids(text: str) -> Any:
    answer = json.loads(text)
    for prediction in answer["predictions"]:
        del prediction["id"]
    return answer


def call(page: "Page", name: str, folder: Path, **variables: str) -> Any:
    """Run the call of `name` that the page shows, and give its answer."""
    shown = page.get_by_label(f"{name} call", exact=True).first.inner_text()
    command = ["bash", "-c", shown] if name == "curl" else [sys.executable, "-c", shown]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return without_ids(done.stdout)


def body(page: "Page") -> Any:
    return json.loads(page.get_by_label("Body").first.input_value())


def test_fields_and_body_stay_in_step_and_the_answer_is_drawn(page: "Page", serving: Serving, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with serving(tiny_bundle(0.01, classes=CLASSES)) as address:
        page.goto(f"{address}/docs")
        hours = page.get_by_label("hours")
        assert [hours.get_attribute(name) for name in ("type", "min", "max", "step")] == ["number", "0", "24", "any"]
        assert page.get_by_label("age").get_attribute("step") == "1"
        hours.fill("3.5")
        page.get_by_label("sex").select_option("f")
        assert body(page) == {"rows": [{"hours": 3.5, "age": 19, "sex": "f"}]}
        answer = send(page)
        drawn = page.locator(".answer")
        assert drawn.locator(".big").inner_text() == answer["predictions"][0]["label"] == "distinction"
        assert drawn.locator(".bars span").all_inner_texts()[0::2] == ["distinction", "pass", "fail"]
        assert call(page, "curl", tmp_path) == call(page, "Python", tmp_path) == answer
        page.get_by_label("proba").select_option("false")
        answer = send(page)
        assert answer["predictions"] == [{"label": "distinction"}] and page.locator(".bars").count() == 0
        assert call(page, "curl", tmp_path) == call(page, "Python", tmp_path) == answer
        assert all(url.startswith(address) for url in asked)


def test_many_rows_are_written_beside_the_fields_of_one(page: "Page", serving: Serving) -> None:
    rows = [{"hours": 1, "age": 20, "sex": "f"}, {"hours": 2, "age": 21, "sex": "m"}]
    with serving(tiny_bundle()) as address:
        page.goto(f"{address}/docs")
        page.get_by_label("Body").first.fill(json.dumps({"rows": rows}))
        page.get_by_label("Row", exact=True).fill("2")
        page.get_by_label("Row", exact=True).press("Tab")
        assert page.get_by_label("hours").input_value() == "2" and page.get_by_label("sex").input_value() == "1"
        page.get_by_role("button", name="Add a row").click()
        page.get_by_label("age").fill("22")
        assert body(page) == {"rows": [*rows, {**rows[1], "age": 22}]}
        assert [one["value"] for one in send(page)["predictions"]] == [41, 47, 49]
        assert page.locator(".answer .big").all_inner_texts()[2] == "49 score in points"
        page.get_by_label("Body").first.fill("{")
        assert "not JSON yet" in page.inner_text("body")
        assert page.get_by_label("age").input_value() == "22"


def test_what_was_wrong_stands_beside_the_field(page: "Page", serving: Serving) -> None:
    rows = [{"hours": 1, "age": 20, "sex": "f"}, {"hours": 99, "age": 20, "sex": "f"}]
    with serving(tiny_bundle()) as address:
        page.goto(f"{address}/docs")
        page.get_by_label("Body").first.fill(json.dumps({"rows": rows}))
        page.get_by_role("button", name="Send").first.click()
        page.get_by_text("rows[1].hours: 99 is not accepted").wait_for()
        hours = page.get_by_label("hours")
        assert hours.input_value() == "99" and hours.get_attribute("aria-invalid") == "true"
        assert "from 0 to 24" in page.locator(f"#{hours.get_attribute('aria-errormessage')}").inner_text()
        assert hours.evaluate("one => one === document.activeElement")
        hours.fill("9")
        assert hours.get_attribute("aria-invalid") is None


def test_a_text_goes_through_page_and_calls_unchanged(page: "Page", serving: Serving, tmp_path: Path) -> None:
    with serving(tiny_text_bundle()) as address:
        page.goto(f"{address}/docs")
        page.get_by_label("review").fill(HOSTILE)
        assert body(page) == {"rows": [{"review": HOSTILE}]}
        page.get_by_label("explain").select_option("observe")
        answer = send(page)
        assert answer["predictions"][0]["label"] == "positive" and "Observed" in page.inner_text(".answer")
        assert call(page, "curl", tmp_path) == call(page, "Python", tmp_path) == answer
        for media_type, text in (("text/plain", HOSTILE), ("text/csv", "review\ngood 'one'\nbad\n")):
            page.get_by_label("Content type").first.select_option(media_type)
            page.get_by_label("Body").first.fill(text)
            assert call(page, "curl", tmp_path) == call(page, "Python", tmp_path) == send(page)


def test_pictures_are_chosen_shown_and_sent_in_every_way(page: "Page", serving: Serving, tmp_path: Path) -> None:
    (row,) = IMAGE.render(IMAGE.edges()[1:2])
    name = 'it\'s "white".png'
    (tmp_path / name).write_bytes(b64decode(str(row["image"])))
    with serving(tiny_image_bundle()) as address:
        page.goto(f"{address}/docs")
        for media_type, label in (
            ("multipart/form-data", "image"),
            ("image/png", "file"),
            ("application/json", "image"),
        ):
            page.get_by_label("Content type").first.select_option(media_type)
            page.get_by_label(label, exact=True).first.set_input_files(tmp_path / name)
            page.locator(".pictures img").wait_for()
            if media_type == "application/json":
                page.wait_for_function(
                    "text => document.querySelector('textarea').value.includes(text)", arg=row["image"]
                )
            answer = send(page)
            assert answer["predictions"] == [{"value": 255}]
            assert call(page, "curl", tmp_path) == call(page, "Python", tmp_path) == answer
            page.reload()


def test_what_a_class_means_stands_beside_it(page: "Page", serving: Serving, tmp_path: Path) -> None:
    (row,) = IMAGE.render(IMAGE.edges()[1:2])
    (tmp_path / "white.png").write_bytes(b64decode(str(row["image"])))
    tones = Classes("tone", ("dark", "light"), meanings={"light": "much <white>"})
    with serving(tiny_image_bundle(0.1, outputs=tones)) as address:
        page.goto(f"{address}/docs")
        page.get_by_label("image", exact=True).first.set_input_files(tmp_path / "white.png")
        assert send(page)["predictions"][0]["label"] == "light"
        assert page.locator(".big").inner_text() == "light much <white>"
        assert page.locator(".bars small").all_inner_texts() == ["much <white>"]


def test_several_pictures_are_several_rows(page: "Page", serving: Serving) -> None:
    pictures = IMAGE.render(IMAGE.edges()[:2])
    files: list[FilePayload] = [
        {"name": f"{place}.png", "mimeType": "image/png", "buffer": b64decode(str(one["image"]))}
        for place, one in enumerate(pictures)
    ]
    with serving(tiny_image_bundle()) as address:
        page.goto(f"{address}/docs")
        page.get_by_label("image").first.set_input_files(files)
        assert [one["value"] for one in send(page)["predictions"]] == [0, 255]
        page.locator(".pictures img").nth(1).wait_for()
        assert "-F 'image=@\"1.png\"'" in page.get_by_label("curl call", exact=True).first.inner_text()


def test_a_large_body_is_read_from_a_file_by_the_calls(page: "Page", serving: Serving, tmp_path: Path) -> None:
    rows = [{"hours": 1, "age": 20, "sex": "f"}] * 3000
    with serving(tiny_bundle()) as address:
        page.goto(f"{address}/docs")
        page.get_by_label("Body").first.fill(json.dumps({"rows": rows}))
        assert "Save the body as body.json first." in page.inner_text("body")
        (tmp_path / "body.json").write_text(page.get_by_label("Body").first.input_value())
        assert call(page, "curl", tmp_path) == call(page, "Python", tmp_path) == send(page)
        assert "2976 more are in the answer" in page.inner_text("body")


def test_a_key_is_asked_for_and_the_calls_name_its_variable_alone(
    page: "Page", serving: Serving, tmp_path: Path
) -> None:
    made, path = make_key(["read", "predict"], "", ""), tmp_path / "keys.jsonl"
    write_keys(path, [made.key])
    guard = Guard(keys=KeyRing(KeySource(path)))
    guard.refresh()
    with serving(tiny_bundle(), guard=guard) as address:
        page.goto(f"{address}/docs")
        for given in ("wrong", made.secret):
            page.get_by_label("asks for a key").fill(given)
            page.get_by_role("button", name="Show the API").click()
            page.get_by_text("is not known here" if given == "wrong" else "Predict one or many rows").wait_for()
        answer = send(page)
        assert made.secret not in page.content()
        for name in ("curl", "Python"):
            assert call(page, name, tmp_path, OMLOOP_API_KEY=made.secret) == answer


def test_it_works_behind_a_path_of_a_proxy(page: "Page", serving: Serving) -> None:
    with serving(tiny_bundle()) as address:
        page.route(
            "**/models/tiny/**",
            lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace("/models/tiny", ""))),
        )
        page.goto(f"{address}/models/tiny/docs")
        assert send(page)["predictions"] == [{"value": 53}]
        assert f"{address}/models/tiny/v1/predict" in page.get_by_label("curl call", exact=True).first.inner_text()
        page.unroute_all()


def test_every_other_address_can_be_asked_too(page: "Page", serving: Serving) -> None:
    with serving(tiny_bundle()) as address:
        page.goto(f"{address}/docs")
        for path, words in (("/v1/model", "tiny"), ("/metrics", "omloop_requests_total")):
            one = page.locator("details", has=page.get_by_text(path, exact=True))
            one.locator("summary").first.click()
            one.get_by_role("button", name="Send").click()
            one.locator(".raw pre", has_text=words).wait_for(timeout=5000)
        one = page.locator("details", has=page.get_by_text("/v1/predictions/{id}", exact=True))
        one.locator("summary").first.click()
        one.get_by_role("button", name="Send").click()
        assert one.get_by_label("id", exact=True).get_attribute("aria-invalid") == "true"
        assert "is a part of the address" in one.inner_text()


def test_it_is_whole_readable_and_labelled_on_any_screen(page: "Page", serving: Serving) -> None:
    for bundle in (tiny_bundle(0.01, classes=CLASSES), tiny_image_bundle(), tiny_text_bundle()):
        with serving(bundle) as address:
            page.goto(f"{address}/docs")
            page.get_by_role("button", name="Send").wait_for()
            page.evaluate("document.querySelectorAll('main > details').forEach((one) => { one.open = true })")
            page.wait_for_function("document.querySelectorAll('form').length === 9")
            for width in (1440, 1280, 1024, 390):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert page.evaluate(FAULTS) == []
            unnamed = "all => all.filter(one => !one.labels.length).length"
            assert page.eval_on_selector_all("input, select, textarea", unnamed) == 0
            page.emulate_media(color_scheme="dark")
            assert page.evaluate(CONTRAST) >= 4.5
            page.emulate_media(color_scheme="light")
            assert page.evaluate(CONTRAST) >= 4.5


def test_names_of_columns_are_never_read_as_html(page: "Page", serving: Serving) -> None:
    with serving(tiny_bundle(classes=("<img src=x onerror=alert(1)>", "<script>alert(1)</script>"))) as address:
        page.goto(f"{address}/docs")
        send(page)
        assert "<script>" in page.inner_text(".answer") and page.locator(".answer :is(img, script)").count() == 0


def test_it_is_used_by_keyboard_alone(page: "Page", serving: Serving) -> None:
    with serving(tiny_bundle()) as address:
        page.goto(f"{address}/docs")
        page.get_by_label("hours").focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("2")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="200 OK").wait_for()
        assert page.locator(".answer .big").inner_text() == "43 score in points"
