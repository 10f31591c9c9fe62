"""Three times as many requests as a server can answer: who is answered when, who is refused how fast, and afterwards?

    python benchmarks/serve/overload.py [text|picture|resnet] [--seconds 10] [--times 3]

What the server bears is measured with 64 clients that wait for each answer; then requests are sent at three times that
rate whether others were answered or not (an open loop), each over a connection that is free, or a new one. At the end
one request after another is sent until they are as fast as before, for a second on end.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from harness import Server, conditions, omloop, one_serving, wrk
from latency import with_pauses
from subjects import prepare

from omloop.serve import Limits

QUICK_S = 0.05
AS_BEFORE = 2.0


@dataclass
class Seen:
    """Seconds of the answers, by status; `late` is how long after it was due each request was sent."""

    times: dict[int, list[float]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)


def main(words: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = prepare(words.subject, folder)
        print(f"{words.subject}: {conditions()}")
        with one_serving("omloop", omloop(project, folder)) as server:
            wrk(server, 4, 1)
            asked = wrk(server, 64, 5)
            rate = words.times * asked.good / asked.seconds
            before = float(np.median(with_pauses(server, asked.good / asked.seconds / 10, 5)))
            seen = asyncio.run(flood(server, rate, words.seconds))
            back = recovered(server, before)
        statuses = Counter({status: len(times) for status, times in seen.times.items()})
        good, refused = np.array(seen.times.get(200, [0.0])), np.array(seen.times.get(429, [0.0]))
        bound = Limits().queue_s
        print(f"bears {asked.good / asked.seconds:.0f} a second; asked {rate:.0f} a second: {dict(statuses)}")
        print(f"sent late by {np.percentile(seen.late, 99) * 1000:.0f} ms at p99")
        print(f"answered: p50 {np.median(good):.2f} s, p99 {np.percentile(good, 99):.2f} s, bound {bound:g} s")
        quick = np.mean(refused <= QUICK_S)
        shares = ", ".join(f"p{share:g} {np.percentile(refused, share) * 1000:.1f} ms" for share in (50, 99, 99.9))
        print(f"refused: {shares}; within 50 ms {quick:.2%}")
        print(f"as before ({AS_BEFORE:g} times {before:.1f} ms at most) after {back:.2f} s")


async def flood(server: Server, rate: float, seconds: float) -> Seen:
    """Send at `rate`, whatever comes back."""
    path = server.way.folder / f"{server.way.post}.lua"
    media = path.read_text().split('Content-Type"] = "')[1].split('"')[0]
    body = path.with_suffix(".bin").read_bytes()
    head = f"POST {server.way.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media}\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    seen, idle = Seen(), list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()

    async def ask(due: float) -> None:
        reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", server.port)
        began = time.perf_counter()
        seen.late.append(began - due)
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        seen.times.setdefault(int(answer[9:12]), []).append(time.perf_counter() - began)
        idle.append((reader, writer))

    start, running = time.perf_counter(), set[asyncio.Task[None]]()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if due > time.perf_counter():
            await asyncio.sleep(due - time.perf_counter())
        task = asyncio.create_task(ask(due))
        running.add(task)
        task.add_done_callback(running.discard)
    ended = time.perf_counter()
    while running and time.perf_counter() < ended + 20:
        await asyncio.sleep(0.01)
    return seen


def recovered(server: Server, before_ms: float) -> float:
    """Seconds until a second's answers are as fast as before."""
    began = time.perf_counter()
    while time.perf_counter() < began + 30:
        tried = time.perf_counter() - began
        if float(np.median(with_pauses(server, 300 / before_ms, 1.0))) <= AS_BEFORE * before_ms:
            return tried
    return float("inf")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=("text", "picture", "resnet"), nargs="?", default="text")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--times", type=float, default=3.0)
    main(parser.parse_args())
