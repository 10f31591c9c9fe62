"""A part of a network that does not learn, or not yet."""

import torch


class Frozen(torch.nn.Module):
    """A part of a network whose weights stay as they are: for good, or for the first `thaw` epochs.

    While frozen it computes as in evaluation: the statistics of batch normalisation do not change either.
    """

    def __init__(self, inner: torch.nn.Module, thaw: int | None = None) -> None:
        super().__init__()
        self.inner = inner
        self.thaw = thaw
        self._mode = inner.training
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Be as that epoch wants it."""
        learns = self.thaw is not None and epoch >= self.thaw
        self.inner.requires_grad_(learns)
        self.inner.train(learns and self._mode)

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        """What the part answers."""
        answer: torch.Tensor = self.inner(*feeds)
        return answer


def thawed(network: torch.nn.Module) -> torch.nn.Module:
    """The network; from now on all of it learns."""
    for module in network.modules():
        if isinstance(module, Frozen):
            module.thaw = 0
            module.begin(0)
    return network.requires_grad_(True)
