"""The options of all networks of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from omloop.train.catalogue.options import Options, number, word
from omloop.train.recipe import OPTIMISERS, SCHEDULES

if TYPE_CHECKING:
    from omloop.train.recipe import Recipe

NORMS = ("batch", "none")
"""What stands between the layers: batch normalisation (Ioffe and Szegedy 2015), or nothing."""


@dataclass
class Network(Options):
    """Options of every network; see `Recipe` for `optimiser`, `schedule`, `momentum` and `devices`.

    The default `weight_decay` is that of `adamw`, which alone separates it from the gradients. In the gradients of the
    others the same number would keep a network from learning. They have none, unless you give another number.
    """

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
    """The parts of a network's configuration for `fit_network`, beside its recipe."""
    names = ("epochs", "lr", "batch_size", "optimiser", "patience")
    told = {name: getattr(config, name) for name in names if hasattr(config, name)}
    default = next(one.default for one in fields(config) if one.name == "weight_decay")
    kept = config.optimiser == "adamw" or config.weight_decay != default
    return told | {"weight_decay": config.weight_decay if kept else 0.0}


def recipe_of(config: Any, **more: Any) -> Recipe:
    """The recipe that a network's configuration asks for."""
    from omloop.train.recipe import Recipe

    return Recipe(schedule=config.schedule, momentum=config.momentum, devices=config.devices, **more)
