"""How one network learns: the arguments of `fit_network`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from omloop.train.optimisers import Maker
from omloop.train.recipe import Recipe

Step = Callable[[torch.nn.Module, tuple[torch.Tensor, ...]], torch.Tensor]
"""A project's own training step: the loss, a tensor of one number, of its network on a batch."""


@dataclass(frozen=True)
class Plan:
    """The arguments of `fit_network`, beside the network and the job."""

    epochs: int
    lr: float
    batch_size: int
    patience: int
    weight_decay: float
    optimiser: str | Maker
    step: Step | None
    recipe: Recipe
