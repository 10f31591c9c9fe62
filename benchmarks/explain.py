"""What explanations cost a server, and those who ask it for predictions meanwhile.

python benchmarks/explain.py [MODEL]

Needs the extras `train` and `explain`, and Linux. Times of the clock hang on what else the machine does; processor time
and memory hardly do.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from omloop.bundle import Bundle
from omloop.loop import Workspace

NAME, ROUNDS, EACH = "student_performance", 3, 300
SHAP = "/v1/predict?explain=shap"


def omloop(*words: str) -> list[str]:
    """A command line of omloop in this Python."""
    return [sys.executable, "-m", "omloop", *words]


@contextmanager
def server(root: Path) -> Iterator[tuple[int, str]]:
    """The process and the address of a server of the champion."""
    line = omloop("serve", NAME, "--port", "0", "--workspace", str(root))
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().split(" at ")[1].split()[0]
        finally:
            process.terminate()


def cpu_s(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> int:
    """Memory that is in use."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) // 1000


def latencies(client: httpx.Client, body: Any) -> str:
    """Milliseconds of plain predictions, one after the other."""
    took = []
    for _ in range(EACH):
        begun = time.perf_counter()
        client.post("/v1/predict", json=body).raise_for_status()
        took.append(1e3 * (time.perf_counter() - begun))
        time.sleep(0.003)
    took.sort()
    return f"p50 {statistics.median(took):6.2f} ms, p99 {took[int(0.99 * EACH)]:6.2f} ms"


def beside(client: httpx.Client, body: Any) -> str:
    """The same while three clients ask for nothing but explanations."""
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=client.base_url, timeout=60, trust_env=False) as own:
            while not stop.is_set():
                own.post(SHAP, json=body)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for one in askers:
        one.start()
    told = latencies(client, body)
    stop.set()
    for one in askers:
        one.join()
    return told


def main() -> None:
    """Print processor time and memory of explanations, and what predictions beside them take."""
    model = sys.argv[1] if len(sys.argv) > 1 else "linear"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        subprocess.run(
            omloop("turn", NAME, f"model={model}", "data.rows=1500", "--workspace", folder),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        registry = Workspace.of(workspace=folder).registry(NAME)
        bundle: Bundle = registry.load(registry.require_champion())
        body = {"rows": [bundle.examples.rows[0]]}
        with server(root) as (pid, url), httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            latencies(client, body)
            for what, count in (("the first explanation", 1), ("each of the next", 20)):
                before, memory = cpu_s(pid), megabytes(pid)
                for _ in range(count):
                    told = client.post(SHAP, json=body).raise_for_status().json()
                each = (cpu_s(pid) - before) / count
                print(f"{what}: {1e3 * each:.0f} ms of processor time, {megabytes(pid) - memory:+d} MB")
            print(json.dumps({key: told["predictions"][0]["explanation"][key] for key in ("exact", "model_rows")}))
            for _ in range(ROUNDS):
                print(f"predictions alone: {latencies(client, body)}; beside explanations: {beside(client, body)}")


if __name__ == "__main__":
    main()
