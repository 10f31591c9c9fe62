"""The catalogue's models of pictures, for classes and for numbers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import ConfigError, Fitted, Job, UnknownNameError
from omloop.train.catalogue.network import NORMS, Network
from omloop.train.catalogue.options import number, word
from omloop.train.recipe import SCHEDULES

if TYPE_CHECKING:
    from torch import nn

LOG = logging.getLogger("omloop.train")


@dataclass
class PcaLinear:
    """Logistic or ridge regression on whitened principal components; `c` is the inverse of the strength of its penalty.

    `enough` is how many pictures to learn from, moved and mirrored copies among them: see `more_pictures`.
    """

    name: str = "pca_linear"
    components: int = 80
    c: float = 0.1
    enough: int = 2000


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
"""Augmentations of a network's pictures during training, as options of `omloop.train.pictures.Augment`."""

SIDES = {"b0": 224, "b1": 240, "b2": 260, "b3": 300, "b4": 380, "b5": 456, "b6": 528, "b7": 600}
"""The picture size that each EfficientNet was designed for (Tan and Le 2019)."""

SIZES = ("given", "own")


@dataclass
class PictureNetwork(Network):
    """The options of all networks of pictures.

    `augment` is the augmentation: `upright` for pictures with an up, `turned` for pictures without one, `none` if any
    change alters the meaning. `balance` weighs rare classes up; at 1 all count alike. `corrected` divides the answered
    probabilities by these weights, so that they are frequencies again. `last` keeps the weights of the
    last epoch instead of the best on validation: better if validation has few rare examples. `average`, such as 0.998,
    keeps a running mean of the weights; each step keeps that share of it, and 0 turns it off. `mixup`, such as 0.2,
    also learns from means of two pictures; see `Recipe`. `mirror` averages the network's features of a picture and of
    its mirror image, for twice the work. `members` is how many networks learn side by side and answer by their mean,
    for that many times the work in training and answering. `norm=none` leaves batch normalisation out. `patience` is
    how many epochs without improvement end training; 0 never ends it early.
    """

    batch_size: int = number(32, low=1)
    weight_decay: float = number(0.05)
    dropout: float = number(0.3, below=1)
    schedule: str = word("one_cycle", SCHEDULES)
    patience: int = number(0)
    norm: str = word("batch", NORMS)
    balance: float = 0.25
    corrected: bool = False
    smoothing: float = number(0.1, below=1)
    augment: str = word("upright", tuple(AUGMENTS))
    last: bool = False
    average: float = number(0.0, below=1)
    mixup: float = number(0.0)
    mirror: bool = False
    members: int = number(1, low=1)


def stops_by_validation(config: PictureNetwork) -> bool:
    """Whether a network so configured ends, changes its rate or keeps its weights by the validation part."""
    return not config.last or config.patience > 0 or config.schedule == "plateau"


@dataclass
class Cnn(PictureNetwork):
    """Pairs of convolutions with batch normalisation, one pair a width.

    With `stem`, its number of channels, a convolution that halves the picture comes before them. `between` is the
    dropout after each pair.
    """

    name: str = "cnn"
    lr: float = number(3e-3)
    batch_size: int = number(64, low=1)
    weight_decay: float = number(0.02)
    dropout: float = number(0.4, below=1)
    between: float = number(0.1, below=1)
    stem: int = number(0)
    widths: tuple[int, ...] = (32, 64, 128, 256)


