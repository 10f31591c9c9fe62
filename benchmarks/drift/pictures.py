"""False alarms and delays of alarms on pictures: python benchmarks/drift/pictures.py ZIP FOLDER SIDE [CHANGED.zip]

ZIP holds pictures under FOLDER, brought to SIDE x SIDE. The reference is half of them; what goes wrong does so to the
other half, or came with CHANGED. Streams without drift are drawn from the same pictures as their reference, with
repetition, 25,000 each.
"""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from omloop.bundle import Reference
from omloop.drift import find_alarms
from omloop.kinds import Image

BUCKET, MOST = 50, 6000
Rows = dict[str, np.ndarray]


def pictures(archive: Path, folder: str, kind: Image) -> np.ndarray:
    """The pixels of up to 6,000 pictures, in an order of their own."""
    with zipfile.ZipFile(archive) as opened:
        names = sorted(n for n in opened.namelist() if n.startswith(folder) and n.endswith(".jpg"))
        chosen = np.random.default_rng(0).permutation(names)[:MOST]
        return kind.encode({"image": [opened.read(str(name)) for name in chosen]})["pixels"]


def wrong(pixels: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The same pictures, as they may go wrong."""
    chance, plain = np.random.default_rng(0), pixels.astype(float)
    middle = plain.mean(axis=(1, 2, 3), keepdims=True)
    yield "as they were", pixels
    yield "brightness x 0.9", rounded(plain * 0.9)
    yield "brightness x 1.1", rounded(plain * 1.1)
    yield "contrast x 0.9", rounded(middle + 0.9 * (plain - middle))
    yield "blurred by 0.5 px", np.stack([blurred(picture) for picture in pixels])
    yield "noise of 10 levels", rounded(plain + chance.normal(0, 10, plain.shape))
    yield "noise of 5 levels", rounded(plain + chance.normal(0, 5, plain.shape))
    yield "one pixel aside", np.concatenate([pixels[:, :, :1], pixels[:, :, :-1]], axis=2)


def rounded(values: np.ndarray) -> np.ndarray:
    """As pixels."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def blurred(pixels: np.ndarray) -> np.ndarray:
    """A Gaussian blur of half a pixel."""
    image = Pillow.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.5))).reshape(pixels.shape)


def reference_of(rows: Rows, kind: Image) -> Reference:
    """A reference whose pictures came in this order."""
    names = list(rows)
    together = {"pixels": tuple(names)}
    return Reference.of(rows, dict.fromkeys(names, ()), bucket=kind.bucket, series=rows, together=together)


def some(rows: Rows, count: int, chance: np.random.Generator) -> Rows:
    """So many rows, drawn with repetition."""
    drawn = chance.integers(0, len(next(iter(rows.values()))), count)
    return {name: values[drawn] for name, values in rows.items()}


def main() -> None:
    from omloop.kinds.image.pixels import measure

    archive, folder, side = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    kind = Image(side, side, 1 if "fer" in archive.name else 3)
    pixels = pictures(archive, folder, kind)
    half = len(pixels) // 2
    reference = reference_of(measure(pixels[:half]), kind)
    changed = [("the changed set", pictures(Path(sys.argv[4]), "", kind))] if len(sys.argv) > 4 else []
    for what, picture in [*wrong(pixels[half:]), *changed]:
        rows, delays = measure(picture), []
        for seed in range(20):
            alarms = find_alarms(reference, reference.buckets(some(rows, 1000, np.random.default_rng(seed))))
            delays.append((alarms[0].bucket + 1) * BUCKET if alarms else np.inf)
        print(
            f"{what:20} median {np.median(delays):.0f} pictures, at worst {max(delays):.0f}",
            flush=True,
        )
    everything, rang, streams = measure(pixels), 0, 300
    for seed in range(streams):
        chance = np.random.default_rng(seed)
        ours = reference_of(some(everything, 10_000, chance), kind)
        rang += bool(find_alarms(ours, ours.buckets(some(everything, 25_000, chance))))
    print(f"without drift: {rang} of {streams} streams of 25,000 pictures rang")


if __name__ == "__main__":
    main()
