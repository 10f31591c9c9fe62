"""What all networks of the catalogue can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.train.catalogue.options import Options, number, word
from omloop.train.recipe import OPTIMISERS, SCHEDULES

if TYPE_CHECKING:
    from omloop.train.recipe import Recipe

NORMS = ("batch", "none")
"""What stands between the layers: batch normalisation (Ioffe and Szegedy 2015), or nothing."""


@dataclass
class Network(Options):
    """Options of every network; see `Recipe` for `optimiser`, `schedule`, `momentum` and `devices`."""

    epochs: int = number(40, low=1)
    lr: float = number(2e-3)
    batch_size: int = number(64, low=1)
    optimiser: str = word("adamw", OPTIMISERS)
    momentum: float = number(0.9, below=1)
    schedule: str = word("constant", SCHEDULES)
    weight_decay: float = number(0.0)
    dropout: float = number(0.0, below=1)
    devices: int = number(1, low=1)


def fitting(config: Any) -> dict[str, Any]:
    """What `fit_network` is told of a network's configuration, beside its recipe."""
    names = ("epochs", "lr", "batch_size", "optimiser", "weight_decay", "patience")
    return {name: getattr(config, name) for name in names if hasattr(config, name)}


def recipe_of(config: Any, **more: Any) -> Recipe:
    """The recipe that a network's configuration asks for."""
    from omloop.train.recipe import Recipe

    return Recipe(schedule=config.schedule, momentum=config.momentum, devices=config.devices, **more)
