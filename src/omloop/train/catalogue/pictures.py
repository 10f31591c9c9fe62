"""The catalogue's models of pictures, for classes and for numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import Fitted, Job

if TYPE_CHECKING:
    from torch import nn


@dataclass
class PcaLinear:
    """Logistic or ridge regression on whitened principal components; `c` is the inverse of the strength of its penalty.

    `enough` is how many pictures to learn from, moved and mirrored copies among them: see `more_pictures`.
    """

    name: str = "pca_linear"
    components: int = 80
    c: float = 0.1
    enough: int = 2000


@dataclass
class Network:
    """What all networks can be told.

    `augment` says how pictures are changed while learning: `upright` for what has an up, `turned` for what has none,
    `none` for what a change would make another thing. `balance` weighs rare classes up, 1 until all count alike.
    `last` keeps the weights of the last epoch instead of the best on validation: better with few rare examples there.
    """

    epochs: int = 40
    lr: float = 2e-3
    batch_size: int = 32
    weight_decay: float = 0.05
    dropout: float = 0.3
    balance: float = 0.25
    smoothing: float = 0.1
    augment: str = "upright"
    last: bool = False


@dataclass
class Cnn(Network):
    """Pairs of convolutions with batch normalisation, one pair a width.

    With `stem`, so many first channels, a convolution that halves the picture comes before them. `between` is the
    dropout after each pair.
    """

    name: str = "cnn"
    lr: float = 3e-3
    batch_size: int = 64
    weight_decay: float = 0.02
    dropout: float = 0.4
    between: float = 0.1
    stem: int = 0
    widths: tuple[int, ...] = (32, 64, 128, 256)


@dataclass
class ResNet(Network):
    """A residual network, a stage a width; `weights` is a folder or a hub's name to start from.

    The folder holds config.json and model.safetensors; nothing starts from scratch.
    """

    name: str = "resnet"
    depths: tuple[int, ...] = (2, 2, 2, 2)
    widths: tuple[int, ...] = (32, 64, 128, 256)
    bottleneck: bool = False
    weights: str = ""


@dataclass
class EfficientNet(Network):
    """An EfficientNet from `b0` to `b7`; `weights` is as for a `resnet`."""

    name: str = "efficientnet"
    epochs: int = 10
    variant: str = "b0"
    weights: str = ""


AUGMENTS: dict[str, dict[str, Any]] = {
    "none": {},
    "upright": {
        "flip": True,
        "turn": 12,
        "shift": 0.08,
        "zoom": 0.12,
        "brightness": 0.2,
        "contrast": 0.2,
        "erase": 0.25,
    },
    "turned": {
        "flip": True,
        "turn": 180,
        "shift": 0.08,
        "zoom": 0.2,
        "outside": "reflection",
        "brightness": 0.15,
        "contrast": 0.2,
        "saturation": 0.2,
        "hue": 8,
        "erase": 0.25,
    },
}
"""How a network's pictures may be changed while it learns, as options of `omloop.train.pictures.Augment`."""


def fit_pca_linear(job: Job) -> Fitted:
    """Learn the components, and a weight for each."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline

    from omloop.kinds import Classes
    from omloop.train import fit_estimator
    from omloop.train.picture_copies import more_pictures

    config = job.config
    components = PCA(min(config.components, len(job.train) - 1), whiten=True, random_state=job.seed)
    linear = LogisticRegression(C=config.c, max_iter=500) if isinstance(job.outputs, Classes) else Ridge(1 / config.c)
    return fit_estimator(make_pipeline(components, linear), more_pictures(job, config.enough))


def fit_cnn(job: Job) -> Fitted:
    """Learn a plain convolutional network."""

    def build() -> tuple[nn.Module, int]:
        from torch import nn

        config = job.config

        def convolution(taken: int, given: int, stride: int = 1) -> list[nn.Module]:
            layer = nn.Conv2d(taken, given, 3, stride=stride, padding=1, bias=False)
            return [layer, nn.BatchNorm2d(given), nn.ReLU()]

        before = config.stem or job.inputs.channels  # type: ignore[attr-defined]
        layers = convolution(job.inputs.channels, before, stride=2) if config.stem else []  # type: ignore[attr-defined]
        for width in config.widths:
            layers += [*convolution(before, width), *convolution(width, width), nn.MaxPool2d(2)]
            layers += [nn.Dropout(config.between)] if config.between else []
            before = width
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), before

    return _fit(build, job)


def fit_resnet(job: Job) -> Fitted:
    """Learn a residual network."""

    def build() -> tuple[nn.Module, int]:
        from omloop.train.backbones import resnet

        config = job.config
        return resnet(
            depths=tuple(config.depths),
            widths=tuple(config.widths),
            bottleneck=config.bottleneck,
            weights=config.weights,
        )

    return _fit(build, job)


def fit_efficientnet(job: Job) -> Fitted:
    """Learn an EfficientNet."""

    def build() -> tuple[nn.Module, int]:
        from omloop.train.backbones import efficientnet

        return efficientnet(variant=job.config.variant, weights=job.config.weights)

    return _fit(build, job)


def _fit(backbone: Callable[[], tuple[nn.Module, int]], job: Job) -> Fitted:
    """Learn a network of which `backbone` makes all but the last layer."""
    from torch import nn

    from omloop.core import UnknownNameError
    from omloop.kinds import Classes
    from omloop.train.lightning import HeadedNetwork, Recipe, fit_network
    from omloop.train.pictures import Augment, PicturePreprocessing

    config = job.config
    if config.augment not in AUGMENTS:
        raise UnknownNameError("way to change pictures", config.augment, AUGMENTS)
    answers = len(job.outputs.classes) if isinstance(job.outputs, Classes) else 1

    def build() -> nn.Module:
        features, width = backbone()
        body = nn.Sequential(PicturePreprocessing(job.train.examples), features, nn.Dropout(config.dropout))
        return HeadedNetwork(body, nn.Linear(width, answers))

    augment = Augment(**AUGMENTS[config.augment]) if config.augment != "none" else None
    recipe = Recipe(augment, config.balance, config.smoothing, one_cycle=True, mixed=True, last=config.last)
    return fit_network(
        build,
        job,
        epochs=config.epochs,
        lr=config.lr,
        batch_size=config.batch_size,
        patience=config.epochs,
        weight_decay=config.weight_decay,
        recipe=recipe,
    )
