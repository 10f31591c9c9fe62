"""Asking a server from outside: load tests with an open loop, and a monitor that knows the right answers."""

from omloop.probe.check.agree import agrees
from omloop.probe.check.counts import RoundCounts
from omloop.probe.check.publish import publish_rounds
from omloop.probe.check.repeat import repeat
from omloop.probe.check.rounds import Check, Example, Prober, Round, described_project
from omloop.probe.connection import Answer, BrokenConnection, ask
from omloop.probe.load.climb import RateStep, capacity, climb
from omloop.probe.load.histogram import Latencies
from omloop.probe.load.load import Load, LoadPlan, LoadSlice, load
from omloop.probe.load.locustfile import locustfile
from omloop.probe.load.plot import FORMATS, plot_climb, plot_load
from omloop.probe.load.race import Stairs, race, winner
from omloop.probe.load.summary import SHARES, load_json, step_json
from omloop.probe.run import run
from omloop.probe.target import Target

__all__ = [
    "FORMATS",
    "SHARES",
    "Answer",
    "BrokenConnection",
    "Check",
    "Example",
    "Latencies",
    "Load",
    "LoadPlan",
    "LoadSlice",
    "Prober",
    "RateStep",
    "Round",
    "RoundCounts",
    "Stairs",
    "Target",
    "agrees",
    "ask",
    "capacity",
    "climb",
    "described_project",
    "load",
    "load_json",
    "locustfile",
    "plot_climb",
    "plot_load",
    "publish_rounds",
    "race",
    "repeat",
    "run",
    "step_json",
    "winner",
]
