"""Two versions side by side: scores, groups, configuration, and the inputs that they answer differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.ui.pages.outputs import Answers, answers_of
from omloop.ui.parts.frame import heading
from omloop.ui.parts.links import version_link
from omloop.ui.parts.markup import estimate, table, tag, text
from omloop.ui.parts.pictures import picture_address

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

SOURCES = {"log": "newest inputs of the log", "examples": "examples of the version"}
MOST_CHANGED, MOST_FIELDS, MOST_CHARACTERS = 30, 5, 60


async def show_difference(visit: Visit, first: str, second: str) -> None:
    """Everything that differs between two versions."""
    told = await visit.of_project("/versions/compare", a=first, b=second)
    ui.html(f"<p>{tag('a', 'All versions', href=visit.page('versions'))}</p>", sanitize=False)
    heading(f"{first[:8]} and {second[:8]}", "Two versions side by side, on the test rows of each.")
    names = [version_link(visit, one) for one in (first, second)]
    scores = [[text(one["name"]), estimate(one["a"]), estimate(one["b"])] for one in told["metrics"]]
    ui.html("<h2>Scores</h2>" + table(["metric", *names], scores, caption="scores of both"), sanitize=False)
    answers = answers_of(await visit.of_project())
    ui.html(_predictions(told["predictions"], names, answers), sanitize=False)
    config = [[text(one["key"]), text(one["a"]), text(one["b"])] for one in told["config"] or ()]
    listed = table(["setting", *names], config, caption="settings that differ") if config else "<p>Nothing differs.</p>"
    ui.html(f"<h2>Configuration that differs</h2>{listed}", sanitize=False)
    slices = [
        [text(one["grouping"]), text(one["group"]), text(one["metric"]), estimate(one["a"]), estimate(one["b"])]
        for one in told["slices"] or ()
    ]
    if slices:
        listed = table(["by", "group", "metric", *names], slices, caption="scores by group")
        ui.html(f"<details><summary>Scores by group ({len(slices)})</summary>{listed}</details>", sanitize=False)


def _predictions(told: Mapping[str, Any] | None, names: list[str], answers: Answers) -> str:
    if not told:
        return ""
    changed = told["changed"]
    differ, inputs = len(changed) + told.get("more", 0), SOURCES[told["source"]]
    lead = f"<h2>Answers that differ</h2><p>{differ:,} of {told['rows']:,} {inputs} are answered differently.</p>"
    rows = [
        [_input(one["row"]), text(answers.brief(one["a"])), text(answers.brief(one["b"])), text(one.get("truth"))]
        for one in changed[:MOST_CHANGED]
    ]
    return lead + (table(["input", *names, "true"], rows, caption="answers that differ") if rows else "")


def _input(row: Mapping[str, Any]) -> str:
    """An input in a few words, or as a small picture."""
    picture = picture_address(next(iter(row.values()), None))
    if picture:
        return tag("img", src=picture, alt="the input", class_="om-thumb")
    return text(", ".join(f"{name} {str(value)[:MOST_CHARACTERS]}" for name, value in list(row.items())[:MOST_FIELDS]))
