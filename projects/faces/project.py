"""Who is on a portrait: one of the forty people of the Olivetti faces."""

from omloop import Classes, Image, Model, Project

from .models import Nearest, PcaLinear, PcaSvm, Prior, fit_nearest, fit_pca_linear, fit_pca_svm, fit_prior
from .read import NAMES, read
from .simulate import SIDE, simulate

project = Project(
    name="faces",
    summary="Recognises which of forty people a grey portrait of 64 by 64 pixels shows.",
    inputs=Image(width=SIDE, height=SIDE, channels=1),
    outputs=Classes("person", NAMES),
    target="person",
    models={
        "prior": Model(Prior, fit_prior),
        "pca_linear": Model(PcaLinear, fit_pca_linear),
        "pca_svm": Model(PcaSvm, fit_pca_svm),
        "nearest": Model(Nearest, fit_nearest),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    part="part",
)
