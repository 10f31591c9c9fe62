"""What else there is of a project: alerts, a trial, the policy, and every report that the workspace keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.ui.parts.buttons import Button
from omloop.ui.parts.confirm import REASON, confirm
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import badge, command, command_line, estimate, moment, note, table, tag, text
from omloop.ui.visit import segment

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

TONES = {"critical": "bad", "warning": "warn"}


async def more(visit: Visit) -> None:
    """The page; a report is shown in place where the address names one."""
    about = await visit.workspace()
    with frame(visit, "More", "more"):
        if visit.query("report"):
            await _report(visit, visit.query("report"))
            return
        heading("More", "Alerts, trials, policies, and what was reported.")
        await _alerts(visit, about)
        await _trial(visit, about)
        await _policy(visit)
        await _reports(visit)


async def _alerts(visit: Visit, about: Mapping[str, Any]) -> None:
    told = await visit.of_project("/alerts")
    ui.html("<h2>Alerts</h2>", sanitize=False)
    ringing = told["ringing"]
    if ringing:
        rows = [[badge(name, "bad"), moment(since)] for name, since in ringing.items()]
        ui.html(table(["rings", "since"], rows, caption="alerts that ring"), sanitize=False)
    else:
        looked = "No watch has looked yet." if told["looked"] is None else f"Last look {moment(told['looked'])}."
        ui.html(f"<p>Nothing rings. {looked}</p>", sanitize=False)
    for one in told["silenced"]:
        words = f"Silent until {moment_ahead(one['until'])}: {text(one['because'])}"
        ui.html(note(words), sanitize=False)
    if about["writable"]:
        with html.div().classes("om-row"):
            Button("Silence", lambda: _silence(visit), style="om-button om-quiet")
    rows = [
        [moment(one["time"]), badge(one["severity"], TONES.get(one["severity"], "")), text(one["text"])]
        for one in told["history"][-20:][::-1]
    ]
    if rows:
        listed = table(["when", "severity", "what"], rows, caption="what was told")
        ui.html(f"<details><summary>What was told before</summary>{listed}</details>", sanitize=False)
    ui.html(command(command_line("omloop", "alerts", visit.project)), sanitize=False)


def moment_ahead(seconds: float) -> str:
    """A moment that is still to come, in UTC."""
    from omloop.core import utc_text

    return text(utc_text(seconds)[:16].replace("T", " ") + " UTC")


def _silence(visit: Visit) -> None:
    hours = {
        "name": "hours",
        "label": "For how long",
        "unit": "hours",
        "kind": "number",
        "minimum": 0.1,
        "maximum": 720,
    }
    hours |= {"step": "any", "required": True}

    def line(typed: Mapping[str, Any]) -> str:
        time = f"{typed.get('hours', 2):g}h"
        return command_line(
            "omloop", "alerts", visit.project, "--silence", time, "--because", typed.get("reason", "WHY")
        )

    async def change(typed: Mapping[str, Any]) -> Mapping[str, Any]:
        body = {"seconds": 3600.0 * typed["hours"], "reason": typed["reason"]}
        found: Mapping[str, Any] = await visit.change("/alerts/silence", **body)
        return found

    confirm(
        "Silence the alerts",
        "Nobody is told anything meanwhile.",
        change,
        action="Silence",
        line=line,
        fields=[hours, REASON],
    )


async def _trial(visit: Visit, about: Mapping[str, Any]) -> None:
    told = await visit.of_project("/trial")
    ui.html("<h2>Trial</h2>", sanitize=False)
    found = told.get("trial")
    if not found:
        link = tag("a", "a version", href=visit.page("versions"))
        ui.html(f"<p>No version is tried beside the champion. Choose {link} to try one.</p>", sanitize=False)
        return
    share = f"{100 * found['share']:.0f} %"
    lead = f"Version {_link(visit, found['version'])} is tried as a {text(found['mode'])} on {share} of the requests, "
    lead += (
        f"beside {_link(visit, found['champion'])}. It answered {found['answered']:,} and failed {found['failed']:,}."
    )
    ui.html(f"<p>{lead}</p>{note(text(found['decision']['reason']))}", sanitize=False)
    rows = [
        [text(name), estimate(one), estimate(found["champion_metrics"].get(name))]
        for name, one in found["metrics"].items()
    ]
    if rows:
        about_rows = f'<p class="om-dim">By {found["labelled"]:,} labels of inputs that both answered.</p>'
        listed = table(["", "on trial", "champion"], rows, caption="scores of the trial")
        ui.html(about_rows + listed, sanitize=False)
    if about["writable"]:
        with html.div().classes("om-row"):
            Button("End the trial", lambda: _end(visit), style="om-button om-danger")


def _link(visit: Visit, version: str) -> str:
    return tag("a", text(version[:8]), href=visit.page("versions", v=version))


def _end(visit: Visit) -> None:
    def line(typed: Mapping[str, Any]) -> str:
        return command_line("omloop", "trial", visit.project, "--stop", "--reason", typed.get("reason", "WHY"))

    async def change(typed: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = await visit.change("/trial/end", reason=typed["reason"])
        return found

    confirm("End the trial", "The champion answers alone again.", change, action="End it", line=line)


async def _policy(visit: Visit) -> None:
    told = await visit.of_project("/policy")
    rows = [
        [text(name.replace("_", " ")), text(value), "" if value == told["defaults"].get(name) else badge("set here")]
        for name, value in told["policy"].items()
    ]
    listed = table(["what", "value", ""], rows, caption="the policy")
    title = f"Policy: what a watch does when something moved ({text(told['source'])})"
    ui.html(f"<details><summary>{title}</summary>{listed}</details>", sanitize=False)


async def _reports(visit: Visit) -> None:
    found = (await visit.of_project("/pages"))["pages"]
    ui.html("<h2>Reports</h2>", sanitize=False)
    if not found:
        words = "None is kept yet. A look at the data, a verdict, a load test or a back-test leaves one."
        ui.html(
            f'<p class="om-dim">{words}</p>' + command(f"omloop data {visit.project}", "Begin with"), sanitize=False
        )
        return
    rows = [
        [
            tag("a", text(one["title"]), href=visit.page("more", report=one["name"])),
            text(one["kind"]),
            moment(one["made"]),
        ]
        for one in found
    ]
    ui.html(table(["report", "of", "made"], rows, caption="reports"), sanitize=False)


async def _report(visit: Visit, name: str) -> None:
    """A static page in place, in a sandbox: its script, which finds columns, reaches nothing of this page."""
    answer = await visit.file(f"/pages/{segment(name)}")
    ui.html(f"<p>{tag('a', 'All reports', href=visit.page('more'))}</p>", sanitize=False)
    written = answer.body.decode("utf-8", "replace")
    frame_of = tag("iframe", class_="om-report", sandbox="allow-scripts", title=name, srcdoc=written)
    ui.html(frame_of, sanitize=False)
