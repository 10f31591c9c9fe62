"""The version that is tried beside the champion: what it shows, and when it begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import ConflictError, explain_missing
from omloop.loop.steer.commands import command_line
from omloop.loop.version.promote import begin_trial
from omloop.loop.watch.summary import progress_json, trial_json
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.core import Trial, TrialMode
    from omloop.loop.steer.request import Ask

MODES: tuple[TrialMode, ...] = ("shadow", "canary")


def trial(ask: Ask) -> dict[str, object]:
    """What the running trial showed so far; `trial` is null where nothing is tried."""
    with explain_missing("A trial's progress"):
        from omloop.loop.watch.trial import judge_trial
    found = judge_trial(ask.project, ask.workspace)
    return {
        "trial": None if found is None else progress_json(found),
        "command": command_line("trial", ask.project),
    }


def begin(ask: Ask) -> dict[str, object]:
    """Try a version beside the champion, as a shadow of requests or as a canary for callers."""
    version, mode, share = ask.text("version", required=True), _mode(ask), ask.amount("share", "share", most=1)
    reason, force = ask.text("reason", required=True), ask.flag("force")
    registry = ask.workspace.registry(ask.project)
    _require_champion(ask)
    begun = begin_trial(registry, version, mode, share=share, by=ask.by, reason=reason, force=force)
    flags = ["--force"] if force else []
    command = command_line("trial", ask.project, version, f"--{mode}", f"{share:g}", *flags, reason=reason)
    return {**_told(begun), "command": command}


def end(ask: Ask) -> dict[str, object]:
    """End the trial that runs."""
    reason, registry = ask.text("reason", required=True), ask.workspace.registry(ask.project)
    running = registry.trial()
    if running is None:
        raise Refusal(409, f"nothing of '{ask.project}' is being tried, so there is no trial to end", code="conflict")
    _require_champion(ask)
    registry.end_trial(running, reason=reason, by=ask.by)
    return {**_told(running), "command": command_line("trial", ask.project, "--stop", reason=reason)}


def _require_champion(ask: Ask) -> None:
    """Raise ConflictError where the champion is no longer the one that the person saw, if the request names one."""
    seen, now = ask.text("expected"), ask.workspace.registry(ask.project).champion()
    if seen and seen != now:
        raise ConflictError(f"The champion of {ask.project} is {now or 'none'} by now, not {seen}. Look again.")


def _told(of: Trial) -> dict[str, object]:
    return {**trial_json(of), "since": of.since}


def _mode(ask: Ask) -> TrialMode:
    given = ask.body.get("mode")
    if given not in MODES:
        raise Refusal(422, "is 'shadow' or 'canary'", field="mode")
    return "shadow" if given == "shadow" else "canary"
