"""Where the time goes: in Python, in a network's operators, and in the packaged graph's."""

from omloop.profile.costs import Costs, costliest
from omloop.profile.graph import graph_costs
from omloop.profile.stacks import Stacks, peak_bytes, stacks

__all__ = [
    "Costs",
    "Stacks",
    "costliest",
    "graph_costs",
    "peak_bytes",
    "stacks",
]