@dataclass
class Backbone(PictureNetwork):
    """Options of networks with pretrained weights; these are `frozen` for good, or for the first `thaw` epochs."""

    weights: str = ""
    frozen: bool = False
    thaw: int = number(0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.frozen and not self.weights:
            raise ConfigError(
                "model.frozen=true leaves a network as it begins, so it needs weights to begin from: a folder, a file "
                "or a hub's name, model.weights=...",
                key="model.frozen",
            )


@dataclass
class ResNet(Backbone):
    """A residual network, a stage a width; `weights` is a folder, a file or a hub's name to start from.

    The folder holds config.json and model.safetensors. A file of safetensors holds the weights of the network that the
    options describe. Without `weights` it starts from scratch. Loaded weights may be `frozen`, for the first `thaw`
    epochs or (0) for good.
    """

    name: str = "resnet"
    depths: tuple[int, ...] = (2, 2, 2, 2)
    widths: tuple[int, ...] = (32, 64, 128, 256)
    bottleneck: bool = False


@dataclass
class EfficientNet(Backbone):
    """An EfficientNet from `b0` to `b7`; `weights`, `frozen` and `thaw` are as for a `resnet`.

    It sees pictures at the project's size. With `size=own` the network resizes them to the variant's design size, 224
    to 600 pixels a side.
    """

    name: str = "efficientnet"
    epochs: int = number(10, low=1)
    variant: str = word("b0", tuple(SIDES))
    size: str = word("given", SIZES)


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
            layer = nn.Conv2d(taken, given, 3, stride=stride, padding=1, bias=config.norm == "none")
            return [layer, *([] if config.norm == "none" else [nn.BatchNorm2d(given)]), nn.ReLU()]

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
            norm=config.norm,
        )

    return _fit(build, job)


def fit_efficientnet(job: Job) -> Fitted:
    """Learn an EfficientNet."""
    config, side = job.config, picture_side(job.config.variant)
    given = job.train.examples["pixels"].shape[1:3]
    if config.size == "given" and given != (side, side):
        LOG.warning(
            "EfficientNet %s was designed for pictures of %d by %d, and this project's are %d by %d. model.size=own "
            "brings them to its size inside the network; Image(%d, %d) in project.py decodes them so.",
            *(config.variant, side, side, given[1], given[0], side, side),
        )

    def build() -> tuple[nn.Module, int]:
        from torch import nn

        from omloop.train.backbones import efficientnet

        features, width = efficientnet(variant=config.variant, weights=config.weights, norm=config.norm)
        resized = nn.Upsample(size=(side, side), mode="bilinear") if config.size == "own" else None
        return features if resized is None else nn.Sequential(resized, features), width

    return _fit(build, job)


def picture_side(variant: str) -> int:
    """The design size, in pixels, of the square pictures of an EfficientNet from `b0` to `b7`.

    Raises UnknownNameError.

    >>> picture_side("b1")
    240
    """
    if variant not in SIDES:
        raise UnknownNameError("variant of EfficientNet", variant, SIDES)
    return SIDES[variant]


def _fit(backbone: Callable[[], tuple[nn.Module, int]], job: Job) -> Fitted:
    """Train a network; `backbone` makes all but its last layer."""
    from torch import nn

    from omloop.kinds import Classes
    from omloop.train.answering import MemberHead, Members
    from omloop.train.catalogue.network import fitting, recipe_of
    from omloop.train.lightning import Frozen, HeadedNetwork, fit_network
    from omloop.train.pictures import Augment, Mirrored, PicturePreprocessing

    config = job.config
    answers = len(job.outputs.classes) if isinstance(job.outputs, Classes) else 1

    def one() -> tuple[nn.Module, int]:
        features, width = backbone()
        if config.mirror:
            features = Mirrored(features)
        if getattr(config, "frozen", False):
            features = Frozen(features, config.thaw or None)
        return features, width

    def build() -> nn.Module:
        features, width = one()
        head: nn.Module = nn.Linear(width, answers)
        if config.members > 1:
            features = Members([features, *(one()[0] for _ in range(config.members - 1))])
            head = MemberHead(config.members, width, answers)
        body = nn.Sequential(PicturePreprocessing(job.train.examples), features, nn.Dropout(config.dropout))
        return HeadedNetwork(body, head)

    more = {name: getattr(config, name) for name in ("balance", "corrected", "smoothing", "last", "average", "mixup")}
    augment = Augment(**AUGMENTS[config.augment]) if config.augment != "none" else None
    told = fitting(config) | {"patience": config.patience or config.epochs}
    return fit_network(build, job, recipe=recipe_of(config, augment=augment, mixed=True, **more), **told)
