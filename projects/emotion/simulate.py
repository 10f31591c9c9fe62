"""Cartoon faces of a known truth: mouth, brows and eyes say which emotion it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .read import FER2013

SIDE = 48
# Of each class: how far the mouth's corners rise, how open it is, how the brows slant, how high they are, how open the
# eyes are. Sides of the picture are -1 and 1.
TRAITS = {
    "angry": (-0.10, 0.02, 0.30, -0.02, 0.7),
    "disgust": (-0.16, 0.10, 0.12, 0.00, 0.5),
    "fear": (-0.04, 0.12, -0.22, 0.08, 1.5),
    "happy": (0.20, 0.08, 0.00, 0.04, 0.9),
    "neutral": (0.00, 0.00, 0.00, 0.00, 1.0),
    "sad": (-0.20, 0.00, -0.22, 0.00, 0.6),
    "surprise": (0.00, 0.26, 0.00, 0.14, 1.5),
    "contempt": (0.10, 0.00, 0.18, -0.02, 0.5),
}
# Of FER2013's seven classes, in that order.
SHARES = (0.14, 0.04, 0.14, 0.26, 0.18, 0.16, 0.08)


def simulate(rows: int, seed: int, drift: float) -> dict[str, Any]:
    """Draw `rows` faces of 48 by 48 grey pixels of FER2013's classes, as unequal as in the real pictures, though less.

    Head, place, lighting and noise vary from face to face. `drift` from 0 to 1 is a camera that gets worse: darker by
    up to a third, with less contrast and more noise, and mouths that move less (up to 60 %), so that a trained model
    errs more often.
    """
    draw = np.random.default_rng(seed)
    labels = [FER2013[index] for index in draw.choice(len(FER2013), rows, p=SHARES)]
    return {"image": list(cartoons(labels, draw, drift)), "emotion": labels}


def cartoons(labels: Sequence[str], draw: np.random.Generator, drift: float = 0.0) -> NDArray[np.uint8]:
    """A face for each label, uint8 of shape (n, 48, 48)."""
    traits = np.array([TRAITS[name] for name in labels])
    traits = traits * (1 - np.array([0.6, 0.6, 0.3, 0.3, 0.0]) * drift) + draw.normal(0, 0.02, traits.shape)
    faces = np.stack([_face(one, draw) for one in traits])
    contrast, level = 1 - 0.3 * drift, 1 - 0.35 * drift
    faces = (faces - 128) * contrast + 128 * level
    faces += draw.normal(0, 6 + 10 * drift, faces.shape)
    return np.asarray(np.clip(faces, 0, 255).astype(np.uint8))


def _face(traits: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.float64]:
    corners, opening, slant, height, eyes = traits
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    x, y = x - draw.normal(0, 0.06), y - draw.normal(0, 0.06)
    width, tall = draw.uniform(0.62, 0.78), draw.uniform(0.78, 0.92)
    skin, ground = draw.uniform(150, 210), draw.uniform(40, 120)
    face = np.where((x / width) ** 2 + (y / tall) ** 2 < 1, skin, ground)
    face += 25 * draw.uniform(-1, 1) * x
    for side in (-1, 1):
        across = x - side * 0.28
        _ink(face, (across / 0.13) ** 2 + ((y + 0.2) / (0.07 * max(eyes, 0.2))) ** 2 < 1, 60)
        _ink(face, (np.abs(y + 0.40 + height + slant * side * across) < 0.035) & (np.abs(across) < 0.17), 50)
    lip = 0.42 - corners * (2.2 * (x / 0.34) ** 2 - 1)
    _ink(face, (np.abs(y - lip) < 0.035 + max(opening, 0) * (1 - (x / 0.36) ** 2)) & (np.abs(x) < 0.34), 70)
    return face


def _ink(face: NDArray[np.float64], where: NDArray[np.bool_], shade: float) -> None:
    face[where] = shade
