"""How to train a network, beyond its learning rate and its epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

OPTIMISERS = ("adam", "adamw", "sgd")
"""What moves the weights, by name."""
SCHEDULES = ("constant", "cosine", "one_cycle", "plateau", "step")
"""How the rate changes while a network learns, by name; see `Recipe`."""


@dataclass(frozen=True)
class Recipe:
    """Optional additions to plain training.

    `augment` changes the first feed of each training batch. `balance`, 0 to 1, weighs classes by the power -`balance`
    of their frequency, so that 1 makes all classes count alike. `corrected` divides the trained network's probabilities
    by these weights. `smoothing` moves that share of each label to all classes. `mixed` computes in bfloat16 where the
    device has instructions for it; weights and losses stay float32.

    `schedule` is one of `SCHEDULES`. `cosine` anneals the rate to nothing over all epochs. `step` divides it by ten
    after each third of them, and `plateau` after three epochs without a better validation loss. `one_cycle` warms it up
    and anneals it to nothing, step by step (Smith and Topin 2018). `momentum` is that of `sgd`. `clip` is the largest
    length of a gradient, 0 for any.

    `last` keeps the weights of the last epoch instead of those of the lowest validation loss. With few validation
    examples of rare classes that loss is mostly noise, and an annealed rate has come to rest. `average` keeps and
    validates a running mean of the weights; each step keeps that share of it, such as 0.998. `mixup`, such as 0.2, lets
    the network learn from means of two examples (Zhang et al. 2018). It is the parameter of the beta distribution of
    their shares, and 0 mixes none. `devices` is how many GPUs, or processes on the CPU, share each batch.
    """

    augment: Callable[[torch.Tensor], torch.Tensor] | None = None
    balance: float = 0.0
    corrected: bool = False
    smoothing: float = 0.0
    schedule: str = "constant"
    mixed: bool = False
    clip: float = 0.0
    by_length: bool = False
    last: bool = False
    average: float = 0.0
    mixup: float = 0.0
    momentum: float = 0.9
    devices: int = 1


PLAIN = Recipe()
