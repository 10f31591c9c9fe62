"""Drawn lesions of a known truth: outline, colours and texture say which of the seven diagnoses it is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .read import CLASSES, age_band

WIDTH, HEIGHT = 112, 84
# Of each class: size, ragged outline, blurred edge, red, green, blue, patches of another colour, network, pale dots,
# pale centre. Colours are levels of a lesion on skin of (225, 170, 150).
TRAITS = {
    "nv": (0.42, 0.03, 0.05, 140, 88, 62, 0.1, 0.5, 0.0, 0.0),
    "mel": (0.58, 0.22, 0.06, 78, 52, 50, 0.9, 0.4, 0.0, 0.0),
    "bkl": (0.52, 0.10, 0.03, 165, 125, 90, 0.2, 0.0, 1.0, 0.0),
    "bcc": (0.46, 0.12, 0.10, 205, 130, 125, 0.9, 0.0, 0.0, 0.0),
    "akiec": (0.50, 0.16, 0.22, 215, 115, 100, 0.1, 0.0, 0.6, 0.0),
    "vasc": (0.36, 0.04, 0.03, 150, 30, 55, 0.2, 0.0, 0.0, 0.0),
    "df": (0.40, 0.05, 0.12, 160, 110, 85, 0.1, 0.2, 0.0, 1.0),
}
SHARES = (0.40, 0.15, 0.14, 0.11, 0.08, 0.06, 0.06)
OLDER = {"nv": 0, "vasc": 5, "df": 5, "mel": 15, "bkl": 18, "bcc": 20, "akiec": 20}
SITES = ("back", "lower extremity", "trunk", "upper extremity", "abdomen", "face")
MOST_PICTURES = 3

Plane = NDArray[np.float32]


def simulate(rows: int, seed: int, drift: float) -> dict[str, Any]:
    """Draw `rows` pictures of lesions, one to three pictures a lesion, with whose they are; classes are unequal.

    A lesion keeps its outline and its colours; from picture to picture it is moved, turned, enlarged and lit otherwise.
    `drift` from 0 to 1 is a camera that gets worse, darker by up to a third, greener, blurred and noisier, and a
    surgery that sends lesions earlier, when their outlines and patches say less, so that a trained model errs more.
    """
    draw = np.random.default_rng(seed)
    lesions = _lesions(rows, draw)
    records: dict[str, list[Any]] = {name: [] for name in ("image", "dx", "lesion_id", "image_id", *_PATIENT)}
    for number, lesion in enumerate(lesions):
        label = CLASSES[draw.choice(len(CLASSES), p=SHARES)]
        patient = _patient(label, draw)
        own = _own(label, draw, drift)
        for _ in range(lesion):
            records["image"].append(_picture(own, draw, drift))
            records["dx"].append(label)
            records["lesion_id"].append(f"SIM_{seed}_{number:06d}")
            records["image_id"].append(f"SIM_{seed}_{len(records['dx']):06d}")
            for name, value in patient.items():
                records[name].append(value)
    return records


_PATIENT = ("dx_type", "age", "sex", "localization", "age_band")


def _lesions(rows: int, draw: np.random.Generator) -> list[int]:
    """How many pictures each lesion has, `rows` in all."""
    counts: list[int] = []
    while sum(counts) < rows:
        counts.append(min(int(draw.integers(1, MOST_PICTURES + 1)), rows - sum(counts)))
    return counts


def _patient(label: str, draw: np.random.Generator) -> dict[str, str]:
    age = f"{5 * round(float(np.clip(draw.normal(45 + OLDER[label], 14), 0, 85)) / 5)}.0"
    sex, site = draw.choice(["female", "male"]), draw.choice(SITES)
    return {"dx_type": "simulated", "age": age, "sex": str(sex), "localization": str(site), "age_band": age_band(age)}


def _own(label: str, draw: np.random.Generator, drift: float) -> dict[str, Any]:
    """What is a lesion's own: its traits with some spread, its outline, and where its patches and dots lie."""
    size, ragged, edge, *colour, patches, network, dots, centre = TRAITS[label]
    spread = draw.normal(0, 1, 8)
    own = {
        "size": size * np.exp(0.15 * spread[0]) * (1 - 0.3 * drift),
        "outline": draw.normal(0, 1, (2, 5)) * ragged * (1 - 0.6 * drift) / np.arange(2, 7) ** 0.5,
        "edge": edge * np.exp(0.2 * spread[1]),
        "colour": np.array(colour) + 10 * spread[2:5] + 6 * spread[5],
        "skin": np.array([225, 170, 150]) + draw.normal(0, 9) + draw.normal(0, 4, 3),
        "patches": patches * (1 - 0.6 * drift) * (1 + 0.2 * spread[6]),
        "network": network * (1 + 0.2 * spread[7]),
        "dots": dots,
        "centre": centre,
        "waves": draw.uniform(1.5, 4.0, (2, 4)),
        "phases": draw.uniform(0, 2 * np.pi, (2, 4)),
    }
    # In single precision throughout: a double would make doubles of every plane that it meets.
    return {name: np.asarray(value, np.float32) for name, value in own.items()}


