"""Which of seven or eight emotions a face shows."""

from omloop import Classes, Image, Model, Project

from .models import Cnn, PcaLinear, Prior, fit_cnn, fit_pca_linear, fit_prior
from .read import CLASSES, read
from .simulate import SIDE, simulate

project = Project(
    name="emotion",
    summary="Tells which of eight emotions a face shows, in 48 by 48 grey pixels; FER2013 knows seven of them.",
    inputs=Image(width=SIDE, height=SIDE, channels=1),
    outputs=Classes("emotion", CLASSES),
    target="emotion",
    models={
        "prior": Model(Prior, fit_prior),
        "pca_linear": Model(PcaLinear, fit_pca_linear),
        "cnn": Model(Cnn, fit_cnn, extra="torch"),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    part="part",
)
