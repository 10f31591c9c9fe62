"""The pages of a workspace over HTTP: each shows what it holds, and no name leads elsewhere."""

from pathlib import Path
from urllib.parse import quote

import pytest
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import NOW, with_champion

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.records.pages import keep_page

PATH = "/projects/tiny/pages"


def test_without_any_the_list_is_empty(workspace: Workspace, client: Client) -> None:
    found = client(with_champion(workspace)).get(PATH).json()
    assert (found["pages"], found["total"]) == ([], 0)


def test_a_page_is_listed_and_shown_without_any_right(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace)
    content = "<h1>page</h1><script>alert(1)</script>"
    assert keep_page("tiny", workspace, "load", content, title="a test", record={})
    routes = client(workspace)
    (found,) = routes.get(PATH).json()["pages"]
    assert (found["title"], found["kind"], found["made"]) == ("a test", "load", NOW)
    page = routes.get(found["url"].removeprefix("/api/v1"))
    assert (page.status_code, page.text) == (200, content)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("sandbox;")
    assert page.headers["x-content-type-options"] == "nosniff"


def test_pages_of_runs_are_among_them_and_all_can_be_opened(
    student: Project, turned: Workspace, client: Client
) -> None:
    assert keep_page(student.name, turned, "data", "page", title="The data", record={})
    routes = client(turned)
    found = routes.get(f"/projects/{student.name}/pages").json()["pages"]
    assert [one["kind"] for one in found] == ["data", "mistakes", "samples"]
    assert found[1]["made"] == found[2]["made"] < found[0]["made"]
    for one in found:
        assert routes.get(one["url"].removeprefix("/api/v1")).status_code == 200
    paged = routes.get(f"/projects/{student.name}/pages?page=2&size=1").json()
    assert paged["total"] == 3 and [one["kind"] for one in paged["pages"]] == ["mistakes"]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.html",
        "..%2fsecret.html",
        "%2e%2e%2fsecret.html",
        "secret.html",
        "load-20270115-080000.json",
        "%00",
    ],
)
def test_no_other_name_leads_to_a_file(name: str, workspace: Workspace, client: Client, tmp_path: Path) -> None:
    workspace = with_champion(workspace)
    assert keep_page("tiny", workspace, "load", "page", title="a test", record={})
    (workspace.pages("tiny").parent / "secret.html").write_text("secret")
    (workspace.pages("tiny") / "secret.html").write_text("secret")
    answer = client(workspace).get(f"{PATH}/{name}")
    assert answer.status_code == 404 and "secret</" not in answer.text
    assert client(workspace).get(f"{PATH}/{quote(name, safe='')}").status_code == 404
