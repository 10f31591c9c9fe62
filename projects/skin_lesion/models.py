"""The models of this project. Each library is imported by the model that needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omloop import Classes, Fitted, Image, Job

if TYPE_CHECKING:
    from torch import nn


@dataclass
class Prior:
    """The baseline: every picture gets the shares of the diagnoses in the training part."""

    name: str = "prior"


@dataclass
class Network:
    """What all three networks can be told; `balance` weighs rare diagnoses up, 1 until all count alike."""

    epochs: int = 60
    lr: float = 2e-3
    batch_size: int = 32
    weight_decay: float = 0.05
    dropout: float = 0.3
    balance: float = 0.75
    smoothing: float = 0.1


@dataclass
class BaselineCnn(Network):
    """Pairs of convolutions with batch normalisation, one pair a width, behind one that halves the picture."""

    name: str = "baseline_cnn"
    stem: int = 32
    widths: tuple[int, ...] = (32, 64, 128, 256)


@dataclass
class ResNet(Network):
    """A residual network, a stage a width; `weights` is a folder or a hub's name to start from.

    The folder holds config.json and model.safetensors; nothing starts from scratch.
    """

    name: str = "resnet"
    epochs: int = 40
    depths: tuple[int, ...] = (2, 2, 2, 2)
    widths: tuple[int, ...] = (32, 64, 128, 256)
    bottleneck: bool = False
    weights: str = ""


@dataclass
class EfficientNet(Network):
    """An EfficientNet from `b0` to `b7`; `weights` is as for a `ResNet`."""

    name: str = "efficientnet"
    epochs: int = 10
    variant: str = "b0"
    weights: str = ""


def fit_prior(job: Job) -> Fitted:
    """Learn the shares."""
    from sklearn.dummy import DummyClassifier

    from omloop.train import fit_estimator

    return fit_estimator(DummyClassifier(strategy="prior"), job)


def fit_baseline_cnn(job: Job[Image, Classes]) -> Fitted:
    """Learn a plain convolutional network."""

    def build() -> tuple[nn.Module, int]:
        from torch import nn

        def convolution(taken: int, given: int, stride: int = 1) -> list[nn.Module]:
            layer = nn.Conv2d(taken, given, 3, stride=stride, padding=1, bias=False)
            return [layer, nn.BatchNorm2d(given), nn.ReLU()]

        before = job.config.stem
        layers = convolution(job.inputs.channels, before, stride=2)
        for width in job.config.widths:
            layers += [*convolution(before, width), *convolution(width, width), nn.MaxPool2d(2)]
            before = width
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), before

    return _fit(build, job)


def fit_resnet(job: Job[Image, Classes]) -> Fitted:
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


def fit_efficientnet(job: Job[Image, Classes]) -> Fitted:
    """Learn an EfficientNet."""

    def build() -> tuple[nn.Module, int]:
        from omloop.train.backbones import efficientnet

        return efficientnet(variant=job.config.variant, weights=job.config.weights)

    return _fit(build, job)


def _fit(backbone: Callable[[], tuple[nn.Module, int]], job: Job[Image, Classes]) -> Fitted:
    """Learn a network of which `backbone` makes all but the last layer, on lesions turned, moved, lit and tinted."""
    from torch import nn

    from omloop.train.lightning import HeadedNetwork, Recipe, fit_network
    from omloop.train.pictures import Augment, PicturePreprocessing

    config = job.config

    def build() -> nn.Module:
        features, width = backbone()
        body = nn.Sequential(PicturePreprocessing(job.train.examples), features, nn.Dropout(config.dropout))
        return HeadedNetwork(body, nn.Linear(width, len(job.outputs.classes)))

    # A lesion has no up: any turn of it is as good a picture as the first.
    augment = Augment(
        flip=True,
        turn=180,
        shift=0.08,
        zoom=0.2,
        outside="reflection",
        brightness=0.15,
        contrast=0.2,
        saturation=0.2,
        hue=8,
        erase=0.25,
    )
    recipe = Recipe(augment, config.balance, config.smoothing, one_cycle=True, mixed=True, last=True)
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
