"""What a network needs to learn from pictures: normalisation inside the graph, and augmentation on the device."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import affine_grid, grid_sample

_AT_ONCE = 256


class PicturePreprocessing(torch.nn.Module):
    """Turns pictures, uint8 of shape (n, height, width, channels), into float32 (n, channels, height, width).

    It standardises each channel by its mean and deviation in `examples`. These are examples of the kind `Image`, or
    pixels of that shape. It also takes floats of the same shape, from augmentation.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, examples: NDArray[Any]) -> None:
        super().__init__()
        mean, spread = _mean_and_spread(examples["pixels"] if examples.dtype.names else examples)
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("spread", torch.tensor(np.maximum(spread, 1.0), dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Normalised pictures."""
        normalised = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.spread
        # Convolutions on a CPU are faster with the channels last; the packaged graph decides that for itself.
        return normalised.contiguous(memory_format=torch.channels_last) if self.training else normalised


class Mirrored(torch.nn.Module):
    """The mean of the `features` of pictures (n, channels, height, width) and of their mirror images.

    In training it sees each picture once; add mirrored pictures by augmentation.
    """

    def __init__(self, features: torch.nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Features, shape (n, features)."""
        seen: torch.Tensor
        if self.training:
            seen = self.features(pictures)
        else:
            both = self.features(torch.cat([pictures, pictures.flip(3)]))
            seen = both.unflatten(0, (2, -1)).mean(dim=0)
        return seen


@dataclass(frozen=True)
class Augment:
    """Random changes that leave a picture's meaning alone, drawn anew for each picture of a batch.

    `flip` and `flop` mirror it sideways and upside down with probability one half. `turn` is the largest rotation in
    degrees, `shift` the largest move as a share of the side, `zoom` the largest change of scale. `brightness` and
    `contrast` are the largest relative changes; `erase` is the side of a grey square over some of it, as a share.
    `saturation` is the largest relative change of how far colours are from grey, `hue` the largest turn of them around
    grey in degrees; both leave grey pictures alone. Pixels from outside repeat the `border`, or are a `reflection` of
    the inside.

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
    saturation: float = 0.0
    hue: float = 0.0
    outside: Literal["border", "reflection"] = "border"

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """A changed copy of a batch, float32 of shape (n, height, width, channels), on the batch's own device."""
        # In bfloat16 the places that a moved picture is read at would be rounded to some pixels' hundredths.
        with torch.autocast(pixels.device.type, enabled=False):
            return self._changed(pixels.permute(0, 3, 1, 2).float()).clamp(0, 255).permute(0, 2, 3, 1)

    def _changed(self, pictures: torch.Tensor) -> torch.Tensor:
        """Changed pictures of shape (n, channels, height, width)."""
        changed = _moved(pictures, self)
        draw = _draw(changed)
        if (self.saturation or self.hue) and changed.shape[1] == 3:
            changed = _tinted(changed, self.saturation * draw(1), math.radians(self.hue) * draw(1))
        if self.contrast:
            middle = changed.mean(dim=(1, 2, 3), keepdim=True)
            changed = (changed - middle) * (1 + self.contrast * draw(4)) + middle
        if self.brightness:
            changed = changed * (1 + self.brightness * draw(4))
        return _erased(changed, self.erase) if self.erase else changed


def _mean_and_spread(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each channel, some pictures at a time: squares of all would be large."""
    sums = np.zeros((2, pixels.shape[3]))
    for start in range(0, len(pixels), _AT_ONCE):
        some = pixels[start : start + _AT_ONCE].astype(np.float64)
        sums += some.sum(axis=(0, 1, 2)), np.square(some).sum(axis=(0, 1, 2))
    mean, square = sums / max(1, pixels[..., 0].size)
    return mean, np.sqrt(np.maximum(square - mean**2, 0))


def _draw(pictures: torch.Tensor) -> Callable[[int], torch.Tensor]:
    """A function that draws a number from -1 to 1 for each picture, in as many dimensions as asked for."""

    def draw(dimensions: int) -> torch.Tensor:
        shape = (len(pictures), *[1] * (dimensions - 1))
        return torch.rand(shape, device=pictures.device) * 2 - 1

    return draw


def _moved(pictures: torch.Tensor, by: Augment) -> torch.Tensor:
    """Mirrored, turned, shifted and zoomed in one resampling."""
    draw = _draw(pictures)
    angle, scale = draw(1) * math.radians(by.turn), 1 + by.zoom * draw(1)
    across = torch.where(draw(1) < 0, -1.0, 1.0) if by.flip else torch.ones_like(angle)
    down = torch.where(draw(1) < 0, -1.0, 1.0) if by.flop else torch.ones_like(angle)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    # The grid runs from -1 to 1 along both sides; without their proportion a turn would shear what is not square.
    height, width = pictures.shape[2:]
    rows = [
        torch.stack([cos * across, -sin * down * (height / width), 2 * by.shift * draw(1)], dim=1),
        torch.stack([sin * across * (width / height), cos * down, 2 * by.shift * draw(1)], dim=1),
    ]
    grid = affine_grid(torch.stack(rows, dim=1), list(pictures.shape), align_corners=False)
    return grid_sample(pictures, grid, padding_mode=by.outside, align_corners=False)


def _tinted(pictures: torch.Tensor, saturation: torch.Tensor, hue: torch.Tensor) -> torch.Tensor:
    """Colours turned around the grey axis by `hue` and moved from it by the factor 1 + `saturation`; each (n,)."""
    # Rodrigues' rotation about (1, 1, 1), one 3 by 3 matrix a picture: all else costs a pass over every pixel.
    cos, sin = ((1 + saturation) * of(hue) for of in (torch.cos, torch.sin))
    next_, last = (-1 / 3 * (cos - 1) + sign * sin / math.sqrt(3) for sign in (-1, 1))
    first = torch.stack([cos + (1 - cos) / 3, next_, last], dim=1)
    matrix = torch.stack([first.roll(row, dims=1) for row in range(3)], dim=1)
    return (matrix @ pictures.flatten(2)).view_as(pictures)


def _erased(pictures: torch.Tensor, share: float) -> torch.Tensor:
    """A square of each picture's own mean over some place of it (DeVries and Taylor 2017, Cutout)."""
    count, _, height, width = pictures.shape
    half = share / 2
    y, x = (torch.rand(count, 1, 1, 1, device=pictures.device) for _ in range(2))
    down = torch.linspace(0, 1, height, device=pictures.device).view(1, 1, -1, 1)
    across = torch.linspace(0, 1, width, device=pictures.device).view(1, 1, 1, -1)
    inside = ((down - y).abs() < half) & ((across - x).abs() < half)
    return torch.where(inside, pictures.mean(dim=(1, 2, 3), keepdim=True), pictures)
