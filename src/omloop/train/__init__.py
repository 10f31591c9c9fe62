"""Training: what a project's `fit` functions are made of; networks have their own door, `omloop.train.lightning`."""

from omloop.train.sklearn import fit_estimator

__all__ = ["fit_estimator"]
