"""A network as it is packaged: what it answers, in the target's own unit, and where it sees an example."""

import math

import numpy as np
import torch

from omloop.core import Job, NumberArray
from omloop.kinds import Classes
from omloop.train.recipe import PLAIN, Recipe

COORDINATES = 8


class HeadedNetwork(torch.nn.Module):
    """A network in two: a `body` that makes features, shape (n, features), and a `head` that reads them.

    What the body sees in live data can be watched: the packaged graph also answers the first principal coordinates of
    the features; see `omloop.bundle.engine.embedding`.
    """

    def __init__(self, body: torch.nn.Module, head: torch.nn.Module) -> None:
        super().__init__()
        self.body = body
        self.head = head

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        """The head's answer."""
        answer: torch.Tensor = self.head(self.body(*feeds))
        return answer


class Answering(torch.nn.Module):
    """A network with its last step: back to the target's own unit, or from logits to probabilities.

    It is packaged whole. Targets are standardised by the training part's mean and standard deviation. Once `look` has
    seen examples, a `HeadedNetwork` network's features are answered too, as coordinates.
    """

    centre: torch.Tensor
    spread: torch.Tensor
    origin: torch.Tensor | None
    axes: torch.Tensor | None

    def __init__(self, network: torch.nn.Module, job: Job) -> None:
        super().__init__()
        self.network = network
        self.classes = len(job.outputs.classes) if isinstance(job.outputs, Classes) else 0
        targets = np.zeros(1) if self.classes else job.train.targets
        self.register_buffer("centre", torch.tensor(float(targets.mean())))
        self.register_buffer("spread", torch.tensor(float(targets.std()) or 1.0))
        self.register_buffer("origin", None)
        self.register_buffer("axes", None)
        self.counts: NumberArray | None = None
        if isinstance(job.outputs, Classes):
            targets = job.train.targets
            known = (
                targets.sum(axis=0) if targets.ndim == 2 else np.bincount(targets, minlength=len(job.outputs.classes))
            )
            self.counts = known

    def weights(self, balance: float) -> torch.Tensor | None:
        """A weight a class, 1 on average over the training examples; None where all count alike."""
        if self.counts is None or not balance:
            return None
        weights = np.maximum(self.counts, 1) ** -balance
        weights *= self.counts.sum() / (weights * self.counts).sum()
        return torch.tensor(weights, dtype=torch.float32, device=self.centre.device)

    def look(self, features: torch.Tensor) -> None:
        """Learn the axes of the coordinates: principal components of features, each scaled to a deviation of 1."""
        self.origin = features.mean(dim=0)
        _, spread, axes = torch.linalg.svd(features - self.origin, full_matrices=False)
        most = min(COORDINATES, *features.shape)
        deviations = spread[:most].clamp(min=1e-6) / math.sqrt(len(features))
        self.axes = (axes[:most] / deviations[:, None]).T.contiguous()

    def forward(self, *feeds: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Answer: shape (n,) for a number, (n, classes) probabilities for classes; then coordinates, if there are."""
        if self.axes is None or self.origin is None:
            return (self._answer(self.network(*feeds)),)
        features = self.network.body(*feeds)  # type: ignore[operator]
        answer = self._answer(self.network.head(features))  # type: ignore[operator]
        return answer, (features - self.origin) @ self.axes

    def _answer(self, raw: torch.Tensor) -> torch.Tensor:
        return torch.softmax(raw, dim=1) if self.classes else raw.squeeze(1) * self.spread + self.centre

    def loss(
        self,
        feeds: list[torch.Tensor],
        targets: torch.Tensor,
        *,
        recipe: Recipe | None = None,
        weights: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The mean loss of a batch, with classes weighed and labels smoothed as `recipe` says.

        `weights` of shape (n,) say how much each example counts.
        """
        if weights is not None:
            losses = self._losses(feeds, targets, recipe or PLAIN)
            return (losses * weights).sum() / weights.sum().clamp(min=1e-12)
        raw = self.network(*feeds)
        if self.classes and recipe is not None:
            losses = torch.nn.functional.cross_entropy(raw, targets, label_smoothing=recipe.smoothing, reduction="none")
            # Not cross_entropy's own weights: they would hand most of the smoothing to the rarest classes.
            weights = self.weights(recipe.balance)
            if weights is None:
                return losses.mean()
            weighed = targets @ weights if targets.ndim == 2 else weights[targets]
            return (losses * weighed).sum() / weighed.sum()
        if self.classes:
            return torch.nn.functional.cross_entropy(raw, targets)
        return torch.nn.functional.mse_loss(raw.squeeze(1), self.standardised(targets))

    def mass(self, targets: torch.Tensor, recipe: Recipe, weights: torch.Tensor | None) -> torch.Tensor:
        """How much a batch counts, by which its loss was divided; a tensor of one number."""
        if weights is not None:
            return weights.sum()
        by_class = self.weights(recipe.balance)
        if by_class is None:
            return torch.tensor(float(len(targets)), device=targets.device)
        return (targets @ by_class if targets.ndim == 2 else by_class[targets]).sum()

    def standardised(self, targets: torch.Tensor) -> torch.Tensor:
        """Targets as the network learns them: numbers with a mean of 0 and a deviation of 1, classes as they are."""
        return targets if self.classes else (targets - self.centre) / self.spread

    def _losses(self, feeds: list[torch.Tensor], targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        """Each example's loss, shape (n,), a rare class's as much more as `recipe` says."""
        raw = self.network(*feeds)
        if not self.classes:
            return torch.square(raw.squeeze(1) - self.standardised(targets))
        losses = torch.nn.functional.cross_entropy(raw, targets, label_smoothing=recipe.smoothing, reduction="none")
        by_class = self.weights(recipe.balance)
        if by_class is None:
            return losses
        return losses * (targets @ by_class if targets.ndim == 2 else by_class[targets])
