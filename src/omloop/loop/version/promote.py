"""Which version may take charge, or answer callers: one that the gate passed, or one that somebody insists on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import PromotionError

if TYPE_CHECKING:
    from omloop.core import Event, Trial, TrialMode
    from omloop.register import Registry

PRESENT = "present"
"""Stands for the version in charge; no version has this name."""


def promote_version(
    registry: Registry,
    name: str,
    version: str,
    *,
    by: str,
    reason: str = "",
    force: bool = False,
    expected: str | None = PRESENT,
) -> Event:
    """Make a version champion that the gate found better than the present one, or any with `force` and a reason.

    `expected` is the champion that somebody decided by, None for none, by default the present one. Raises ConflictError
    where it is another, PromotionError where the gate did not judge it so, and UnknownNameError for a version that is
    not there.
    """
    before = registry.champion() if expected == PRESENT else expected
    decision = registry.decision(version)
    _require_reason(reason, force=force)
    if not force and decision is None:
        raise PromotionError(
            f"The gate has not judged {version} against the present champion. Run: omloop evaluate {name} "
            f'--version {version} --gate, or insist: --force --reason "..."'
        )
    if not force and decision is not None and not decision.promote:
        raise PromotionError(f'The gate said {decision.verdict}: {decision.reason}. To insist: --force --reason "..."')
    told = reason or (decision.reason if decision else "")
    return registry.promote(version, expected=before, by=by, reason=told, insist=force)


def begin_trial(
    registry: Registry,
    version: str,
    mode: TrialMode,
    *,
    share: float,
    by: str,
    reason: str = "",
    force: bool = False,
) -> Trial:
    """Let a version answer a `share` of requests (a shadow) or callers (a canary), beside the champion.

    Raises PromotionError for a canary that the gate found worse, unless you force it with a reason.
    """
    _require_reason(reason, force=force)
    decision = registry.decision(version)
    if mode == "canary" and not force and decision is not None and decision.verdict == "worse":
        raise PromotionError(
            f'The gate said worse: {decision.reason}. Try it as a shadow, or insist: --force --reason "..."'
        )
    return registry.begin_trial(version, mode, share=share, by=by, reason=reason)


def _require_reason(reason: str, *, force: bool) -> None:
    if force and not reason:
        raise PromotionError('--force needs a reason for the history: --reason "..."')
