"""What decoding a picture to a model's size costs: python benchmarks/decode.py

Decodes one JPEG of 600 x 450 pixels to 64 x 64, in turns, by omloop (which asks Pillow for a fraction of the size), by
Pillow at full size, and by simplejpeg and OpenCV where they are installed. Prints the median of each and its ratio.
"""

import io
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image

from omloop.bundle.decode import decode

WIDTH, HEIGHT, SIDE, ROUNDS = 600, 450, 64, 300


def main() -> None:
    content = a_photograph()
    decoders = {"omloop": omloop, "pillow, full size": pillow, **others()}
    taken: dict[str, list[float]] = {name: [] for name in decoders}
    for _ in range(ROUNDS):
        for name, decoder in decoders.items():
            began = time.perf_counter()
            decoder(content)
            taken[name].append((time.perf_counter() - began) * 1000)
    ours = statistics.median(taken["omloop"])
    wanted = pillow(content).astype(int)
    print(f"a JPEG of {len(content):,} bytes, {WIDTH} x {HEIGHT} to {SIDE} x {SIDE}, median of {ROUNDS}")
    for name, times in taken.items():
        median = statistics.median(times)
        away = np.abs(decoders[name](content).astype(int) - wanted).mean()
        print(
            f"{name:20} {median:6.2f} ms  {median / ours:5.2f} times omloop's  {away:5.2f} grey levels from full size"
        )


def a_photograph() -> bytes:
    """Smooth shapes with some noise: about as hard to decode as a photograph."""
    draw = np.random.default_rng(0)
    coarse = PIL.Image.fromarray(draw.integers(0, 255, (15, 20, 3), np.uint8))
    smooth = np.asarray(coarse.resize((WIDTH, HEIGHT), PIL.Image.Resampling.BICUBIC), float)
    pixels = np.clip(smooth + draw.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
    written = io.BytesIO()
    PIL.Image.fromarray(pixels).save(written, "JPEG", quality=90)
    return written.getvalue()


def omloop(content: bytes) -> Any:
    return decode(content, SIDE, SIDE, 3, fit="stretch", most_pixels=40_000_000, most_frames=100)


def pillow(content: bytes) -> Any:
    image = PIL.Image.open(io.BytesIO(content)).convert("RGB")
    return np.asarray(image.resize((SIDE, SIDE), PIL.Image.Resampling.BILINEAR))


def others() -> dict[str, Callable[[bytes], Any]]:
    found: dict[str, Callable[[bytes], Any]] = {}
    try:
        import simplejpeg

        def simple(content: bytes) -> Any:
            pixels = simplejpeg.decode_jpeg(content, min_height=2 * SIDE, min_width=2 * SIDE)
            return np.asarray(PIL.Image.fromarray(pixels).resize((SIDE, SIDE), PIL.Image.Resampling.BILINEAR))

        found["simplejpeg, fraction"] = simple
    except ImportError:
        pass
    try:
        import cv2

        def opencv(content: bytes) -> Any:
            pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
            return cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)[:, :, ::-1]

        found["opencv, half"] = opencv
    except ImportError:
        pass
    return found


if __name__ == "__main__":
    main()
