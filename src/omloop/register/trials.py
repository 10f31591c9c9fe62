"""Trials: which version is on trial beside the champion, and whether a version may be."""

import math
from collections.abc import Sequence

from omloop.bundle import Bundle
from omloop.core import Event, InputError, PromotionError, Trial


def trial_of(events: Sequence[Event]) -> Trial | None:
    """The trial that runs after `events`, or None."""
    return events[-1].trial if events else None


def require_share(share: float) -> None:
    """Raise PromotionError unless `share` is above 0 and at most 1.

    >>> require_share(1.5)
    Traceback (most recent call last):
    ...
    omloop.PromotionError: A trial's share is 1.5; give a number above 0 and at most 1, such as 0.1.
    """
    if not (math.isfinite(share) and 0 < share <= 1):
        raise PromotionError(f"A trial's share is {share:g}; give a number above 0 and at most 1, such as 0.1.")


ADDED = ("interval", "confidence")
"""What an answer may say beside itself; a champion of an older omloop says neither."""


def _told(bundle: Bundle) -> tuple[object, ...]:
    """What a bundle's answers hold, each part with its schema, without the parts that a bundle may add."""
    schema = bundle.output.schema()
    properties = {name: value for name, value in schema["properties"].items() if name not in ADDED}
    return properties, [name for name in schema["required"] if name in properties]


def require_alike(candidate: Bundle, champion: Bundle) -> None:
    """Raise PromotionError when a caller could tell the two apart: one does not read, or answer, as the other does.

    An answer of one may have an interval, or its confidence, where that of the other has none.

    The examples of a version, which every bundle holds, show what it reads. Descriptions may differ, and models may
    read the same text by other means.
    """
    beside = f"{candidate.version} cannot be tried beside {champion.version}"
    if _told(candidate) != _told(champion):
        raise PromotionError(f"{beside}: it answers another thing, or in other words. Promote it, or train it alike.")
    for one, other in ((candidate, champion), (champion, candidate)):
        try:
            one.kind.parse(other.examples.rows)
        except InputError as error:
            what = f"{one.version} does not read the examples of {other.version}: {error}"
            raise PromotionError(f"{beside}: {what}. Promote it, or train it on the same inputs.") from error
