"""What happened to a project, and who was in charge when."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

from omloop.core import EventKind
from omloop.loop.steer.paging import Page
from omloop.loop.steer.request import among

if TYPE_CHECKING:
    from omloop.core import Event
    from omloop.loop.steer.request import SteerRequest

KINDS: tuple[str, ...] = get_args(EventKind)


def event_json(event: Event) -> dict[str, object]:
    """An event with all of its evidence."""
    return asdict(event)


def get_history(request: SteerRequest) -> dict[str, object]:
    """The events of a page, the newest first; `kind` picks one kind, or several divided by commas."""
    page = Page.of(request)
    kinds = {among("kind", word, KINDS) for word in request.query.get("kind", "").split(",") if word}
    events = request.workspace.registry(request.project).history()
    chosen = [event for event in reversed(events) if not kinds or event.kind in kinds]
    return {**page.told(len(chosen)), "events": [event_json(event) for event in page.part(chosen)]}


def get_champions(request: SteerRequest) -> dict[str, object]:
    """The line of champions, the oldest first: from when to when each was in charge, and who put it there and why."""
    found: list[dict[str, object]] = []
    before = None
    for event in request.workspace.registry(request.project).history():
        if event.champion == before:
            continue
        before = event.champion
        if found:
            found[-1]["end"] = event.time
        found.append(
            {
                "version": event.champion,
                "begin": event.time,
                "end": None,
                "kind": event.kind,
                "by": event.by,
                "reason": event.reason,
            }
        )
    return {"champions": found}
