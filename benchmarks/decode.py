"""What decoding a JPEG to a model's size costs, by several decoders: python benchmarks/decode.py

Wants simplejpeg and onnx beside omloop, and opencv-python-headless where OpenCV is to be measured too; takes real
pictures from `skin_lesion/` in OMLOOP_DATA where they are. All decoders take turns, one thread each, after the same
check of the header, in CPU time. Prints how many times faster than omloop's each is, with its resizing, and how far it
is from Pillow at full size: pictures that have the model's size already, larger ones, and smaller ones. "opened" is
Pillow opening a file as omloop did before it handed the bytes to Pillow's decoder, "bare simplejpeg" its decoder
without any look at the header or resizing. Then what is left of OpenCV's gain when a small network answers, too, and
what it costs to keep the small picture as a PNG.
"""

import io
import os
import statistics
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import simplejpeg
from onnx import TensorProto, helper, numpy_helper
from PIL.Image import Resampling

from omloop.bundle import Session
from omloop.kinds import Classes, Image
from omloop.kinds.image.decode import _decode_file, check, decode
from omloop.kinds.image.form import PictureForm
from omloop.kinds.image.png import png_of

try:
    import cv2
except ImportError:
    cv2 = None  # type: ignore[assignment]

SIDES, ROUNDS, FILES = (64, 96, 224), 15, 24
LIMITS = {"most_pixels": 40_000_000, "most_frames": 100}
CLASSES = Classes("class", tuple("abcdefg"))

Decoder = Callable[[bytes, int], Any]


def main() -> None:
    if cv2 is not None:
        cv2.setNumThreads(1)
    print("times as fast as omloop's decoder; grey levels from Pillow at full size")
    for side in SIDES:
        for name, files in pictures().items():
            compare(f"{name} to {side} x {side}", files, side)
    for side in SIDES:
        compare(f"{side} x {side} to its own size", of_size(side), side)
    print("with a network of six convolutions (16, 32, 64 channels) behind the decoder")
    for side in SIDES[:2] if cv2 is not None else ():
        session = Session(network(), Image(side, side), CLASSES, threads=1)
        for name, files in pictures().items():
            answering(f"{name} to {side} x {side}", files, side, session)
    print("keeping the small picture as a PNG: omloop's own writer, and Pillow's by zlib's level")
    for side in SIDES:
        keeping(next(iter(pictures().values())), side)


def compare(what: str, files: Sequence[bytes], side: int) -> None:
    taken = timed(DECODERS, files, side)
    whole = [DECODERS["pillow, full size"](content, side).astype(int) for content in files]
    print(f"{what}: omloop {1000 * statistics.median(taken['omloop']) / len(files):.2f} ms a picture")
    for name, decoder in DECODERS.items():
        away = np.mean(
            [np.abs(decoder(content, side) - full).mean() for content, full in zip(files, whole, strict=True)]
        )
        print(f"  {name:22} {ratio(taken['omloop'], taken[name]):5.2f} x  {away:5.2f} grey levels")


def answering(what: str, files: Sequence[bytes], side: int, session: Session) -> None:
    def answer(decoder: Decoder) -> Decoder:
        def work(content: bytes, side: int) -> Any:
            example = np.zeros(1, session.inputs.dtype)  # type: ignore[attr-defined]
            example["pixels"] = decoder(content, side)
            return session.predict(example)

        return work

    taken = timed({name: answer(DECODERS[name]) for name in ("omloop", "simplejpeg, opencv")}, files, side)
    milliseconds = 1000 * statistics.median(taken["omloop"]) / len(files)
    gain = ratio(taken["omloop"], taken["simplejpeg, opencv"])
    print(f"  {what}: omloop {milliseconds:.2f} ms a picture; simplejpeg and opencv {gain:.2f} x")


def keeping(files: Sequence[bytes], side: int) -> None:
    small = [omloop(content, side) for content in files]
    writers = {"own": png_of, **{f"level {level}": partial(png, level=level) for level in (1, 3, 6)}}
    for name, write in writers.items():
        times, sizes = list[float](), [len(write(pixels)) for pixels in small]
        for _ in range(ROUNDS):
            began = time.process_time()
            for pixels in small:
                write(pixels)
            times.append((time.process_time() - began) / len(small))
        print(f"  {side} x {side}, {name}: {1000 * statistics.median(times):.2f} ms, {np.mean(sizes):,.0f} bytes")


def png(pixels: Any, level: int) -> bytes:
    written = io.BytesIO()
    runs = {"compress_type": zlib.Z_RLE} if level == 1 else {}  # what omloop asked of Pillow before
    PIL.Image.fromarray(pixels).save(written, "PNG", compress_level=level, **runs)
    return written.getvalue()


