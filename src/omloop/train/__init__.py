"""Training: what a project's `fit` functions are made of; networks have their own door, `omloop.train.lightning`."""

from omloop.train.bag_of_words import fit_bag_of_words, fit_prior
from omloop.train.partial import fit_partly
from omloop.train.picture_copies import more_pictures
from omloop.train.sklearn import fit_estimator

__all__ = [
    "fit_bag_of_words",
    "fit_estimator",
    "fit_partly",
    "fit_prior",
    "more_pictures",
]
