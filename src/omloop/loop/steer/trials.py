"""The version on trial beside the champion: its findings, its beginning and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import ConflictError, command_line, explain_missing
from omloop.loop.version.promote import begin_trial
from omloop.loop.watch.summary import progress_json, trial_json
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.core import Trial, TrialMode
    from omloop.loop.steer.request import SteerRequest

MODES: tuple[TrialMode, ...] = ("shadow", "canary")


def trial(request: SteerRequest) -> dict[str, object]:
    """The findings of the running trial; `trial` is null without one."""
    with explain_missing("A trial's progress"):
        from omloop.loop.watch.trial import judge_trial
    found = judge_trial(request.project, request.workspace)
    return {
        "trial": None if found is None else {**progress_json(found), "since": found.trial.since},
        "command": command_line("omloop", "trial", request.project),
    }


def begin(request: SteerRequest) -> dict[str, object]:
    """Try a version beside the champion, as a shadow of requests or as a canary for callers."""
    version, mode, share = (
        request.text("version", required=True),
        _mode(request),
        request.amount("share", "share", most=1),
    )
    reason, force = request.text("reason", required=True), request.flag("force")
    registry = request.workspace.registry(request.project)
    _require_champion(request)
    begun = begin_trial(registry, version, mode, share=share, by=request.by, reason=reason, force=force)
    flags = ["--force"] if force else []
    command = command_line(
        "omloop", "trial", request.project, version, f"--{mode}", f"{share:g}", *flags, reason=reason
    )
    return {**_told(begun), "command": command}


def end(request: SteerRequest) -> dict[str, object]:
    """End the trial that runs."""
    reason, registry = request.text("reason", required=True), request.workspace.registry(request.project)
    running = registry.trial()
    if running is None:
        raise Refusal(
            409, f"nothing of '{request.project}' is being tried, so there is no trial to end", code="conflict"
        )
    _require_champion(request)
    registry.end_trial(running, reason=reason, by=request.by)
    return {**_told(running), "command": command_line("omloop", "trial", request.project, "--stop", reason=reason)}


def _require_champion(request: SteerRequest) -> None:
    """Raise ConflictError where the champion is no longer the one that the person saw, if the request names one."""
    seen, now = request.text("expected"), request.workspace.registry(request.project).champion()
    if seen and seen != now:
        raise ConflictError(f"The champion of {request.project} is {now or 'none'} by now, not {seen}. Look again.")


def _told(of: Trial) -> dict[str, object]:
    return {**trial_json(of), "since": of.since}


def _mode(request: SteerRequest) -> TrialMode:
    given = request.body.get("mode")
    if given not in MODES:
        raise Refusal(422, "is 'shadow' or 'canary'", field="mode")
    return "shadow" if given == "shadow" else "canary"
