"""Batches as a network learns from them: augmented, and mixed with one another (Zhang et al. 2018, mixup)."""

from __future__ import annotations

import torch

from omloop.train.recipe import Recipe

Batch = tuple[list[torch.Tensor], torch.Tensor, torch.Tensor | None]
"""Feeds, targets, and weights if there are any."""


def training_batch(batch: Batch, recipe: Recipe, classes: int) -> Batch:
    """The batch as the recipe changes it; `classes` is how many there are, 0 for a number.

    >>> batch = [torch.zeros(4, 2)], torch.tensor([0, 1, 1, 0]), None
    >>> feeds, targets, _ = training_batch(batch, Recipe(mixup=0.2), 2)
    >>> feeds[0].shape, targets.shape
    (torch.Size([4, 2]), torch.Size([4, 2]))
    """
    feeds, targets, weights = batch
    if recipe.augment is not None:
        feeds = [recipe.augment(feeds[0]), *feeds[1:]]
    return mixup((feeds, targets, weights), recipe.mixup, classes) if recipe.mixup else (feeds, targets, weights)


def mixup(batch: Batch, alpha: float, classes: int) -> Batch:
    """Each example as a mean of itself and another of the batch, with targets and weights mixed alike.

    The share of the other comes from a beta distribution of `alpha`, one draw for the whole batch, and is at most a
    half. It mixes only the first feed. Targets of classes become shares, float32 of shape (n, classes).
    """
    (first, *others), targets, weights = batch
    share = float(torch.distributions.Beta(alpha, alpha).sample())
    share = min(share, 1 - share)
    order = torch.randperm(len(targets), device=targets.device)

    def mix(values: torch.Tensor) -> torch.Tensor:
        return torch.lerp(values, values[order], share)

    if classes and targets.ndim == 1:
        targets = torch.nn.functional.one_hot(targets, classes).float()
    return [mix(first.float()), *others], mix(targets), None if weights is None else mix(weights)
