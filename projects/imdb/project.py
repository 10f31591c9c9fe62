"""Whether a film review is positive or negative: classification of one text."""

from omloop import Classes, Model, Project, Text

from .models import BagOfWords, Prior, fit_bag_of_words, fit_prior
from .read import CLASSES, read
from .simulate import simulate

project = Project(
    name="imdb",
    summary="Tells whether an English film review is positive or negative.",
    inputs=Text("review", refused={"sentiment": "it is the target, which the model predicts"}),
    outputs=Classes("sentiment", CLASSES),
    target="sentiment",
    models={"prior": Model(Prior, fit_prior), "bag_of_words": Model(BagOfWords, fit_bag_of_words)},
    baseline="prior",
    simulate=simulate,
    read=read,
    part="part",
)
