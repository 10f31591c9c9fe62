"""The models of this project. Each library is imported by the model that needs it."""

from dataclasses import dataclass

from omloop import Classes, Fitted, Image, Job


@dataclass
class Prior:
    """The baseline: every face gets the shares of the classes in the training part."""

    name: str = "prior"


@dataclass
class PcaLinear:
    """Logistic regression on principal components: what can be had in seconds."""

    name: str = "pca_linear"
    components: int = 80
    c: float = 0.1


@dataclass
class Cnn:
    """Pairs of convolutions with batch normalisation, one pair a width; `balance` weighs rare classes up."""

    name: str = "cnn"
    widths: tuple[int, ...] = (32, 64, 128, 256)
    dropout: float = 0.4
    epochs: int = 40
    lr: float = 3e-3
    batch_size: int = 64
    patience: int = 40
    weight_decay: float = 0.02
    balance: float = 0.25
    smoothing: float = 0.1


def fit_prior(job: Job) -> Fitted:
    """Learn the shares."""
    from sklearn.dummy import DummyClassifier

    from omloop.train import fit_estimator

    return fit_estimator(DummyClassifier(strategy="prior"), job)


def fit_pca_linear(job: Job) -> Fitted:
    """Learn a linear boundary between principal components."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from omloop.train import fit_estimator

    components = min(job.config.components, len(job.train) - 1)
    pca = PCA(components, random_state=job.seed, svd_solver="randomized")
    return fit_estimator(make_pipeline(pca, StandardScaler(), LogisticRegression(C=job.config.c, max_iter=500)), job)


def fit_cnn(job: Job[Image, Classes]) -> Fitted:
    """Learn a convolutional network on moved, mirrored and lit faces."""
    import torch
    from torch import nn

    from omloop.train.lightning import HeadedNetwork, Recipe, fit_network
    from omloop.train.pictures import Augment, PicturePreprocessing

    config = job.config

    def build() -> torch.nn.Module:
        layers: list[nn.Module] = [PicturePreprocessing(job.train.examples)]
        before = job.inputs.channels
        for width in config.widths:
            for taken in (before, width):
                layers += [nn.Conv2d(taken, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            layers += [nn.MaxPool2d(2), nn.Dropout(config.dropout / 4)]
            before = width
        body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(config.dropout))
        return HeadedNetwork(body, nn.Linear(before, len(job.outputs.classes)))

    augment = Augment(flip=True, turn=12, shift=0.08, zoom=0.12, brightness=0.2, contrast=0.2, erase=0.25)
    recipe = Recipe(augment, config.balance, config.smoothing, one_cycle=True, mixed=True)
    return fit_network(
        build,
        job,
        epochs=config.epochs,
        lr=config.lr,
        batch_size=config.batch_size,
        patience=config.patience,
        weight_decay=config.weight_decay,
        recipe=recipe,
    )
