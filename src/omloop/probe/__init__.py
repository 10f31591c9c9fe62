"""Asking a server from outside: load tests with an open loop, and a monitor that knows the right answers."""

from omloop.probe.check.agree import agrees
from omloop.probe.check.counts import Counts
from omloop.probe.check.publish import published
from omloop.probe.check.repeat import repeat
from omloop.probe.check.rounds import Check, Example, Prober, Round, described
from omloop.probe.connection import Answer, Broken, ask
from omloop.probe.load.climb import Step, capacity, climb
from omloop.probe.load.histogram import Latencies
from omloop.probe.load.load import Load, Plan, Slice, load
from omloop.probe.load.locustfile import locustfile
from omloop.probe.load.plot import FORMATS, plot_climb, plot_load
from omloop.probe.load.race import Stairs, race, winner
from omloop.probe.run import run
from omloop.probe.target import Target

__all__ = [
    "FORMATS",
    "Answer",
    "Broken",
    "Check",
    "Counts",
    "Example",
    "Latencies",
    "Load",
    "Plan",
    "Prober",
    "Round",
    "Slice",
    "Stairs",
    "Step",
    "Target",
    "agrees",
    "ask",
    "capacity",
    "climb",
    "described",
    "load",
    "locustfile",
    "plot_climb",
    "plot_load",
    "published",
    "race",
    "repeat",
    "run",
    "winner",
]
