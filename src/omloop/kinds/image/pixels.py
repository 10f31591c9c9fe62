"""Pictures as flat rows of named numbers, for drift: no model and no weights, only the pixels.

Luma is Y' = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), or the grey value itself, from 0 to 255.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Row = NDArray[np.float64]

# Pictures are measured some at a time: a whole training set as float64 would be eight times its size in memory.
_AT_ONCE = 1_000_000
_LUMA = np.array([0.299, 0.587, 0.114])


SIZES = ("area", "aspect_ratio")
"""Names of the numbers that `sizes` gives."""


def sizes(width: NDArray[np.int32], height: NDArray[np.int32]) -> dict[str, Row]:
    """How large pictures came: width times height in pixels, and width by height; each float64 of shape (n,).

    >>> {name: values.tolist() for name, values in sizes(np.array([600], "i4"), np.array([450], "i4")).items()}
    {'area': [270000.0], 'aspect_ratio': [1.3333333333333333]}
    """
    across, down = width.astype(np.float64), height.astype(np.float64)
    return {"area": across * down, "aspect_ratio": across / down}


def measure_names(channels: int) -> tuple[str, ...]:
    """Names of the numbers that `measure` gives; grey pictures have no colourfulness."""
    colour = ("colourfulness",) if channels == 3 else ()
    return ("brightness", "contrast", "sharpness", *colour, "entropy", "darkest", "comb", "flat_border", "hard_border")


def measure(pixels: Pixels) -> dict[str, Row]:
    """Every number of every picture of shape (n, h, w, c); each float64 of shape (n,).

    >>> {name: float(values[0]) for name, values in measure(np.full((1, 4, 4, 1), 255, np.uint8)).items() if values[0]}
    {'brightness': 1.0, 'darkest': 1.0, 'comb': 1.0}
    """
    names = measure_names(pixels.shape[3])
    parts = [_measure(part) for part in _some(pixels)]
    return {name: np.concatenate([part[name] for part in parts] or [np.empty(0)]) for name in names}


def luma(pixels: Pixels) -> NDArray[np.float64]:
    """Luma of shape (n, h, w), from 0 to 255."""
    return pixels[..., 0].astype(np.float64) if pixels.shape[3] == 1 else pixels @ _LUMA


def brightness(grey: NDArray[np.float64]) -> Row:
    """The mean luma, from 0 (black) to 1 (white)."""
    return np.asarray(grey.mean(axis=(1, 2)) / 255)


def contrast(grey: NDArray[np.float64]) -> Row:
    """The standard deviation of luma / 255, from 0 to 0.5: RMS contrast (Peli 1990, J. Opt. Soc. Am. A 7, 2032)."""
    return np.asarray(grey.std(axis=(1, 2)) / 255)


def sharpness(grey: NDArray[np.float64]) -> Row:
    """The variance of the Laplacian of luma / 255 (Pech-Pacheco et al. 2000, ICPR 3, 314).

    The Laplacian is the sum of a pixel's four neighbours less four times itself; borders repeat the outermost pixels.
    """
    wide = np.pad(grey / 255, ((0, 0), (1, 1), (1, 1)), mode="edge")
    middle = wide[:, 1:-1, 1:-1]
    around = wide[:, :-2, 1:-1] + wide[:, 2:, 1:-1] + wide[:, 1:-1, :-2] + wide[:, 1:-1, 2:]
    return np.asarray((around - 4 * middle).var(axis=(1, 2)))


def colourfulness(pixels: Pixels) -> Row:
    """M = sqrt(var(rg) + var(yb)) + 0.3 sqrt(mean(rg)² + mean(yb)²), rg = R - G, yb = (R + G) / 2 - B, of 0 to 255.

    Hasler and Süsstrunk 2003, "Measuring colourfulness in natural images", Proc. SPIE 5007, 87: 0 is not colourful,
    33 moderately, 59 quite, 109 extremely.
    """
    red, green, blue = (pixels[..., index].astype(np.float64) for index in range(3))
    opponents = [red - green, (red + green) / 2 - blue]
    spread = sum(opponent.var(axis=(1, 2)) for opponent in opponents)
    centre = sum(opponent.mean(axis=(1, 2)) ** 2 for opponent in opponents)
    return np.asarray(np.sqrt(spread) + 0.3 * np.sqrt(centre))


def entropy(grey: NDArray[np.float64]) -> Row:
    """Shannon entropy of the histogram of luma in 256 bins, in bits: -sum(p log2 p), from 0 to 8 (Shannon 1948)."""
    count = len(grey)
    bins = np.rint(grey).astype(np.int64).reshape(count, -1)
    flat = (bins + 256 * np.arange(count)[:, None]).ravel()
    shares = np.bincount(flat, minlength=256 * count).reshape(count, 256) / bins.shape[1]
    logs = np.log2(shares, where=shares > 0, out=np.zeros_like(shares))
    return np.asarray(np.abs((shares * logs).sum(axis=1)))


def darkest(grey: NDArray[np.float64]) -> Row:
    """The smallest luma, from 0 to 1: what faded pictures, or pictures that are lit up, have too high."""
    return np.asarray(grey.min(axis=(1, 2), initial=255.0) / 255)


def comb(pixels: Pixels) -> Row:
    """How uneven the histogram of the 256 levels is from one level to the next, from 0 to 1.

    The mean size of its shortest waves, those of up to 2.5 levels. Multiplying rounded levels leaves gaps and doubles
    some levels. So a later change of brightness or contrast leaves a comb. Source: Stamm and Liu 2010, "Forensic
    detection of image manipulation using statistical intrinsic fingerprints", IEEE Trans. Inf. Forensics Secur. 5, 492.
    """
    count = len(pixels)
    flat = pixels.reshape(count, -1) + 256 * np.arange(count)[:, None]
    shares = np.bincount(flat.ravel(), minlength=256 * count).reshape(count, 256) / max(1, pixels[:1].size)
    return np.asarray(np.abs(np.fft.rfft(shares, axis=1)[:, 102:]).mean(axis=1))


def border(grey: NDArray[np.float64]) -> tuple[Row, Row]:
    """The flattest and the hardest of the four borders: the step from the outermost line of pixels to the next.

    Each is a logarithm to base 2. It divides the mean step from the outermost line to the next by the mean step from
    there inwards, with half a level added to both. A picture shifted by a pixel has a line twice, or a foreign line.
    Pictures of fewer than three lines have 0.
    """
    if min(grey.shape[1:]) < 3:
        return np.zeros(len(grey)), np.zeros(len(grey))
    turned = (grey, grey[:, ::-1], grey.transpose(0, 2, 1), grey.transpose(0, 2, 1)[:, ::-1])
    steps = [np.abs(np.diff(side[:, :3], axis=1)).mean(axis=2) + 0.5 for side in turned]
    ratios = np.log2([step[:, 0] / step[:, 1] for step in steps])
    return np.asarray(ratios.min(axis=0)), np.asarray(ratios.max(axis=0))


def _measure(pixels: Pixels) -> dict[str, Row]:
    grey = luma(pixels)
    plain = {"brightness": brightness(grey), "contrast": contrast(grey), "sharpness": sharpness(grey)}
    colour = {"colourfulness": colourfulness(pixels)} if pixels.shape[3] == 3 else {}
    borders = border(grey)
    ends = {"darkest": darkest(grey), "comb": comb(pixels), "flat_border": borders[0], "hard_border": borders[1]}
    return plain | colour | {"entropy": entropy(grey)} | ends


def _some(pixels: Pixels) -> Iterator[Pixels]:
    step = max(1, _AT_ONCE // max(1, pixels[:1].size))
    for start in range(0, len(pixels), step):
        yield pixels[start : start + step]
