"""What the page does with what nobody should give it: files, addresses, names with scripts in them."""

import html
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.ui.apart import page_apart
from tests.ui.shown import Asked, Visit, give, of_project, press, tiny_workspace
from tests.ui.test_browser import up

from omloop.bundle import Bundle
from omloop.core import Annotation
from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle
from omloop.ui.parts.files import FileInput

if TYPE_CHECKING:
    from nicegui.testing import User
    from playwright.sync_api import Browser, Dialog

Shown = tuple[str, Workspace]
SCRIPT = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
HEAD = b"hours,age,sex\n"
NOTHING = "There is nothing here"
ADDRESSES = [
    ("/nowhere", NOTHING),
    ("/p/nowhere", NOTHING),
    ("/p/marks/nowhere", NOTHING),
    ("/p/" + "x" * 5_000, NOTHING),
    ("/p/%00", NOTHING),
    ("/p/%2e%2e%2f%2e%2e", NOTHING),
    ("/p/marks/versions?v=zzzz", NOTHING),
    ("/p/marks/versions?v=..", NOTHING),
    ("/p/marks/versions?v=compare%3Fa=1", NOTHING),
    ("/p/marks/versions?a=x&b=y", NOTHING),
    ("/p/marks/versions?page=-1", "Versions"),
    ("/p/marks/versions?page=1000000000", "no such page of the list"),
    ("/p/marks/versions?page=x", "Versions"),
    ("/p/marks/runs?r=nowhere", NOTHING),
    ("/p/marks/runs?run=a&run=b", NOTHING),
    ("/p/marks/more?report=..%2F..%2Fkeys", NOTHING),
    ("/p/marks/more?report=..", NOTHING),
    ("/p/marks/live?id=..%2F..", "Live"),
    ("/p/marks/live?id=%3Cb%3E", "Live"),
]
TABLES = [
    (b"", "holds no row"),
    (HEAD, "holds no row"),
    ("hours,age,sex\n1,20,ü\n".encode("latin-1"), "is not UTF-8"),
    ("hours,age,sex\n1,20,f\n".encode("utf-16"), "is not UTF-8"),
    (HEAD.replace(b",", b";") + b"1;20;f\n", "is not a column of this model"),
    (HEAD + b"1,20\n", "has 2 fields, the header has 3"),
    (HEAD + b'"1,20,f\n', "ends within a quoted field"),
    (HEAD + b"1,20,f\n" * 100_000, "100,000 rows are too many"),
    (b"\0\0\0", "holds no row"),
]


@pytest.mark.parametrize(("path", "told"), ADDRESSES)
def test_an_address_of_nothing_is_told_on_a_page(shown: Shown, path: str, told: str) -> None:
    answer = httpx.get(shown[0] + path, headers={"Accept": "text/html"})
    words = html.unescape(answer.text)
    assert told in words and "This page cannot be shown" not in words
    assert "Traceback" not in words and str(shown[1].root) not in words


def test_a_file_that_is_not_there_is_told_in_a_line(shown: Shown) -> None:
    answer = httpx.get(f"{shown[0]}/static/../../pyproject.toml")
    assert (answer.status_code, answer.text) == (404, "There is nothing here.\n")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(shown: Shown) -> None:
    with up(shown[1], "marks"):
        path = file_address(shown[0])
    some = b"F4240\r\n" + bytes(1_000_000) + b"\r\n"
    for head, begin in ((b"Content-Length: 200000000", b""), (b"Transfer-Encoding: chunked", some * 33)):
        with socket.create_connection(("127.0.0.1", int(shown[0].rpartition(":")[2])), timeout=20) as line:
            line.sendall(b"POST %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n%s" % (path.encode(), head, begin))
            answer = line.recv(65_536)  # while the rest was not sent
        assert answer.startswith(b"HTTP/1.1 413")
    assert httpx.post(f"{shown[0]}/files/nobody", content=b"x").status_code == 404


def file_address(address: str) -> str:
    """Where a page of the project takes a file."""
    found = re.search(r"/files/[\w-]+", httpx.get(f"{address}/p/marks").text)
    assert found
    return found[0]


