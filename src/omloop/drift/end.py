"""When a drift is over: as soon as enough newest buckets, none of them of the drift, look like the reference again.

It rings at a strict level and ends at a loose one, as a thermostat does (hysteresis, Schmitt 1938): in between the
state stays what it was, so that one drift is told once and ended once.
"""

from dataclasses import replace

import numpy as np

from omloop.bundle import Reference
from omloop.core import Alarm, NumberArray
from omloop.drift.alarm import statistics_at
from omloop.drift.false_alarms import AlarmBudget
from omloop.drift.spread import spread_of

CLEAN = 3
"""So many windows as long as the one that rang must be clean. A drift of the same size would show there at 1.7 times
the standard errors that it rang at, so that it is next to never taken for over while it lasts."""

DOUBT = 0.05
"""The chance that buckets without drift look moved at the looser level, so that the end is told a bucket later."""


def drift_end(
    reference: Reference,
    buckets: NumberArray,
    alarm: Alarm,
    promise: AlarmBudget | None = None,
    *,
    warning: bool = False,
) -> int | None:
    """The bucket with which the drift that `alarm` told of is over, None while it is not.

    Over means that no window within the last `CLEAN` times `alarm.buckets` buckets, on any scale, looks moved at the
    looser level (`DOUBT`, by Bonferroni over windows and parts) by half of the promise's least effect, and that they
    all came after the alarm. While one calibrates, special cells alone are looked at, as when it rang; if the alarm was
    a `warning`, all cells of its columns alone. The same buckets give the same answer, and more of them do not
    change it.
    """
    promise, length = promise or AlarmBudget(), CLEAN * alarm.buckets
    first = alarm.bucket + 1
    ends = np.arange(first + length - 1, len(buckets))
    if not len(ends):
        return None
    buckets = reference.unseasonal(buckets)
    spread = spread_of(reference, buckets)
    parts = np.ones(len(reference.parts), np.bool_)
    if warning:
        spread = replace(spread, strict=False)
        parts = np.isin(list(reference.parts), [movement.column for movement in alarm.columns])
    scales = [scale for scale in {*promise.scales, length} if scale <= length]
    level = DOUBT / (sum(length + 1 - scale for scale in scales) * max(1, len(reference.parts)))
    clean = np.ones(len(ends), np.bool_)
    for scale in scales:
        inside = np.arange(first + scale - 1, len(buckets))
        p_values, effects = statistics_at(reference, buckets, spread, inside, scale)
        moved = ((p_values < level) & (effects >= promise.least_effect / 2))[:, parts].any(axis=1)
        before = np.append(0, np.cumsum(moved))
        last = ends - inside[0] + 1
        clean &= before[last] == before[last - (length + 1 - scale)]
    return int(ends[np.argmax(clean)]) if clean.any() else None
