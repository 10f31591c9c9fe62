"""Changes the champion: if two people decide at once, the second learns what the first has done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from omloop.core import ConflictError, PromotionError, command_line
from omloop.loop.version.promote import promote_version
from omloop.register.versions import find
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.core import Event
    from omloop.loop.steer.request import SteerRequest


def promote(request: SteerRequest) -> dict[str, object]:
    """Put a version in charge that the gate found better, or any by `force`; `expected` is the champion seen before."""
    reason, force = request.text("reason", required=True), request.flag("force")
    registry = request.workspace.registry(request.project)
    version = find(registry.history(), request.text("version", required=True), request.project).version
    expected = _expected(request)
    with _told_of_others(request, expected):
        event = promote_version(
            registry, request.project, version, by=request.by, reason=reason, force=force, expected=expected
        )
    return _answer(
        request,
        event,
        expected,
        command_line("omloop", "promote", request.project, version, *_force(force), reason=reason),
    )


def rollback(request: SteerRequest) -> dict[str, object]:
    """Put an earlier champion back in charge: the one before, or the one that `to` names."""
    reason = request.text("reason", required=True)
    registry, to = request.workspace.registry(request.project), request.text("to") or None
    expected = _expected(request)
    if expected is None:
        raise Refusal(422, "there is no champion to go back from", field="expected")
    with _told_of_others(request, expected):
        event = registry.rollback(by=request.by, reason=reason, to=to, expected=expected)
    return _answer(request, event, expected, command_line("omloop", "rollback", request.project, to=to, reason=reason))


def _force(force: bool) -> list[str]:
    return ["--force"] if force else []


def _expected(request: SteerRequest) -> str | None:
    """The champion that the person saw, which is still in charge; the present one where the request does not say.

    Raises ConflictError where it is another by now.
    """
    history = request.workspace.registry(request.project).history()
    present = history[-1].champion if history else None
    if "expected" not in request.body:
        return present
    given = request.text("expected") or None
    seen = find(history, given, request.project).version if given is not None else None
    if seen != present:
        raise ConflictError(changed(history, seen))
    return present


@contextlib.contextmanager
def _told_of_others(request: SteerRequest, expected: str | None) -> Iterator[None]:
    """Raise ConflictError in place of what goes wrong because somebody else was first, a moment ago."""
    try:
        yield
    except (ConflictError, PromotionError) as error:
        history = request.workspace.registry(request.project).history()
        if history and history[-1].champion != expected:
            raise ConflictError(changed(history, expected)) from error
        raise


def changed(history: tuple[Event, ...], seen: str | None) -> str:
    """Who changed the champion since it was `seen`, in words for the person who decided by that."""
    last = next((event for event in reversed(history) if event.kind in ("promote", "rollback")), None)
    now = "there is no champion" if last is None else f"the champion is {last.champion} by now, not {seen or 'none'}"
    who = "" if last is None else f": {last.by} changed it ({last.kind}{f', {last.reason}' if last.reason else ''})"
    return f"{now}{who}. Look at it, and decide again."


def _answer(request: SteerRequest, event: Event, before: str | None, command: str) -> dict[str, object]:
    return {
        "project": request.project,
        "champion": event.champion,
        "before": before,
        "number": event.number,
        "time": event.time,
        "by": event.by,
        "reason": event.reason,
        "command": command,
    }
