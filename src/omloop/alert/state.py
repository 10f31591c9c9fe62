"""The memory between looks: the state of each rule, the sent alerts, and the pending deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from omloop.alert.alert import Alert
from omloop.alert.rules import Silence


@dataclass(frozen=True)
class RuleState:
    """The state of a rule: since when it holds, since when it rings, and the sent alert that is not yet resolved.

    `seen` has the looks of the rule's window: (time, sum, number of looks), some looks in one.
    """

    met_since: float | None = None
    rings_since: float | None = None
    told: Alert | None = None
    value: float | None = None
    detail: str = ""
    seen: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True)
class Delivery:
    """A pending delivery to one sink: since when, after how many tries, and when it is due again."""

    sink: str
    alert: Alert
    since: float
    tries: int = 0
    due: float = 0.0
    problem: str = ""


@dataclass(frozen=True)
class State:
    """The whole memory of one project's alerts. `lost` are the newest lost deliveries."""

    project: str
    standings: Mapping[str, RuleState] = field(default_factory=dict)
    silence: Silence | None = None
    owed: tuple[Delivery, ...] = ()
    lost: tuple[Delivery, ...] = ()
    history: tuple[Alert, ...] = ()
    looked: float = 0.0
