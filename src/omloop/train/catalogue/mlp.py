"""A network of a table."""

from __future__ import annotations

from dataclasses import dataclass, field

from omloop.core import Fitted, Job
from omloop.train.catalogue.network import NORMS, Network
from omloop.train.catalogue.options import number, word

MOST_ROWS = 100_000
MOST_HELD_OUT = 20_000
MOST_STEPS = 10_000
"""Batches of a whole training: a minute or two on two cores."""


@dataclass
class Mlp(Network):
    """A network of fully connected layers with ReLU between them; `hidden` lists their widths.

    Words have a place each up to 50, more frequent ones first. `norm=batch` normalises each layer by the batch, and
    `dropout` stands behind it. Training ends after `patience` epochs no better. `balance` weighs rare classes up, from
    0 to 1.
    """

    name: str = "mlp"
    hidden: list[int] = field(default_factory=lambda: [64, 32])
    norm: str = word("none", NORMS)
    epochs: int = number(60, low=1)
    batch_size: int = number(256, low=1)
    patience: int = number(8, low=1)
    weight_decay: float = number(1.0)
    balance: float = 0.0


def fit_mlp(job: Job) -> Fitted:
    """Learn a network with its preprocessing inside."""
    from dataclasses import replace
    from itertools import pairwise

    import torch

    from omloop.kinds import Classes
    from omloop.train.catalogue import learning
    from omloop.train.catalogue.encoded_columns import EncodedColumns
    from omloop.train.catalogue.encoder import TableEncoder
    from omloop.train.catalogue.encoder_plan import EncoderPlan
    from omloop.train.catalogue.network import fitting, recipe_of
    from omloop.train.lightning import fit_network

    config, table = job.config, learning.table_of(job)
    encoder = TableEncoder.of(table, EncoderPlan(scaled=True, one_hot=50, coded=False), job.seed)
    learning.encoded(job, encoder, config.balance, MOST_ROWS)
    small = replace(
        job,
        train=learning.some_of(job.train, learning.some_rows(job, MOST_ROWS)),
        validation=learning.some_of(job.validation, learning.spread(len(job.validation), MOST_HELD_OUT)),
    )
    answers = len(job.outputs.classes) if isinstance(job.outputs, Classes) else 1

    def build() -> torch.nn.Module:
        columns = EncodedColumns(encoder)
        widths = [columns.width, *config.hidden]
        layers: list[torch.nn.Module] = [columns]
        for before, after in pairwise(widths):
            layers += [torch.nn.Linear(before, after)]
            layers += [torch.nn.BatchNorm1d(after)] if config.norm == "batch" else []
            layers += [torch.nn.ReLU()]
            layers += [torch.nn.Dropout(config.dropout)] if config.dropout else []
        return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], answers))

    batches = max(1, len(small.train) // config.batch_size)
    told = fitting(config) | {
        "epochs": max(1, min(config.epochs, MOST_STEPS // batches)),
        # Few rows make few steps of large batches.
        "batch_size": max(16, min(config.batch_size, len(small.train) // 8)),
    }
    return fit_network(build, small, recipe=recipe_of(config, balance=config.balance), **told)
