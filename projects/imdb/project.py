"""Whether a film review is positive or negative: classification of one text."""

from omloop import Classes, Model, Project, Text

from .models import (
    BagOfWords,
    Embeddings,
    FineTune,
    Prior,
    fit_bag_of_words,
    fit_embeddings,
    fit_fine_tune,
    fit_prior,
)
from .read import CLASSES, read
from .simulate import simulate

inputs = Text("review", refused={"sentiment": "it is the target, which the model predicts"})

project = Project(
    name="imdb",
    summary="Tells whether an English film review is positive or negative.",
    inputs=inputs,
    outputs=Classes("sentiment", CLASSES),
    target="sentiment",
    models={
        "prior": Model(Prior, fit_prior),
        "bag_of_words": Model(BagOfWords, fit_bag_of_words),
        "embeddings": Model(Embeddings, fit_embeddings, extra="torch"),
        "fine_tune": Model(FineTune, fit_fine_tune, extra="torch"),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    ignored={"wording": "it tells a review from one that was rewritten, and is asked about for no other"},
    slices=("wording",),
    part="part",
)
