"""The networks that are served, in plain torch: drawn at random, because what they answer costs the same.

Each takes what the packaged graph takes (pixels as they were decoded, tokens) and gives probabilities, so that torch
and ONNX do the same work.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Pictures(nn.Module):
    """uint8 pixels of shape (n, h, w, channels) to probabilities."""

    def __init__(self, body: nn.Module, width: int, classes: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(width, classes)

    def forward(self, pixels: Tensor) -> Tensor:
        images = (pixels.permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.25
        return self.head(self.body(images)).softmax(1)


def small_cnn(classes: int) -> nn.Module:
    """Three convolutions, 24,000 parameters: 64 x 64 pictures."""
    layers: list[nn.Module] = []
    for taken, width in ((3, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(taken, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
    return Pictures(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 64, classes)


def two_convolutions(classes: int) -> nn.Module:
    """Two convolutions, 5 x 5 averages, two layers."""
    body = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        Averages(5),
        nn.Flatten(),
        nn.Linear(1600, 64),
        nn.ReLU(),
    )
    return Pictures(body, 64, classes)


class Averages(nn.Module):
    """What `AdaptiveAvgPool2d(side)` does where the size is fixed, in operations that ONNX has."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, images: Tensor) -> Tensor:
        return self._along(self._along(images, 2), 3)

    def _along(self, images: Tensor, axis: int) -> Tensor:
        size = images.shape[axis]
        starts = [size * index // self.side for index in range(self.side)]
        ends = [-(-size * (index + 1) // self.side) for index in range(self.side)]
        means = [
            images.narrow(axis, start, end - start).mean(axis, keepdim=True)
            for start, end in zip(starts, ends, strict=True)
        ]
        return torch.cat(means, axis)


class Residual(nn.Module):
    """Two convolutions, and what came in added (He et al. 2016, "Deep residual learning for image recognition")."""

    def __init__(self, taken: int, width: int, stride: int) -> None:
        super().__init__()
        self.inside = nn.Sequential(
            nn.Conv2d(taken, width, 3, stride, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        same = taken == width and stride == 1
        self.past = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv2d(taken, width, 1, stride, bias=False), nn.BatchNorm2d(width))
        )

    def forward(self, images: Tensor) -> Tensor:
        return F.relu(self.inside(images) + self.past(images))


def resnet18(classes: int) -> nn.Module:
    """ResNet-18, 11.2 million parameters: 224 x 224 pictures."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    taken = 64
    for width in (64, 128, 256, 512):
        layers += [Residual(taken, width, 1 if width == 64 else 2), Residual(width, width, 1)]
        taken = width
    return Pictures(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 512, classes)


def efficientnet(classes: int) -> nn.Module:
    """EfficientNet-b1, 6.5 million parameters: 240 x 240 pictures. Only to be packaged; it comes from transformers."""
    from omloop.train.backbones import efficientnet as made

    body, width = made(variant="b1")
    return Pictures(body, width, classes)


class Layer(nn.Module):
    """One layer of BERT (Devlin et al. 2019)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.asked, self.together = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        rows, length, width = states.shape
        parts = self.asked(states).reshape(rows, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=mask)
        states = self.first(states + self.together(seen.transpose(1, 2).reshape(rows, length, width)))
        return self.second(states + self.narrow(F.gelu(self.wide(states))))


class Texts(nn.Module):
    """Tokens to probabilities: an encoder as BERT's, the mean of what it sees, a layer."""

    def __init__(self, classes: int, *, width: int, layers: int, heads: int, words: int = 30_522) -> None:
        super().__init__()
        self.words, self.places, self.first = nn.Embedding(words, width), nn.Embedding(512, width), nn.LayerNorm(width)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.head = nn.Linear(width, classes)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        states = self.first(self.words(input_ids) + self.places(places))
        mask = attention_mask[:, None, None, :].bool()
        for layer in self.layers:
            states = layer(states, mask)
        shown = attention_mask[:, :, None].float()
        return self.head((states * shown).sum(1) / shown.sum(1)).softmax(1)


def minilm(classes: int) -> nn.Module:
    """The size of MiniLM-L6: 6 layers of width 384, 22.7 million parameters."""
    return Texts(classes, width=384, layers=6, heads=12)


def distilbert(classes: int) -> nn.Module:
    """The size of DistilBERT: 6 layers of width 768, 66 million parameters."""
    return Texts(classes, width=768, layers=6, heads=12)


NETWORKS = {
    "efficientnet": efficientnet,
    "small_cnn": small_cnn,
    "two_convolutions": two_convolutions,
    "resnet18": resnet18,
    "minilm": minilm,
    "distilbert": distilbert,
}


def network(name: str, classes: int) -> Any:
    """A network in evaluation mode; the same one at every call."""
    torch.manual_seed(0)
    made = NETWORKS[name](classes).eval()
    for module in made.modules():
        if name == "resnet18" and isinstance(module, nn.Conv2d):  # as torch draws them, what comes in fades
            nn.init.normal_(module.weight, 0, math.sqrt(2 / (module.out_channels * module.kernel_size[0] ** 2)))
    return made