def _picture(own: dict[str, Any], draw: np.random.Generator, drift: float) -> NDArray[np.uint8]:
    """One picture of a lesion: uint8 of shape (HEIGHT, WIDTH, 3)."""
    x, y = _seen(draw)
    inside, depth = _inside(own, x, y)
    patch = _waves(own, x, y)
    shade = 1 + 0.45 * own["patches"] * np.minimum(patch, 0) + 0.25 * own["network"] * np.sin(19 * x) * np.sin(19 * y)
    shade = shade + 0.5 * own["dots"] * (np.sin(11 * x + 1) * np.sin(11 * y) > 0.75)
    shade = shade + 0.6 * own["centre"] * np.exp(-((depth / 0.45) ** 2))
    blue = 1 + 0.5 * own["patches"] * np.maximum(patch, 0)
    skin = own["skin"] * (1 + 0.03 * _waves(own, 2 * y, 2 * x)[:, :, None])
    lesion = own["colour"] * np.stack([shade / blue, shade, shade * blue], axis=2)
    picture = skin + inside[:, :, None] * (np.clip(lesion, 15, 245) - skin)
    light, slope = draw.normal(0, 0.06, 2).astype(np.float32)
    picture *= ((1 + light) * (1 + slope * x))[:, :, None]
    if drift:
        blurred = (picture + np.roll(picture, 1, 0) + np.roll(picture, 1, 1) + np.roll(picture, (1, 1), (0, 1))) / 4
        picture = picture + drift * (blurred - picture)
        picture = picture * (1 - drift * np.array([0.38, 0.28, 0.36], np.float32))
    noisy = picture + np.float32(4 + 12 * drift) * draw.standard_normal(picture.shape, np.float32)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _seen(draw: np.random.Generator) -> tuple[Plane, Plane]:
    """The plane of the skin as a camera sees it: from -1 to 1 over the height, moved, turned and enlarged."""
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -WIDTH / HEIGHT : WIDTH / HEIGHT : WIDTH * 1j].astype(np.float32)
    right, down, larger = draw.normal(0, [0.12, 0.10, 0.1]).astype(np.float32)
    angle = draw.uniform(0, 2 * np.pi)
    cos, sin = np.array([np.cos(angle), np.sin(angle)], np.float32) * np.exp(-larger)
    x, y = x - right, y - down
    return cos * x - sin * y, sin * x + cos * y


def _inside(own: dict[str, Any], x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """How far inside the lesion each pixel is, 0 to 1, and its distance from the middle in radii."""
    away = np.hypot(x, y)
    around = (x + 1j * y) / np.maximum(away, 1e-6)  # its powers are the cosines and sines of the angle's multiples
    waves = around * np.polyval((own["outline"][0] - 1j * own["outline"][1])[::-1].astype(np.complex64), around)
    depth = away / np.maximum(own["size"] * (1 + (around * waves).real), np.float32(0.1))
    return np.clip((1 - depth) / own["edge"] + 0.5, 0, 1), depth


def _waves(own: dict[str, Any], x: Plane, y: Plane) -> Plane:
    """Slow random waves from about -1 to 1, the lesion's own."""
    (across, down), (first, second) = own["waves"], own["phases"]
    waves: Plane = sum(np.sin(across[i] * x + first[i]) * np.sin(down[i] * y + second[i]) for i in range(4)) / 2
    return waves
