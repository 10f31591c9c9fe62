"""How a network is trained, beyond its rate and its epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Recipe:
    """What may be added to plain training.

    `augment` changes the first feed of each training batch. `balance`, 0 to 1, weighs classes by the power -`balance`
    of their frequency, so that 1 makes all classes count alike. `smoothing` moves that share of each label to all
    classes. `mixed` computes in bfloat16 where the device has instructions for it; weights and losses stay float32.
    `one_cycle` warms the rate up and anneals it to nothing over all epochs (Smith and Topin 2018). `last` keeps the
    weights of the last epoch instead of those of the lowest validation loss: for few validation examples of rare
    classes that is mostly noise, and a rate that was annealed to nothing has come to rest.
    """

    augment: Callable[[torch.Tensor], torch.Tensor] | None = None
    balance: float = 0.0
    smoothing: float = 0.0
    one_cycle: bool = False
    mixed: bool = False
    clip: float = 0.0
    by_length: bool = False
    last: bool = False


PLAIN = Recipe()
