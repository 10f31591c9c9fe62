"""What moves a network's weights, and how its rate changes, by name or as a project makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR, ReduceLROnPlateau, StepLR

from omloop.core import TrainError, UnknownNameError
from omloop.train.recipe import OPTIMISERS, SCHEDULES

Maker = Callable[[Iterable[torch.nn.Parameter]], Optimizer | tuple[Optimizer, LRScheduler]]
"""What a project makes its own optimiser with, alone or with the schedule of its rate."""

LESS = 0.1
"""What `step` and `plateau` multiply the rate by."""
STEPS = 3
PATIENCE = 3


def optimiser_of(
    given: str | Maker, parameters: Iterable[torch.nn.Parameter], *, lr: float, weight_decay: float, momentum: float
) -> tuple[Optimizer, LRScheduler | None]:
    """The optimiser of that name, or the project's own, with its own schedule if it has one.

    Raises UnknownNameError, and TrainError for anything but an optimiser.
    """
    if isinstance(given, str):
        if given not in OPTIMISERS:
            raise UnknownNameError("optimiser", given, OPTIMISERS)
        if given == "sgd":
            return SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay), None
        kind = AdamW if given == "adamw" else Adam
        return kind(parameters, lr=lr, weight_decay=weight_decay), None
    made = given(parameters)
    optimiser, schedule = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    if not isinstance(optimiser, Optimizer) or not isinstance(schedule, LRScheduler | None):
        raise TrainError(
            f"The project's own optimiser is a {type(made).__name__}. Give a function of the parameters that answers a "
            "torch.optim.Optimizer, or a pair of it and a scheduler of torch.optim.lr_scheduler."
        )
    return optimiser, schedule


def schedule_of(name: str, optimiser: Optimizer, *, lr: float, epochs: int, steps: int) -> Any:
    """The schedule of that name over these epochs and steps, as Lightning takes it; None for `constant`.

    Raises UnknownNameError.
    """
    if name not in SCHEDULES:
        raise UnknownNameError("schedule", name, SCHEDULES)
    if name == "one_cycle":
        return {"scheduler": OneCycleLR(optimiser, max_lr=lr, total_steps=steps), "interval": "step"}
    made: Callable[[], LRScheduler] | None = {
        "cosine": lambda: CosineAnnealingLR(optimiser, T_max=epochs),
        "plateau": lambda: ReduceLROnPlateau(optimiser, factor=LESS, patience=PATIENCE),
        "step": lambda: StepLR(optimiser, step_size=max(1, epochs // STEPS), gamma=LESS),
    }.get(name)
    return None if made is None else {"scheduler": made(), "interval": "epoch"}
