"""Which of seven or eight emotions a face shows."""

from omloop import Classes, Image, Project, models

from .read import CLASSES, read
from .simulate import SIDE, simulate

project = Project(
    name="emotion",
    summary="Tells which of eight emotions a face shows, in 48 by 48 grey pixels; FER2013 knows seven of them.",
    inputs=Image(width=SIDE, height=SIDE, channels=1),
    outputs=Classes("emotion", CLASSES),
    target="emotion",
    models={
        "prior": models.baseline(),
        "pca_linear": models.pca_linear(),
        "cnn": models.cnn(mixup=0.2, average=0.998, last=True, mirror=True),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    part="part",
)
