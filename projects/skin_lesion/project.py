"""Which of seven diagnoses a picture of a pigmented skin lesion shows, and whether that is malignant."""

from omloop import Classes, Image, Model, Project

from .models import (
    BaselineCnn,
    EfficientNet,
    Prior,
    ResNet,
    fit_baseline_cnn,
    fit_efficientnet,
    fit_prior,
    fit_resnet,
)
from .read import CLASSES, MALIGNANT, read
from .simulate import HEIGHT, WIDTH, simulate

SLICES = ("sex", "localization", "age_band")
IGNORED = {
    "image_id": "it names the file, which says nothing about the lesion",
    "dx_type": "it says how the diagnosis was made, which is not known beforehand and depends on the diagnosis",
    "age": "the model sees the picture alone; results are told by age",
    "sex": "the model sees the picture alone; results are told by sex",
    "localization": "the model sees the picture alone; results are told by localization",
    "age_band": "the model sees the picture alone; results are told by age",
}

project = Project(
    name="skin_lesion",
    summary="Tells which of seven diagnoses a picture of a skin lesion shows, and whether it is malignant.",
    inputs=Image(width=WIDTH, height=HEIGHT, channels=3),
    outputs=Classes("dx", CLASSES, flags={"malignant": MALIGNANT}),
    target="dx",
    models={
        "prior": Model(Prior, fit_prior),
        "baseline_cnn": Model(BaselineCnn, fit_baseline_cnn, extra="torch"),
        "resnet": Model(ResNet, fit_resnet, extra="torch"),
        "efficientnet": Model(EfficientNet, fit_efficientnet, extra="torch"),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    ignored=IGNORED,
    slices=SLICES,
    group="lesion_id",
    part="part",
)
