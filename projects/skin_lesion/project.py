"""Which of seven diagnoses a picture of a pigmented skin lesion shows, and whether that is malignant."""

from omloop import Classes, Image, Project, models

from .read import CLASSES, MALIGNANT, MEANINGS, read
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

CAUTION = (
    "This is no medical diagnosis: a program guessed from one picture, and it is often wrong. "
    "Do not take it as a reason to worry, and even less as a reason not to see a doctor. "
    "If a spot on your skin is new, changes, itches or bleeds, show it to a doctor, whatever stands here."
)

# A lesion has no up: any turn of it is as good a picture as the first. Few of the rarest lie in the validation part.
# Rare diagnoses weigh more while the network learns; its probabilities are frequencies, and thresholds decide.
LEARNING = {
    "augment": "turned",
    "balance": 0.75,
    "corrected": True,
    "mixup": 0.2,
    "average": 0.998,
    "last": True,
}

project = Project(
    name="skin_lesion",
    summary="Tells which of seven diagnoses a picture of a skin lesion shows, and whether it is malignant.",
    inputs=Image(width=WIDTH, height=HEIGHT, channels=3),
    outputs=Classes("dx", CLASSES, flags={"malignant": MALIGNANT}, meanings=MEANINGS, threshold="share"),
    target="dx",
    models={
        "prior": models.baseline(),
        "baseline_cnn": models.cnn(
            **LEARNING, epochs=60, lr=2e-3, batch_size=32, weight_decay=0.05, dropout=0.3, between=0, stem=32
        ),
        "resnet": models.resnet(**LEARNING),
        "efficientnet": models.efficientnet(**LEARNING),
    },
    baseline="prior",
    simulate=simulate,
    read=read,
    ignored=IGNORED,
    slices=SLICES,
    group="lesion_id",
    part="part",
    caution=CAUTION,
)
