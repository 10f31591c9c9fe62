"""A network in its packaged form: its answers, in the target's own unit, and an example's coordinates."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.functional import linear

from omloop.core import Job, NumberArray
from omloop.kinds import Classes
from omloop.train.recipe import PLAIN, Recipe

COORDINATES = 8


class HeadedNetwork(torch.nn.Module):
    """A network in two: a `body` that makes features, shape (n, features), and a `head` that reads them.

    A watch can follow what the body sees in live data: the packaged graph also gives the first principal coordinates of
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


class Members(torch.nn.Module):
    """Several networks on the same feeds, each learning by itself; their features stand side by side, (n, features).

    They differ by their first weights and their dropout, which is what makes the mean of their answers better than any
    of them (B. Lakshminarayanan et al., "Simple and scalable predictive uncertainty estimation using deep ensembles",
    NeurIPS 2017). A feature counts by its member's share in that mean, so that one linear layer on all makes it.
    """

    def __init__(self, networks: Sequence[torch.nn.Module]) -> None:
        super().__init__()
        self.networks = torch.nn.ModuleList(networks)

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        """The features of the first member, then those of the second, and so on."""
        share = 1 / len(self.networks)
        return torch.cat([share * network(*feeds) for network in self.networks], dim=1)


class MemberHead(torch.nn.Module):
    """A linear layer on the features of several `Members`, which answers by their mean, (n, answers).

    While they learn it answers for each by itself, (members * n, answers), the first one's answers first, so that no
    member leans on another. They share their constant.
    """

    def __init__(self, members: int, width: int, answers: int) -> None:
        super().__init__()
        self.members = members
        self.layer = torch.nn.Linear(members * width, answers)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Answers."""
        answers: torch.Tensor
        if self.training:
            parts = zip(features.chunk(self.members, dim=1), self.layer.weight.chunk(self.members, dim=1), strict=True)
            answers = torch.cat([linear(self.members * own, weight, self.layer.bias) for own, weight in parts])
        else:
            answers = self.layer(features)
        return answers


class Answering(torch.nn.Module):
    """A network with its last step: back to the target's own unit, or from logits to probabilities.

    omloop packages it whole. It standardises targets by the training part's mean and standard deviation. Once `look`
    has seen examples, a `HeadedNetwork` also gives its features, as coordinates.

    A network that learned from weighed classes answers weighed probabilities. A `corrected` recipe divides them by the
    weights, so that they are frequencies again (M. Saerens et al., "Adjusting the outputs of a classifier to new a
    priori probabilities", Neural Computation 14, 2002).
    """

    centre: torch.Tensor
    spread: torch.Tensor
    origin: torch.Tensor | None
    axes: torch.Tensor | None
    weighed: torch.Tensor | None

    def __init__(self, network: torch.nn.Module, job: Job, recipe: Recipe = PLAIN) -> None:
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
        weights = self.weights(recipe.balance) if recipe.corrected else None
        self.register_buffer("weighed", None if weights is None else weights.log())

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
        if not self.classes:
            return raw.squeeze(1) * self.spread + self.centre
        return torch.softmax(raw if self.weighed is None else raw - self.weighed, dim=1)

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
        raw = self.network(*feeds)
        targets = _for_each_member(raw, targets)
        if weights is not None:
            weights = _for_each_member(raw, weights)
            losses = self._losses(raw, targets, recipe or PLAIN)
            return (losses * weights).sum() / weights.sum().clamp(min=1e-12)
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
        """The weight of a batch, the divisor of its loss; a tensor of one number."""
        if weights is not None:
            return weights.sum()
        by_class = self.weights(recipe.balance)
        if by_class is None:
            return torch.tensor(float(len(targets)), device=targets.device)
        return (targets @ by_class if targets.ndim == 2 else by_class[targets]).sum()

    def standardised(self, targets: torch.Tensor) -> torch.Tensor:
        """Targets as the network learns them: numbers with a mean of 0 and a deviation of 1, classes as they are."""
        return targets if self.classes else (targets - self.centre) / self.spread

    def _losses(self, raw: torch.Tensor, targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        """Each example's loss, shape (n,), a rare class's as much more as `recipe` says."""
        if not self.classes:
            return torch.square(raw.squeeze(1) - self.standardised(targets))
        losses = torch.nn.functional.cross_entropy(raw, targets, label_smoothing=recipe.smoothing, reduction="none")
        by_class = self.weights(recipe.balance)
        if by_class is None:
            return losses
        return losses * (targets @ by_class if targets.ndim == 2 else by_class[targets])


def _for_each_member(raw: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """A value of each example, once for each answer to it: `Members` answer one by one while they learn."""
    if len(raw) == len(given):
        return given
    return given.repeat(len(raw) // len(given), *[1] * (given.ndim - 1))
