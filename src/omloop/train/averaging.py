"""Weights averaged over the steps of a training (Polyak and Juditsky 1992), for validation and for the model."""

from __future__ import annotations

from typing import Any

import torch
from lightning.pytorch.callbacks import Callback

Weights = dict[str, torch.Tensor]


class Averaging(Callback):  # type: ignore[misc]
    """Keeps a running mean of the network's weights; each step keeps the share `decay` of it.

    The mean takes the weights' place during validation. For few steps it is the plain mean.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.mean: Weights = {}
        self._own: Weights = {}

    def on_train_batch_end(self, trainer: Any, module: Any, *_: object) -> None:
        """Take the step into the mean."""
        self.steps += 1
        stays = min(self.decay, self.steps / (self.steps + 10)) if self.steps > 1 else 0.0
        for name, value in module.answering.state_dict().items():
            # A checkpoint's mean lies on the CPU, wherever the training goes on.
            mean = self.mean[name].to(value.device) if name in self.mean else torch.empty_like(value)
            whole = not value.dtype.is_floating_point
            self.mean[name] = mean.copy_(value) if whole or not stays else mean.lerp_(value, 1 - stays)

    def on_validation_start(self, trainer: Any, module: Any) -> None:
        """Put the mean in place for validation."""
        if self.mean:
            self._own = {name: value.clone() for name, value in module.answering.state_dict().items()}
            module.answering.load_state_dict(self.mean)

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """Put the weights of the last step back."""
        if self.mean:
            module.answering.load_state_dict(self._own)
            self._own = {}

    def state_dict(self) -> dict[str, object]:
        """What a checkpoint holds of the mean."""
        return {"steps": self.steps, "mean": self.mean}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        self.steps, self.mean = state_dict["steps"], state_dict["mean"]
