"""Changing who is in charge: promote, roll back, try a version beside the champion; each with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omloop.core import command_line
from omloop.ui.parts.confirm import REASON, confirm
from omloop.ui.parts.markup import text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit


def promote(visit: Visit, version: str, champion: str | None, *, promotable: bool) -> None:
    """Ask whether a version shall be in charge. One that the gate did not find better takes more courage."""
    about = f"Version <b>{text(version)}</b> will answer everybody who asks, within a second, in place of "
    about += f"<b>{text(champion[:8])}</b>." if champion else "none."
    if not promotable:
        about += " The gate did not find it better; your reason is all that speaks for it."

    def line(typed: Mapping[str, Any]) -> str:
        force = () if promotable else ("--force",)
        return command_line("omloop", "promote", visit.project, version, *force, reason=typed.get("reason", "WHY"))

    async def change(typed: Mapping[str, Any]) -> None:
        body = {"version": version, "reason": typed["reason"], "force": not promotable, "expected": champion}
        await visit.change("/promote", **body)

    confirm("Put this version in charge", about, change, action="Promote", line=line)


def roll_back(visit: Visit, champion: str, earlier: Sequence[str]) -> None:
    """Ask to which of the earlier champions to go back, and why."""
    about = f"An earlier champion will answer again in place of <b>{text(champion[:8])}</b>, within a second."
    to = {"name": "to", "label": "Back to", "kind": "choice", "choices": list(earlier), "required": False}
    to["about"] = "Not known: the one before."

    def line(typed: Mapping[str, Any]) -> str:
        return command_line("omloop", "rollback", visit.project, to=typed.get("to"), reason=typed.get("reason", "WHY"))

    async def change(typed: Mapping[str, Any]) -> None:
        body = {"to": typed.get("to"), "reason": typed["reason"], "expected": champion}
        await visit.change("/rollback", **body)

    confirm("Roll back", about, change, action="Roll back", line=line, fields=[to, REASON])


def begin_trial(visit: Visit, version: str) -> None:
    """Ask how to try a version beside the champion."""
    about = f"Version <b>{text(version)}</b> will be tried beside the champion, and compared with it."
    mode = {"name": "mode", "label": "As", "kind": "choice", "choices": ["shadow", "canary"], "required": True}
    mode["about"] = "A shadow answers for the log alone; a canary answers callers."
    share = {"name": "share", "label": "Share of requests", "kind": "number", "required": True}
    share |= {"minimum": 0.01, "maximum": 1, "step": "any", "about": "0.1 is one in ten"}

    def line(typed: Mapping[str, Any]) -> str:
        option = f"--{typed.get('mode', 'shadow')}"
        wanted, reason = typed.get("share", 0.1), typed.get("reason", "WHY")
        return command_line("omloop", "trial", visit.project, version, option, wanted, reason=reason)

    async def change(typed: Mapping[str, Any]) -> None:
        await visit.change("/trial", **{**typed, "version": version})

    confirm("Try it beside the champion", about, change, action="Begin", line=line, fields=[mode, share, REASON])
