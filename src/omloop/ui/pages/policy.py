"""The policy of a project: what a watch does when something moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from omloop.ui.parts.markup import badge, table, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit


async def show_policy(visit: Visit) -> None:
    """Each rule of the policy with its value, folded away."""
    told = await visit.of_project("/policy")
    rows = [
        [text(name.replace("_", " ")), text(value), "" if value == told["defaults"].get(name) else badge("set here")]
        for name, value in told["policy"].items()
    ]
    listed = table(["what", "value", ""], rows, caption="the policy")
    title = f"Policy: what a watch does when something moved ({text(told['source'])})"
    ui.html(f"<details><summary>{title}</summary>{listed}</details>", sanitize=False)
