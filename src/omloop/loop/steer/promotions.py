"""Changing the champion: of two people who decide at once, the second is told what the first has done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from omloop.core import ConflictError, PromotionError
from omloop.loop.steer.commands import command_line
from omloop.loop.version.promote import promote_version
from omloop.register.versions import find
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.core import Event
    from omloop.loop.steer.request import Ask


def promote(ask: Ask) -> dict[str, object]:
    """Put a version in charge that the gate found better, or any by `force`; `expected` is the champion seen before."""
    reason, force = ask.text("reason", required=True), ask.flag("force")
    registry = ask.workspace.registry(ask.project)
    version = find(registry.history(), ask.text("version", required=True), ask.project).version
    expected = _expected(ask)
    with _told_of_others(ask, expected):
        event = promote_version(
            registry, ask.project, version, by=ask.by, reason=reason, force=force, expected=expected
        )
    return _answer(ask, event, expected, command_line("promote", ask.project, version, *_force(force), reason=reason))


def rollback(ask: Ask) -> dict[str, object]:
    """Put an earlier champion back in charge: the one before, or the one that `to` names."""
    reason = ask.text("reason", required=True)
    registry, to = ask.workspace.registry(ask.project), ask.text("to") or None
    expected = _expected(ask)
    if expected is None:
        raise Refusal(422, "there is no champion to go back from", field="expected")
    with _told_of_others(ask, expected):
        event = registry.rollback(by=ask.by, reason=reason, to=to, expected=expected)
    return _answer(ask, event, expected, command_line("rollback", ask.project, to=to, reason=reason))


def _force(force: bool) -> list[str]:
    return ["--force"] if force else []


def _expected(ask: Ask) -> str | None:
    """The champion that the person saw, which is still in charge; the present one where the request does not say.

    Raises ConflictError where it is another by now.
    """
    history = ask.workspace.registry(ask.project).history()
    present = history[-1].champion if history else None
    if "expected" not in ask.body:
        return present
    given = ask.text("expected") or None
    seen = find(history, given, ask.project).version if given is not None else None
    if seen != present:
        raise ConflictError(changed(history, seen))
    return present


@contextlib.contextmanager
def _told_of_others(ask: Ask, expected: str | None) -> Iterator[None]:
    """Raise ConflictError in place of what goes wrong because somebody else was first, a moment ago."""
    try:
        yield
    except (ConflictError, PromotionError) as error:
        history = ask.workspace.registry(ask.project).history()
        if history and history[-1].champion != expected:
            raise ConflictError(changed(history, expected)) from error
        raise


def changed(history: tuple[Event, ...], seen: str | None) -> str:
    """Who changed the champion since it was `seen`, as whoever decided by that is told."""
    last = next((event for event in reversed(history) if event.kind in ("promote", "rollback")), None)
    now = "there is no champion" if last is None else f"the champion is {last.champion} by now, not {seen or 'none'}"
    who = "" if last is None else f": {last.by} changed it ({last.kind}{f', {last.reason}' if last.reason else ''})"
    return f"{now}{who}. Look at it, and decide again."


def _answer(ask: Ask, event: Event, before: str | None, command: str) -> dict[str, object]:
    return {
        "project": ask.project,
        "champion": event.champion,
        "before": before,
        "number": event.number,
        "time": event.time,
        "by": event.by,
        "reason": event.reason,
        "command": command,
    }
