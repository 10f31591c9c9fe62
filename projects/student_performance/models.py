"""The models of this project. Each library is imported by the model that needs it."""

from dataclasses import dataclass, field
from itertools import pairwise

from omloop import Fitted, Job, Number, Table


@dataclass
class Mean:
    """The baseline: every student gets the mean of the training scores."""

    name: str = "mean"


@dataclass
class Linear:
    """Ridge regression; `alpha` is the strength of its penalty on standardised numbers."""

    name: str = "linear"
    alpha: float = 1.0


@dataclass
class Boosting:
    """Histogram gradient boosting; few leaves, because the score is nearly additive."""

    name: str = "boosting"
    leaves: int = 3
    rounds: int = 300
    lr: float = 0.08
    least_rows: int = 20


@dataclass
class Mlp:
    """A network of fully connected layers with ReLU between them; `hidden` lists their widths."""

    name: str = "mlp"
    hidden: list[int] = field(default_factory=lambda: [64, 32])
    epochs: int = 60
    lr: float = 2e-3
    batch_size: int = 256
    patience: int = 8
    weight_decay: float = 1.0


def fit_mean(job: Job) -> Fitted:
    """Learn the mean."""
    from sklearn.dummy import DummyRegressor

    from omloop.train import fit_estimator

    return fit_estimator(DummyRegressor(), job)


def fit_linear(job: Job[Table, Number]) -> Fitted:
    """Learn a weight a column, and one a word of each category."""
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from omloop.train import fit_estimator

    table = job.inputs
    categories = table.indices("category")
    # Every word is named here, so that one which training never saw still has its place.
    codes = [[float(code) for code in range(len(table.columns[index].categories))] for index in categories]
    columns = make_column_transformer(
        (StandardScaler(), table.indices("number", "integer")),
        (OneHotEncoder(categories=codes, drop="first", sparse_output=False), categories),
    )
    return fit_estimator(make_pipeline(columns, Ridge(alpha=job.config.alpha)), job)


def fit_boosting(job: Job) -> Fitted:
    """Learn a sum of small trees on the raw columns."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    from omloop.train import fit_estimator

    trees = HistGradientBoostingRegressor(
        max_leaf_nodes=job.config.leaves,
        max_iter=job.config.rounds,
        learning_rate=job.config.lr,
        min_samples_leaf=job.config.least_rows,
        early_stopping=False,
        random_state=job.seed,
    )
    return fit_estimator(trees, job)


def fit_mlp(job: Job[Table, Number]) -> Fitted:
    """Learn a network with its preprocessing inside."""
    import torch

    from omloop.train.lightning import TablePreprocessing, fit_network

    def build() -> torch.nn.Module:
        preprocessing = TablePreprocessing(job.inputs, job.train.examples)
        widths = [preprocessing.width, *job.config.hidden]
        layers: list[torch.nn.Module] = [preprocessing]
        for before, after in pairwise(widths):
            layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], 1))

    return fit_network(
        build,
        job,
        epochs=job.config.epochs,
        lr=job.config.lr,
        batch_size=job.config.batch_size,
        patience=job.config.patience,
        weight_decay=job.config.weight_decay,
    )
