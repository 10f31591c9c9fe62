"""Versions: what people type, and the digest behind it."""

import re
from collections.abc import Mapping, Sequence

from omloop.core import Event, StoreError, UnknownNameError

LEAST_DIGITS = 4
"""Fewer digits than this name no version, even if only one begins with them."""

_LISTED = 10
_DIGEST = re.compile(r"[0-9a-f]{64}")


def addition_events(events: Sequence[Event]) -> Mapping[str, Event]:
    """The event that added each version, by version, in order of addition."""
    return {event.version: event for event in events if event.kind == "add"}


def digest_of(event: Event) -> str:
    """The SHA-256 of the bundle that `event` added; 64 hexadecimal digits. Raises StoreError for an event without."""
    digest = str(event.evidence.get("digest", ""))
    if not _DIGEST.fullmatch(digest):
        raise StoreError(
            f"Event {event.number} of the history adds {event.version:.12} without a digest of 64 hexadecimal digits. "
            "Restore it from a copy of the store."
        )
    return digest


def made_again(events: Sequence[Event], content: str) -> str | None:
    """The version of this content, or None; the events of an older omloop do not name their version's content."""
    return next(
        (name for name, event in addition_events(events).items() if event.evidence.get("content") == content), None
    )


def find(events: Sequence[Event], given: str, project: str) -> Event:
    """The event that added the version whose digest begins with `given`.

    Raises UnknownNameError when there is none or more than one, or when `given` has fewer than 4 digits.

    >>> one = Event(1, 0.0, "add", "c0ffee123456", None, "ada", evidence={"digest": "c0ffee123456" + 52 * "0"})
    >>> find([one], "c0ff", "demo").version
    'c0ffee123456'
    >>> find([one], "c0ffee123465", "demo")
    Traceback (most recent call last):
    ...
    omloop.UnknownNameError: No version of demo is called 'c0ffee123465'. Did you mean 'c0ffee123456'? \
There are: c0ffee123456.
    """
    known = addition_events(events)
    if len(given) < LEAST_DIGITS:
        step = f"Give at least {LEAST_DIGITS} of its digits."
        raise UnknownNameError(f"version of {project}", given, _newest(known), next_step=step)
    found = [event for event in known.values() if digest_of(event).startswith(given.lower())]
    if not found:
        step = f"Those are the newest; see all with: omloop versions {project}" if len(known) > _LISTED else ""
        raise UnknownNameError(f"version of {project}", given, _newest(known), next_step=step)
    if len(found) > 1:
        several = [event.version for event in found]
        raise UnknownNameError(f"single version of {project}", given, several, next_step="Give more digits.")
    return found[0]


def _newest(known: Mapping[str, Event]) -> list[str]:
    return list(known)[-_LISTED:]
