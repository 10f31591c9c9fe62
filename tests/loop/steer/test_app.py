"""Who may ask, and what every route has in common."""

from tests.loop.steer.conftest import Client

from omloop import __version__
from omloop.loop import Workspace


def test_it_says_what_answers_and_that_it_may_be_changed(workspace: Workspace, client: Client) -> None:
    found = client(workspace, by="ada").get("").json()
    assert found == {"workspace": "ws", "version": __version__, "writable": True, "why_not": "", "by": "ada"}


def test_projects_with_a_folder_are_listed_without_running_their_code(workspace: Workspace, client: Client) -> None:
    found = client(workspace).get("/projects").json()["projects"]
    assert {"name": "student_performance", "champion": None} in found
