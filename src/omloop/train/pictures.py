"""What a network needs to learn from pictures: normalisation inside the graph, and augmentation on the device."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import affine_grid, grid_sample


class PicturePreprocessing(torch.nn.Module):
    """Turns pictures, uint8 of shape (n, height, width, channels), into float32 (n, channels, height, width).

    Each channel is standardised by its mean and deviation in `examples`. Floats of the same shape, as augmentation
    makes them, are taken too.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, examples: NDArray[Any]) -> None:
        super().__init__()
        pixels = examples.reshape(-1, examples.shape[-1])
        mean = pixels.mean(axis=0, dtype=np.float64)
        spread = np.sqrt(np.square(pixels, dtype=np.float64).mean(axis=0) - mean**2)
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("spread", torch.tensor(np.maximum(spread, 1.0), dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Normalised pictures."""
        normalised = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.spread
        # Convolutions on a CPU are faster with the channels last; the packaged graph decides that for itself.
        return normalised.contiguous(memory_format=torch.channels_last) if self.training else normalised


@dataclass(frozen=True)
class Augment:
    """Random changes that leave a picture's meaning alone, drawn anew for each picture of a batch.

    `flip` and `flop` mirror it sideways and upside down with probability one half. `turn` is the largest rotation in
    degrees, `shift` the largest move as a share of the side, `zoom` the largest change of scale. `brightness` and
    `contrast` are the largest relative changes; `erase` is the side of a grey square over some of it, as a share.

    >>> changed = Augment(flip=True, turn=10, shift=0.1)(torch.zeros(2, 8, 8, 3, dtype=torch.uint8))
    >>> changed.shape, changed.dtype
    (torch.Size([2, 8, 8, 3]), torch.float32)
    """

    flip: bool = False
    flop: bool = False
    turn: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    erase: float = 0.0

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """A changed copy of a batch, float32 of shape (n, height, width, channels), on the batch's own device."""
        changed = _moved(pixels.permute(0, 3, 1, 2).float(), self)
        draw = _draw(changed)
        if self.contrast:
            middle = changed.mean(dim=(1, 2, 3), keepdim=True)
            changed = (changed - middle) * (1 + self.contrast * draw(4)) + middle
        if self.brightness:
            changed = changed * (1 + self.brightness * draw(4))
        if self.erase:
            changed = _erased(changed, self.erase)
        return changed.clamp(0, 255).permute(0, 2, 3, 1)


def _draw(pictures: torch.Tensor) -> Callable[[int], torch.Tensor]:
    """A function that draws a number from -1 to 1 for each picture, in as many dimensions as asked for."""

    def draw(dimensions: int) -> torch.Tensor:
        shape = (len(pictures), *[1] * (dimensions - 1))
        return torch.rand(shape, device=pictures.device) * 2 - 1

    return draw


def _moved(pictures: torch.Tensor, by: Augment) -> torch.Tensor:
    """Mirrored, turned, shifted and zoomed in one resampling; what comes in from outside repeats the border."""
    draw = _draw(pictures)
    angle, scale = draw(1) * math.radians(by.turn), 1 + by.zoom * draw(1)
    across = torch.where(draw(1) < 0, -1.0, 1.0) if by.flip else torch.ones_like(angle)
    down = torch.where(draw(1) < 0, -1.0, 1.0) if by.flop else torch.ones_like(angle)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    rows = [
        torch.stack([cos * across, -sin, 2 * by.shift * draw(1)], dim=1),
        torch.stack([sin, cos * down, 2 * by.shift * draw(1)], dim=1),
    ]
    grid = affine_grid(torch.stack(rows, dim=1), list(pictures.shape), align_corners=False)
    return grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def _erased(pictures: torch.Tensor, share: float) -> torch.Tensor:
    """A square of each picture's own mean over some place of it (DeVries and Taylor 2017, Cutout)."""
    count, _, height, width = pictures.shape
    half = share / 2
    y, x = (torch.rand(count, 1, 1, 1, device=pictures.device) for _ in range(2))
    down = torch.linspace(0, 1, height, device=pictures.device).view(1, 1, -1, 1)
    across = torch.linspace(0, 1, width, device=pictures.device).view(1, 1, 1, -1)
    inside = ((down - y).abs() < half) & ((across - x).abs() < half)
    return torch.where(inside, pictures.mean(dim=(1, 2, 3), keepdim=True), pictures)
