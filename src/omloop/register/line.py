"""The line of champions: who was in charge, and who comes back when the present one has to go."""

from collections.abc import Sequence

from omloop.bundle import Manifest
from omloop.core import ConflictError, Event, PromotionError


def champion_of(events: Sequence[Event]) -> str | None:
    """The version in charge after `events`, or None."""
    return events[-1].champion if events else None


def line(events: Sequence[Event]) -> tuple[str, ...]:
    """The champions that a rollback walks back through, the present one last.

    A promotion adds to the line, a rollback cuts it back to the version that it went to.

    >>> def event(kind, version):
    ...     return Event(1, 0.0, kind, version, version, "ada")
    >>> line([event("promote", "one"), event("promote", "two"), event("promote", "three")])
    ('one', 'two', 'three')
    >>> line([event("promote", "one"), event("promote", "two"), event("rollback", "one"), event("promote", "four")])
    ('one', 'four')
    """
    standing: list[str] = []
    for event in events:
        if event.kind == "rollback":
            standing = _cut(standing, event.version)
        elif event.kind == "promote":
            standing.append(event.version)
    return tuple(standing)


def previous(events: Sequence[Event], project: str) -> str:
    """The champion before the present one; raises PromotionError when there is none."""
    standing = line(events)
    if not standing:
        raise PromotionError(f"{project} has no champion yet, so there is none to go back to. Promote a version first.")
    if len(standing) == 1:
        raise PromotionError(
            f"There is no champion of {project} before {standing[0]}, so there is none to go back to. "
            f"See what was live with: omloop versions {project} --history"
        )
    return standing[-2]


def earlier(events: Sequence[Event], version: str, project: str) -> str:
    """`version`, if it was champion once and is not now; raises PromotionError otherwise."""
    if version == champion_of(events):
        raise PromotionError(f"{version} is already the champion of {project}, so there is nothing to roll back.")
    if all(event.champion != version for event in events):
        raise PromotionError(
            f"{version} was never champion of {project}, so nothing can go back to it. "
            f"Promote it instead with: omloop promote {project} {version}"
        )
    return version


def require_champion(events: Sequence[Event], expected: str | None, project: str) -> None:
    """Raise ConflictError unless the champion is still `expected`."""
    present = champion_of(events)
    if present != expected:
        raise ConflictError(
            f"The champion of {project} is {present or 'not chosen yet'}, not {expected or 'still to be chosen'}: "
            f"somebody else was first. See who with `omloop versions {project} --history`, and decide again."
        )


def require_real(candidate: Manifest, champion: Manifest, name: str) -> None:
    """Raise PromotionError where the candidate called `name` learned from made-up records and the champion did not."""
    new, old = candidate.lineage.origin, champion.lineage.origin
    if new is not None and old is not None and old.real and not new.real:
        raise PromotionError(
            f"{name} learned from {new}, the champion from real records ({old}): they cannot be compared. "
            'Turn again on the real source, or insist: --force --reason "..."'
        )


def _cut(standing: list[str], version: str) -> list[str]:
    """`standing` up to the last `version` before its end, or with `version` added when it is not there."""
    earlier_ones = standing[:-1]
    while earlier_ones and earlier_ones[-1] != version:
        earlier_ones.pop()
    return earlier_ones or [*standing, version]
