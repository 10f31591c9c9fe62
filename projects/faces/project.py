"""Who is on a portrait: one of the forty people of the Olivetti faces."""

from dataclasses import replace

from omloop import Classes, Image, Model, Project, models

from .models import Nearest, fit_nearest
from .read import NAMES, read
from .simulate import SIDE, simulate

project = Project(
    name="faces",
    summary="Recognises which of forty people a grey portrait of 64 by 64 pixels shows.",
    inputs=Image(width=SIDE, height=SIDE, channels=1),
    outputs=Classes("person", NAMES),
    target="person",
    models={
        "prior": models.baseline(),
        "pca_linear": models.pca_linear(components=150, c=1),
        "pca_svm": replace(models.svm(c=10), best="asked"),
        "fisher_svm": models.svm(c=10, fisher=True),
        "nearest": Model(Nearest, fit_nearest, needs_validation=False),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    part="part",
)
