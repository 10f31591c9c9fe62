"""What is remembered from one look to the next: how each rule stands, who was told, and who is still to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from omloop.alert.alert import Alert
from omloop.alert.rules import Silence


@dataclass(frozen=True)
class RuleState:
    """How a rule stands: since when it is met, since when it rings, and the alert that was told and not yet resolved.

    `seen` is what the looks of the rule's window showed: (time, sum, number of looks), some looks in one.
    """

    met_since: float | None = None
    rings_since: float | None = None
    told: Alert | None = None
    value: float | None = None
    detail: str = ""
    seen: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True)
class Delivery:
    """A delivery that is still to be made to one sink: since when, how often it was tried, and when it is due again."""

    sink: str
    alert: Alert
    since: float
    tries: int = 0
    due: float = 0.0
    problem: str = ""


@dataclass(frozen=True)
class State:
    """All that is remembered of one project's alerts. `lost` are the newest deliveries that were given up."""

    project: str
    standings: Mapping[str, RuleState] = field(default_factory=dict)
    silence: Silence | None = None
    owed: tuple[Delivery, ...] = ()
    lost: tuple[Delivery, ...] = ()
    history: tuple[Alert, ...] = ()
    looked: float = 0.0
