"""Every page but Try it, as a person sees it on the page in this process: what is there, and what is not there yet."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.ui.shown import Asked, Visit, of_project, press, send

from omloop.core import Annotation, Project
from omloop.loop import Workspace
from omloop.loop.records.pages import keep_page
from omloop.loop.watch.watch import watch_once
from omloop.testing.bundles import tiny_sure_bundle

if TYPE_CHECKING:
    from nicegui.testing import User


def test_home_lists_every_project_with_what_serves(visit: Visit, asked: Asked) -> None:
    async def walk(user: "User") -> None:
        await user.open("/")
        for name in ("marks", "tones", "reviews"):
            await user.should_see(f">{name}</a>")
        await user.should_see("not watched yet")

    visit(walk)


def test_home_without_a_project_says_how_to_begin(visit: Visit, asked: Asked) -> None:
    asked.workspace = replace(asked.workspace, settings=replace(asked.workspace.settings, workspace="/nowhere/at/all"))
    asked.workspace = replace(asked.workspace, settings=replace(asked.workspace.settings, projects="/nowhere"))

    async def walk(user: "User") -> None:
        await user.open("/")
        await user.should_see("There is no project yet")
        await user.should_see("omloop demo")

    visit(walk)


def test_live_without_a_server_shows_what_was_answered_before(visit: Visit, asked: Asked) -> None:
    async def walk(user: "User") -> None:
        await user.open("/p/marks/live")
        await user.should_see("No server runs")
        await user.should_see("Nothing was asked yet")

    visit(walk)


def test_live_shows_a_prediction_by_its_id(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        send(user, "Ask the model", hours=2, age=20, sex="m")
        await user.should_see("45.0 points")
        log = asked.workspace.predictions("marks")
        wanted = log.window(newest=1).predictions[0].id
        log.close()
        await user.open(f"/p/marks/live?id={wanted}")
        await user.should_see(f"Prediction {wanted}")
        await user.open("/p/marks/live?id=nobody")
        await user.should_see("nobody")

    visit(walk)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("drift", "Not watched yet"),
        ("runs", "No run yet"),
        ("more", "Nothing rings"),
        ("versions?v=abcdef", "There is nothing here"),
        ("runs?r=nobody", "There is nothing here"),
        ("versions?page=99", "There is no such page"),
        ("more?report=../../secret", "There is nothing here"),
    ],
)
def test_what_is_not_there_is_told(visit: Visit, page: str, words: str) -> None:
    async def walk(user: "User") -> None:
        await user.open(f"/p/marks/{page}")
        await user.should_see(words)

    visit(walk)


def test_drift_shows_what_moved_and_whether_it_hurts(
    watched: Workspace, visit: Visit, asked: Asked, go_live: Callable[..., None], student: Project
) -> None:
    for seed, drift in ((5, 0.0), (6, 1.0)):
        go_live(watched, 750, drift=drift, seed=seed)
        watch_once(student.name, watched)

    async def walk(user: "User") -> None:
        await user.open(f"/p/{student.name}/drift")
        await user.should_see("It hurts")
        await user.should_see("ai_generated_content_percentage")
        await user.should_see("learned from, and live")
        await user.should_see("alarms, retrainings and promotions")
        await user.open("/")
        await user.should_see("it got worse")
        await user.open(f"/p/{student.name}/more")
        await user.should_see("What the watch saw when it last rang")

    visit(walk)


def test_versions_are_listed_compared_and_shown(visit: Visit, asked: Asked) -> None:
    first, champion, *_ = asked.workspace.registry("marks").versions()

    async def walk(user: "User") -> None:
        await user.open("/p/marks/versions")
        await user.should_see("champion")
        await user.should_see("Who was in charge, and when")
        await user.open(f"/p/marks/versions?a={champion}&b={first}")
        await user.should_see("Answers that differ")
        await user.open(f"/p/marks/versions?v={first}")
        await user.should_see("Lineage")
        await user.should_see("What became of it")

    visit(walk)


def test_a_version_shows_how_sure_it_may_be(visit: Visit, asked: Asked) -> None:
    registry = asked.workspace.registry("marks")
    number = registry.add(of_project("marks", tiny_sure_bundle()), by="test")
    moods = registry.add(of_project("marks", tiny_sure_bundle(classes=("sad", "happy"))), by="test")

    async def walk(user: "User") -> None:
        await user.open(f"/p/marks/versions?v={number}")
        await user.should_see("holds the truth in 90 % of cases")
        await user.should_see("mean width")
        await user.open(f"/p/marks/versions?v={moods}")
        await user.should_see("Its probabilities are calibrated: temperature 0.5.")
        await user.should_see("how often it was right")

    visit(walk)


def test_a_version_is_tried_beside_the_champion_and_the_trial_ended(visit: Visit, asked: Asked) -> None:
    other = asked.workspace.registry("marks").versions()[-1]

    async def walk(user: "User") -> None:
        await user.open(f"/p/marks/versions?v={other}")
        press(user, "Try it beside the champion")
        await user.should_see("will be tried beside the champion")
        send(user, "Begin", mode="shadow", share=0.5, reason="to see")
        await user.should_not_see("will be tried beside the champion")
        await user.open("/p/marks/more")
        await user.should_see("is tried as a shadow on 50 % of the requests")
        press(user, "End the trial")
        await user.should_see("The champion answers alone again")
        send(user, "End it", reason="seen")
        await user.should_not_see("The champion answers alone again")

    visit(walk)
    history = asked.workspace.registry("marks").history()
    assert [(one.kind, one.reason) for one in history[-2:]] == [("try", "to see"), ("stop", "seen")]


def test_alerts_are_silenced_with_a_reason(visit: Visit, asked: Asked) -> None:
    async def walk(user: "User") -> None:
        await user.open("/p/marks/more")
        press(user, "Silence")
        await user.should_see("Nobody is told anything meanwhile")
        send(user, "Silence", hours=2, reason="new sensors")
        await user.should_not_see("Nobody is told anything meanwhile")
        await user.open("/p/marks/more")
        await user.should_see("new sensors")

    visit(walk)


def test_what_is_refused_is_told_where_it_was_asked(visit: Visit, asked: Asked) -> None:
    registry = asked.workspace.registry("marks")
    other = registry.versions()[-1]

    async def walk(user: "User") -> None:
        await user.open(f"/p/marks/versions?v={other}")
        press(user, "Put it in charge, whatever the gate said")
        await user.should_see("will answer everybody who asks")
        registry.promote(other, expected=registry.champion(), by="ada", reason="first", insist=True)
        send(user, "Promote", reason="second")
        await user.should_see("ada")

    visit(walk)


def test_runs_are_found_shown_and_compared(visit: Visit, asked: Asked) -> None:
    names = [_run(asked.workspace, note) for note in ("the first", "the <b>second</b>")]

    async def walk(user: "User") -> None:
        await user.open("/p/marks/runs")
        for name in names:
            await user.should_see(name)
        await user.should_see("the &lt;b&gt;second")
        await user.open("/p/marks/runs?tag=for=paper&status=finished&sort=mae")
        await user.should_see(names[0])
        await user.open("/p/marks/runs?q=nothing+like+it")
        await user.should_see("No run is like that")
        await user.open(f"/p/marks/runs?r={names[0]}")
        await user.should_see("loss")
        await user.should_see("notes.txt")
        await user.open(f"/p/marks/runs?run={names[0]}&run={names[1]}")
        await user.should_see("Runs side by side")

    visit(walk)


def _run(workspace: Workspace, note: str) -> str:
    tracker = workspace.tracker()
    run = tracker.start("marks", "model:\n  name: linear\n", {"python": "3.11"})
    for step in range(3):
        run.log(step, {"loss": 1.0 / (1 + step)})
    run.keep("notes.txt", b"words")
    run.finish("finished", {"model": "linear", "metrics": {"mae": {"value": 1.0, "low": 0.5, "high": 1.5}}})
    tracker.annotate("marks", run.name, Annotation({"for": "paper"}, note))
    return run.name


def test_an_earlier_champion_is_put_back_with_a_reason(visit: Visit, asked: Asked) -> None:
    registry = asked.workspace.registry("marks")
    first = registry.versions()[0]

    async def walk(user: "User") -> None:
        await user.open("/p/marks/versions")
        press(user, "Roll back to an earlier champion")
        await user.should_see("An earlier champion will answer again")
        send(user, "Roll back", to=first, reason="it was better")
        await user.should_not_see("An earlier champion will answer again")

    visit(walk)
    assert (registry.champion(), registry.history()[-1].reason) == (first, "it was better")


def test_a_report_is_shown_in_place_and_apart(visit: Visit, asked: Asked) -> None:
    written = "<h1>A load test</h1><script>alert(1)</script>"
    kept = keep_page("marks", asked.workspace, "load", written, title="100 requests a second", record={})
    assert kept is not None

    async def walk(user: "User") -> None:
        await user.open("/p/marks/more")
        await user.should_see("100 requests a second")
        await user.open(f"/p/marks/more?report={kept.name}")
        await user.should_see('sandbox="allow-scripts"')
        await user.should_see("&lt;script&gt;alert(1)")

    visit(walk)