def timed(decoders: dict[str, Decoder], files: Sequence[bytes], side: int) -> dict[str, list[float]]:
    """Seconds of each round over all files, in turns."""
    taken: dict[str, list[float]] = {name: [] for name in decoders}
    for _ in range(ROUNDS):
        for name, decoder in decoders.items():
            began = time.process_time()
            for content in files:
                decoder(content, side)
            taken[name].append(time.process_time() - began)
    return taken


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def pictures() -> dict[str, list[bytes]]:
    folder = Path(os.environ.get("OMLOOP_DATA", Path(__file__).parents[1].parent / "shared" / "data")) / "skin_lesion"
    real = {"200 x 150": "HAM10000_images.zip", "600 x 450": "HAM10000_images_600x450_sample.zip"}
    found = {size: zipped(folder / name) for size, name in real.items() if (folder / name).is_file()}
    return {**found, "1280 x 960 (drawn)": [a_photograph(seed) for seed in range(FILES // 2)]}


def zipped(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".jpg")]
        return [archive.read(name) for name in names[:: max(1, len(names) // FILES)][:FILES]]


def of_size(side: int) -> list[bytes]:
    """The first pictures, saved again at the size of a model."""
    files = []
    for content in next(iter(pictures().values())):
        written = io.BytesIO()
        PIL.Image.open(io.BytesIO(content)).resize((side, side)).save(written, "JPEG", quality=88)
        files.append(written.getvalue())
    return files


def a_photograph(seed: int) -> bytes:
    """Smooth shapes with some noise: about as hard to decode as a photograph."""
    draw = np.random.default_rng(seed)
    coarse = PIL.Image.fromarray(draw.integers(0, 255, (15, 20, 3), np.uint8))
    smooth = np.asarray(coarse.resize((1280, 960), Resampling.BICUBIC), float)
    pixels = np.clip(smooth + draw.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
    written = io.BytesIO()
    PIL.Image.fromarray(pixels).save(written, "JPEG", quality=90)
    return written.getvalue()


def omloop(content: bytes, side: int) -> Any:
    return decode(content, side, side, 3, fit="stretch", **LIMITS).pixels  # type: ignore[arg-type]


def opened(content: bytes, side: int) -> Any:
    check(content, **LIMITS)
    return _decode_file(content, PictureForm(side, side, 3, "stretch", **LIMITS))[0].pixels


def bare_simplejpeg(content: bytes, side: int) -> Any:
    pixels = simplejpeg.decode_jpeg(content, "RGB", min_height=2 * side, min_width=2 * side)
    return pixels if pixels.shape[:2] == (side, side) else np.zeros((side, side, 3), np.uint8)


def pillow(content: bytes, side: int) -> Any:
    check(content, **LIMITS)
    image = PIL.Image.open(io.BytesIO(content)).convert("RGB")
    return np.asarray(image.resize((side, side), Resampling.BILINEAR))


def simplejpeg_pillow(content: bytes, side: int) -> Any:
    return np.asarray(PIL.Image.fromarray(fraction(content, side)).resize((side, side), Resampling.BILINEAR))


def simplejpeg_opencv(content: bytes, side: int) -> Any:
    return cv2.resize(fraction(content, side), (side, side), interpolation=cv2.INTER_AREA)


def fraction(content: bytes, side: int) -> Any:
    """Decoded at the smallest fraction that is twice the size asked for or more, as omloop does."""
    check(content, **LIMITS)
    return simplejpeg.decode_jpeg(content, "RGB", min_height=2 * side, min_width=2 * side)


def opencv(content: bytes, side: int) -> Any:
    check(content, **LIMITS)
    height, width = simplejpeg.decode_jpeg_header(content)[:2]
    reduced = {8: cv2.IMREAD_REDUCED_COLOR_8, 4: cv2.IMREAD_REDUCED_COLOR_4, 2: cv2.IMREAD_REDUCED_COLOR_2}
    flags = [flag for by, flag in reduced.items() if min(width, height) >= 2 * by * side]
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flags[0] if flags else cv2.IMREAD_COLOR)
    return cv2.cvtColor(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)


DECODERS: dict[str, Decoder] = {
    "omloop": omloop,
    "opened": opened,
    "pillow, full size": pillow,
    "bare simplejpeg": bare_simplejpeg,
    "simplejpeg, pillow": simplejpeg_pillow,
    **({} if cv2 is None else {"simplejpeg, opencv": simplejpeg_opencv, "opencv": opencv}),
}


def network() -> bytes:
    """Pairs of convolutions of 16, 32 and 64 channels, pooled, with random weights."""
    draw, weights, before = np.random.default_rng(0), {}, 3
    nodes = [
        helper.make_node("Cast", ["pixels"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["numbers"], ["x"], perm=[0, 3, 1, 2]),
    ]
    last = "x"
    for width in (16, 16, 32, 32, 64, 64):
        name = f"w{len(weights)}"
        weights[name] = draw.normal(0, 0.1, (width, before, 3, 3)).astype(np.float32)
        nodes.append(helper.make_node("Conv", [last, name], [f"c{name}"], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"c{name}"], [f"r{name}"]))
        last = f"r{name}"
        if before == width:
            nodes.append(helper.make_node("MaxPool", [last], [f"p{name}"], kernel_shape=[2, 2], strides=[2, 2]))
            last = f"p{name}"
        before = width
    weights["head"] = draw.normal(0, 0.1, (before, len(CLASSES.classes))).astype(np.float32)
    nodes += [
        helper.make_node("GlobalAveragePool", [last], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "head"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    taken = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", "h", "w", 3])
    given = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", len(CLASSES.classes)])
    kept = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "network", [taken], [given], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    content: bytes = model.SerializeToString()
    return content


if __name__ == "__main__":
    main()
