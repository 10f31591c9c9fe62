"""When a drift is over: once enough new buckets after the drift look like the reference again.

It rings at a strict level and ends at a loose one, as a thermostat does (hysteresis, Schmitt 1938). In between the
state does not change, so that one drift rings once and ends once.
"""

from dataclasses import replace

import numpy as np

from omloop.bundle import Reference
from omloop.core import Alarm, NumberArray
from omloop.drift.alarm import statistics_at
from omloop.drift.false_alarms import AlarmBudget
from omloop.drift.spread import spread_of

CLEAN = 3
"""How many windows of the alarm's length must be clean. A drift of the same size would show there at 1.7 times the
standard errors of its alarm. So a lasting drift next to never looks over.
"""

DOUBT = 0.05
"""The chance that buckets without drift look moved at the looser level, which reports the end a bucket later."""


def drift_end(
    reference: Reference,
    buckets: NumberArray,
    alarm: Alarm,
    promise: AlarmBudget | None = None,
    *,
    warning: bool = False,
) -> int | None:
    """The bucket that ends the drift of `alarm`, None while it lasts.

    It looks at the last `CLEAN` times `alarm.buckets` buckets, which must all come after the alarm. The drift is over
    if no window there, on any scale, looks moved. Moved means by half of the promise's least effect, at the looser
    level (`DOUBT`, by Bonferroni over windows and parts). During calibration it looks only at special cells, as when it
    rang. After a `warning` it looks at all cells, but only of the warning's columns. The same buckets give the same
    answer, and more of them do not change it.
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
