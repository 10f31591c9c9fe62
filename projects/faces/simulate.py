"""People of a known face: portraits drawn from what is a person's own and what changes from picture to picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

PEOPLE = 40
SIDE = 64
IDENTITY = 20261121
NOISE = 4.0

PERSON = {
    "width": (0.50, 0.78),
    "height": (0.74, 0.94),
    "skin": (110.0, 215.0),
    "hair": (10.0, 120.0),
    "hairline": (-0.70, -0.38),
    "backdrop": (20.0, 160.0),
    "eye_gap": (0.17, 0.33),
    "eye_height": (-0.25, -0.02),
    "eye_size": (0.05, 0.12),
    "brow_gap": (0.09, 0.20),
    "brow_dark": (0.15, 0.75),
    "nose_length": (0.15, 0.35),
    "nose_width": (0.04, 0.11),
    "mouth_height": (0.33, 0.56),
    "mouth_width": (0.14, 0.36),
    "beard": (0.0, 0.45),
}
"""What is a person's own, each uniform between two limits: lengths in half pictures, greys from 0 to 255, or shares."""

Drawn = dict[str, NDArray[np.float32]]


def simulate(rows: int, seed: int, drift: float) -> dict[str, Any]:
    """Draw `rows` portraits, uint8 of shape (64, 64), with who they show; `drift` from 0 to 1 is the share moved.

    The forty people are the same for every seed, and each is drawn equally often or once more. A portrait is an ellipse
    with hair, eyes, brows, a nose, a mouth and perhaps a beard; from picture to picture the head moves and tilts, the
    mouth opens, the light falls from another side, and each pixel gets noise of 4 grey levels.

    A moved portrait comes from a worse camera in a darker room: each pixel is the mean of 3 by 3, 0.45 times as bright,
    and its noise is of 12 more levels. Who is on it stays true.

    The same arguments give the same portraits; for one seed, who moves at a small drift also moves at a larger one.
    """
    random = np.random.default_rng(seed)
    people = random.permutation(np.arange(rows) % PEOPLE)
    pictures = _portraits(_people(people), _poses(rows, random))
    pictures += random.normal(0.0, NOISE, pictures.shape)
    moves, grain = random.random(rows) < drift, random.normal(0.0, 1.0, pictures.shape)
    pictures[moves] = _worse(pictures[moves], grain[moves])
    return {
        "image": list(np.clip(pictures.round(), 0, 255).astype(np.uint8)),
        "person": [f"person_{person:02d}" for person in people.tolist()],
    }


def _people(people: NDArray[np.int64]) -> Drawn:
    """What is each shown person's own, of shape (n, 1, 1)."""
    random = np.random.default_rng(IDENTITY)
    drawn = {name: random.uniform(low, high, PEOPLE) for name, (low, high) in PERSON.items()}
    return {name: values[people, None, None].astype(np.float32) for name, values in drawn.items()}


def _poses(rows: int, random: np.random.Generator) -> Drawn:
    """What changes from picture to picture, of shape (n, 1, 1)."""
    spread = {"right": 0.04, "down": 0.04, "tilt": 0.05, "smile": 0.3, "light": 0.12, "exposure": 0.06}
    return {name: random.normal(0.0, by, (rows, 1, 1)).astype(np.float32) for name, by in spread.items()}


def _portraits(own: Drawn, pose: Drawn) -> NDArray[np.float32]:
    """The portraits without noise, float32 grey levels of shape (n, 64, 64)."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j].astype(np.float32)
    right, down = x - pose["right"], y - pose["down"]
    u, v = right + pose["tilt"] * down, down - pose["tilt"] * right

    head = _ellipse(u / own["width"], v / own["height"])
    picture = own["backdrop"] + head * (own["skin"] - own["backdrop"])
    picture += head * _soft(own["hairline"] - v) * (own["hair"] - own["skin"])
    beard = head * _soft(v - own["mouth_height"] + 0.15) * own["beard"]
    picture *= 1 - beard
    side = np.abs(u) - own["eye_gap"]
    picture *= 1 - 0.8 * _ellipse(side / (1.5 * own["eye_size"]), (v - own["eye_height"]) / own["eye_size"])
    brow = v - own["eye_height"] + own["brow_gap"]
    picture *= 1 - own["brow_dark"] * _ellipse(side / 0.16, brow / 0.04)
    tip = own["eye_height"] + own["nose_length"]
    picture *= 1 - 0.25 * _ellipse(u / own["nose_width"], (v - tip) / 0.08)
    opened = 0.05 * np.exp(pose["smile"])
    picture *= 1 - 0.5 * _ellipse(u / own["mouth_width"], (v - own["mouth_height"]) / opened)
    lit: NDArray[np.float32] = picture * (1 + pose["light"] * u) * (1 + pose["exposure"])
    return lit


def _worse(pictures: NDArray[np.float32], grain: NDArray[np.float64]) -> NDArray[np.float32]:
    """The same portraits by the worse camera: each pixel the mean of 3 by 3, darker, flatter, noisier."""
    wide = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), mode="edge")
    blurred = sum(wide[:, i : i + SIDE, j : j + SIDE] for i in range(3) for j in range(3)) / np.float32(9)
    worse: NDArray[np.float32] = (0.45 * blurred + 3.0 * NOISE * grain).astype(np.float32)
    return worse


def _ellipse(u: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 inside the unit circle and 0 outside, with a soft edge."""
    return _soft((1 - np.hypot(u, v)) / 3)


def _soft(inside: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(np.clip(inside * 20 + 0.5, 0, 1), np.float32)
