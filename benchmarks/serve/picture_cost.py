"""What serving a picture costs beside its decoding and its network: the price that no server can avoid.

    python benchmarks/serve/picture_cost.py [--rounds 5] [--seconds 3] [--post post|raw] [--large] [--pillow] [--loud]

A small network (three convolutions at 64 x 64) is served with its log and its metrics, and asked by wrk over one
connection and over 64. In between, in this process and on one thread, the same file is decoded as fast as is safe
(simplejpeg, which refuses what it would have to guess, and Pillow's resizing), and one example goes through the
network. Prints CPU microseconds a request, of both parts, and what the request is times their sum; medians over rounds,
each of which has them all. `--large` sends 600 x 450 and 1280 x 960 instead, also to networks at 96 x 96 and 224 x 224.
`--pillow` serves without the extra `fast`. Rows are told of a quiet machine only: see `quiet.py`.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import simplejpeg
from harness import Server, conditions, omloop, one_serving, wrk
from latency import in_process
from PIL.Image import Resampling
from quiet import Moment, Noise, add_loud
from subjects import SUBJECTS, Subject, picture_of, prepare_network

from omloop.serve.version.champion import Serving

CONNECTIONS = (1, 64)
SIDES, LARGE = (64, 96, 224), ((600, 450), (1280, 960))


def main(words: argparse.Namespace) -> None:
    print(f"{conditions()}, {words.rounds} rounds of {words.seconds:g} s, sent as {words.post}")
    small = SUBJECTS["picture"]
    asked = [replace(small, side=side, sent=sent) for sent in LARGE for side in SIDES] if words.large else [small]
    for subject in asked:
        with tempfile.TemporaryDirectory() as name:
            compare(subject, Path(name), words)


def compare(subject: Subject, folder: Path, words: argparse.Namespace) -> None:
    prepare_network("picture", subject, folder)
    serving, file = in_process("picture", folder), picture_of(subject)
    example = serving.read(file, "image/jpeg")[0]
    np.testing.assert_array_equal(decoded(file, subject.side), example["pixels"][0])
    way = replace(omloop("picture", folder, **(without_fast(folder) if words.pillow else {})), post=words.post)
    found: dict[str, list[float]] = defaultdict(list)
    with one_serving("omloop", way) as server:
        for connections in CONNECTIONS:
            wrk(server, connections, 1)
        before = Moment.now([])
        for _ in range(words.rounds):
            one_round(found, server, serving, (file, subject.side, example), words.seconds)
        noise = Noise.since(before, [])
    noise.require_quiet(words)
    print(f"\n{subject.sent[0]} x {subject.sent[1]} ({len(file):,} bytes) to {subject.side} x {subject.side}")
    for figure, values in found.items():
        print(f"{figure:<36}{statistics.median(values):10.2f}   ({min(values):.2f} to {max(values):.2f})", flush=True)


def without_fast(folder: Path) -> dict[str, str]:
    """The environment of a server that cannot import simplejpeg."""
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "simplejpeg.py").write_text("raise ImportError\n")
    return {"PYTHONPATH": os.pathsep.join([str(hidden), os.environ.get("PYTHONPATH", "")])}


def one_round(
    found: dict[str, list[float]], server: Server, serving: Serving, work: tuple[bytes, int, Any], seconds: float
) -> None:
    file, side, example = work
    decoding = cpu_us(lambda: decoded(file, side), seconds / 4)
    network = cpu_us(lambda: serving.session.run(example), seconds / 2)
    found["decoding, us"].append(decoding)
    found["network, us"].append(network)
    for connections in CONNECTIONS:
        before = server.cpu()
        asked = wrk(server, connections, seconds)
        whole = (server.cpu() - before) / max(1, asked.good) * 1e6
        found[f"request at {connections}, us"].append(whole)
        found[f"request at {connections} / both"].append(whole / (decoding + network))


def cpu_us(work: Callable[[], object], seconds: float) -> float:
    """CPU microseconds of one call, the median of many short spells."""
    spells, until = list[float](), time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.process_time()
        for _ in range(20):
            work()
        spells.append((time.process_time() - began) / 20 * 1e6)
    return statistics.median(spells)


def decoded(file: bytes, side: int) -> Any:
    """The pixels that omloop gives, by the shortest way that refuses damaged files."""
    width, height = picture_size(file)
    part = next((part for part in (8, 4, 2) if min(width, height) // (2 * side) >= part), 1)
    least = {"min_width": -(-width // part), "min_height": -(-height // part)} if part > 1 else {}
    pixels = simplejpeg.decode_jpeg(file, "RGB", **least)
    if pixels.shape[:2] == (side, side):
        return pixels
    return np.asarray(PIL.Image.fromarray(pixels).resize((side, side), Resampling.BILINEAR))


def picture_size(file: bytes) -> tuple[int, int]:
    height, width = simplejpeg.decode_jpeg_header(file)[:2]
    return width, height


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--post", default="post", choices=("post", "raw"), help="a form, or the file as it is")
    parser.add_argument("--large", action="store_true", help="pictures that are resized")
    parser.add_argument("--pillow", action="store_true", help="serve without the extra fast")
    add_loud(parser)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    main(parser.parse_args())
