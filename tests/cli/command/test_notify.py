"""`--notify`: the repository is told of a promotion, and of nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.deploy.test_dispatch import TOKEN, github_api

from omloop.api import Workspace as Api
from omloop.core import OmloopError
from omloop.loop import Workspace

Say = Callable[..., tuple[int, str, str]]
NAME = "student_performance"


@pytest.fixture
def champion(turned: Workspace, monkeypatch: pytest.MonkeyPatch) -> str:
    """The champion of a workspace whose repository can be told."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "ann/rides")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    return turned.registry(NAME).champion() or ""


def test_a_champion_whose_repository_was_not_told_can_be_told_of_again(
    champion: str, omloop: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    with github_api() as (api, received):
        monkeypatch.setenv("GITHUB_API_URL", api)
        code, out, _ = omloop("promote", NAME, champion[:8], "--notify")
    assert code == 0 and "told ann/rides" in out
    (payload,) = (body["client_payload"] for _, _, body in received)
    assert (payload["project"], payload["version"]) == (NAME, champion)


def test_nobody_is_promoted_where_nobody_could_be_told(
    champion: str, turned: Workspace, omloop: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.delenv("GH_TOKEN", raising=False)
    events = len(turned.registry(NAME).history())
    code, _, err = omloop("promote", NAME, champion, "--force", "--reason", "why", "--notify")
    assert code == 1 and "needs a token" in err
    with pytest.raises(OmloopError, match="needs a token"):
        Api(turned.root, projects=turned.settings.projects).promote(NAME, champion, notify=True)
    assert len(turned.registry(NAME).history()) == events


@pytest.mark.slow
def test_a_turn_tells_of_its_promotion_and_of_nothing_else(
    omloop: Say, omloop_json: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "ann/rides")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    words = ("turn", NAME, "data.rows=600", "--notify", "--markdown", tmp_path / "turn.md")
    with github_api() as (api, received):
        monkeypatch.setenv("GITHUB_API_URL", api)
        first, worse = omloop_json(*words, "model=linear"), omloop_json(*words, "model=mean")
    assert first["promoted"] and not worse["promoted"]
    assert [body["client_payload"]["version"] for _, _, body in received] == [first["version"]]
    assert f"| champion {first['version']} |" in (tmp_path / "turn.md").read_text()


def test_a_turn_elsewhere_tells_nobody(omloop: Say) -> None:
    code, _, err = omloop("turn", NAME, "--on", "local", "--notify")
    assert code == 1 and "--on says elsewhere" in err