@pytest.mark.parametrize(("content", "told"), TABLES, ids=[told for _, told in TABLES])
def test_a_table_that_is_none_is_told_in_the_servers_words(
    visit: Visit, asked: Asked, content: bytes, told: str
) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        await give(user, FileInput, "rows.csv", content)
        await user.should_see(told)

    visit(walk)


def test_empty_lines_of_a_file_leave_each_answer_beside_its_row(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        await give(user, FileInput, "rows.csv", b"hours,age,sex\r\n1,20,f\r\n\r\n2,20,m\r\n\r\n")
        press(user, "Save all answers as a file")
        lines = (await user.download.next()).text.splitlines()
        assert [line.rpartition(",")[0] for line in lines[1:]] == ["1,20,f,41.0", "2,20,m,45.0"]

    visit(walk)


@contextmanager
def scripted(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A page over a project whose every word is a script; gives its address, and the paths of its pages."""
    workspace = tiny_workspace(folder / "ws")
    registry, bundle = workspace.registry("odd"), of_project("odd", tiny_bundle(classes=(SCRIPT, "ok")))
    lineage = replace(bundle.manifest.lineage, model=SCRIPT, data_source=SCRIPT)
    other = Bundle.seal(replace(bundle.manifest, lineage=lineage, caution=SCRIPT), bundle.files)
    versions = [registry.add(one, by=SCRIPT) for one in (bundle, other)]
    registry.promote(versions[1], expected=None, by=SCRIPT, reason=SCRIPT, insist=True)
    runs = [run_of_scripts(workspace, number) for number in range(2)]
    with page_apart(folder / "here", "--workspace", str(workspace.root)) as apart, up(workspace, "odd"):
        yield (
            apart.address,
            [
                "/",
                "/p/odd",
                "/p/odd/versions",
                f"/p/odd/versions?v={versions[1]}",
                f"/p/odd/versions?a={versions[0]}&b={versions[1]}",
                "/p/odd/runs",
                f"/p/odd/runs?r={runs[0]}",
                f"/p/odd/runs?run={runs[0]}&run={runs[1]}",
                f"/p/odd/more?report={runs[0]}-mistakes.html",
                f"/p/odd/runs?q={SCRIPT}&tag={SCRIPT}",
                f"/p/odd/live?id={SCRIPT}",
                "/p/odd/live",
            ],
        )


def run_of_scripts(workspace: Workspace, number: int) -> str:
    """A run whose numbers, tags, notes, settings and files are scripts."""
    run = workspace.tracker().start("odd", f"seed: {number}\nname: '<img src=x onerror=alert(3)>{number}'\n", {})
    for step in range(3):
        run.log(step, {f"mlp/{SCRIPT}": 1.0 + step})
    run.keep("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"><script>alert(5)</script></svg>')
    run.keep("mistakes.html", b"<h1>a page</h1><script>alert(6)</script><img src=x onerror=alert(7)>")
    run.keep("<img src=x onerror=alert(8)>.txt", b"words")
    run.finish("finished", {"kind": "turn", "metrics": {SCRIPT: 0.5}, "model": SCRIPT, "reason": SCRIPT})
    workspace.tracker().annotate("odd", run.name, Annotation({SCRIPT: SCRIPT}, SCRIPT))
    return run.name


@pytest.mark.slow
def test_no_word_of_a_project_is_a_script(browser: "Browser", tmp_path: Path) -> None:
    page, said = browser.new_page(), list[str]()

    def hear(dialog: "Dialog") -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    with scripted(tmp_path) as (address, paths):
        page.goto(f"{address}/p/odd")
        page.get_by_role("button", name="Example 1", exact=True).click()
        page.get_by_role("button", name="Wrong, it is …").click()
        page.get_by_role("combobox", name="It really is").select_option(index=1)
        page.get_by_role("button", name="Send").click()
        page.get_by_text("It counts from now on").wait_for()
        for path in paths:
            page.goto(address + path)
            page.locator("#main :is(h1, h2, iframe)").first.wait_for()
            for one in page.locator("summary").all():
                one.click()
            page.wait_for_timeout(200)
            assert page.locator("img[src=x]").count() == 0, path
            assert page.get_by_text("This page cannot be shown").count() == 0, path
    assert said == []
