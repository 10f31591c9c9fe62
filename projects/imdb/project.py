"""Whether a film review is positive or negative: classification of one text."""

from omloop import Classes, Project, Text, models

from .read import CLASSES, read
from .simulate import simulate

inputs = Text("review", grams=3, buckets=2**30, refused={"sentiment": "it is the target, which the model predicts"})

project = Project(
    name="imdb",
    summary="Tells whether an English film review is positive or negative.",
    inputs=inputs,
    outputs=Classes("sentiment", CLASSES),
    target="sentiment",
    models={
        "prior": models.baseline(),
        "bag_of_words": models.bag_of_words(),
        "embeddings": models.embeddings(),
        "fine_tune": models.fine_tune(),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    ignored={"wording": "it tells a review from one that was rewritten, and is asked about for no other"},
    slices=("wording",),
    part="part",
)
