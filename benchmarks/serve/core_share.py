"""How much of a server's CPU time is the work itself: reading the body, running the model, phrasing the answer.

    python benchmarks/serve/core_share.py table|picture|text|resnet [--rounds 5] [--seconds 3]

The work is done in this process, on one thread, with the batches that the server has; its CPU time is divided by that
of a request to `omloop serve` from 64 clients, which counts, records and talks HTTP besides. Round after round.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import orjson
from harness import conditions, omloop, one_serving, wrk
from latency import in_process
from subjects import prepare

from omloop.serve.version.champion import Serving


def main(words: argparse.Namespace) -> None:
    environment = {"OMLOOP_LOG_INPUTS": "observed"} if words.observed else {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = prepare(words.subject, folder)
        serving, body = in_process(project, folder), (folder / f"{words.post}.bin").read_bytes()
        media = (folder / f"{words.post}.lua").read_text().split('Content-Type"] = "')[1].split('"')[0]
        print(f"{words.subject}: {conditions()}, medians of {words.rounds} rounds of {words.seconds:g} s")
        way = omloop(project, folder, **environment)
        way = type(way)(way.command, folder, way.environment, post=words.post)
        shares, cores = [], []
        with one_serving("omloop", way) as server:
            wrk(server, 64, 1)
            for _ in range(words.rounds):
                before, asked = server.cpu(), wrk(server, 64, words.seconds)
                whole = (server.cpu() - before) / asked.good * 1e6
                cores.append(core_us(serving, body, media, words.seconds))
                shares.append(cores[-1] / whole)
    middle = statistics.median(shares)
    print(f"core {statistics.median(cores):.0f} us, share {middle:.2f} ({min(shares):.2f} to {max(shares):.2f})")


def core_us(serving: Serving, body: bytes, media: str, seconds: float) -> float:
    """CPU microseconds of one request, in batches of the size that suits the model."""
    answered, until, began = 0, time.perf_counter() + seconds, time.process_time()
    while time.perf_counter() < until:
        examples = [serving.read(body, media)[0] for _ in range(serving.batch)]
        run = serving.session.run(np.concatenate(examples) if len(examples) > 1 else examples[0])
        for answer in serving.output.answer(run.outputs):
            orjson.dumps({"version": serving.version, "predictions": [answer]})
        answered += serving.batch
    return (time.process_time() - began) / answered * 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=("table", "picture", "large_picture", "text", "text_int8", "resnet"))
    parser.add_argument("--post", default="post", choices=("post", "raw"), help="pictures as a form, or as they are")
    parser.add_argument("--observed", action="store_true", help="keep no pictures in the log")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    main(parser.parse_args())
