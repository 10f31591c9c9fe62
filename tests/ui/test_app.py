"""The page in a process of its own, as a platform asks it."""

import httpx

from omloop.loop import Workspace


def test_a_platform_learns_that_the_page_runs(shown: tuple[str, Workspace]) -> None:
    answer = httpx.get(f"{shown[0]}/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_a_name_that_was_made_to_lead_to_the_page_is_refused(shown: tuple[str, Workspace]) -> None:
    answer = httpx.get(f"{shown[0]}/healthz", headers={"Host": "rebound.example"})
    assert answer.status_code == 421
    assert "hosts" in answer.text
