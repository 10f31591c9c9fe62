"""The mean of three models of a table that err in different ways."""

from __future__ import annotations

from dataclasses import dataclass

from omloop.core import Fitted, Job

MOST_ROWS = 50_000


@dataclass
class Blend:
    """The mean of the answers of `boosting`, `linear` and `forest`, each with its defaults: three models in one graph.

    Each errs in its own way, and with few rows a mean evens that out. Of very many rows it learns from a part, because
    there `boosting` alone is better. `balance` weighs rare classes up, from 0 to 1.
    """

    name: str = "blend"
    balance: float = 0.0


def fit_blend(job: Job) -> Fitted:
    """Learn the three."""
    from dataclasses import replace

    from sklearn.ensemble import VotingClassifier, VotingRegressor

    from omloop.kinds import Classes
    from omloop.train.catalogue.boosting import Boosting, fit_boosting
    from omloop.train.catalogue.forest import Forest, fit_forest
    from omloop.train.catalogue.learning import some_of, some_rows
    from omloop.train.catalogue.linear import Linear, fit_linear
    from omloop.train.sklearn import as_fitted

    part = some_of(job.train, some_rows(job, MOST_ROWS))
    quiet = replace(job, train=part, log=lambda step, scores: None)
    every = ((Boosting, fit_boosting), (Linear, fit_linear), (Forest, fit_forest))
    learned = [fit(replace(quiet, config=config(balance=job.config.balance))).model for config, fit in every]
    names = [model.steps[-1][0] for model in learned]
    if isinstance(job.outputs, Classes):
        vote = VotingClassifier(list(zip(names, learned, strict=True)), voting="soft")
        vote.classes_ = learned[0].classes_
    else:
        vote = VotingRegressor(list(zip(names, learned, strict=True)))
    vote.estimators_ = learned
    return as_fitted(vote, job)
