"""CPU time, p50 and p99 of a request: omloop beside servers that people use now.

    python benchmarks/serve/compare.py table --python litserve=path/to/python bentoml=path/to/python
    python benchmarks/serve/compare.py picture|large_picture|text|resnet --python fastapi=path/to/python ...

What is served is told in `subjects.py`: a linear model of 22 columns, a small network on a JPEG of 64 x 64, and on
one of 600 x 450 at 96 x 96, an encoder of MiniLM's size on 20 words, a ResNet-18 on a JPEG of 224 x 224. Where a
variant that `omloop optimise` makes is faster here, omloop serves that too. Each server has the same model, one
thread a run, one worker, and gets the same bytes (MLServer and MLflow: the same row in their own words). FastAPI runs
in this environment where no other is named; the others each need one of their own, named by its Python (`fastapi`,
`litserve`, `bentoml`, `mlserver`, `mlflow`, `ray`). All servers are up at the same time and are asked in turn, round
after round: 64 connections for the CPU time of a request (of the server's whole process tree) and for p99, one
connection for p50. Printed are medians over the rounds, and the medians of the ratios to omloop in the same round.
omloop validates, counts and records every prediction; the others only answer.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import HERE, Way, conditions, in_turn, omloop, report, serving
from quiet import Moment, Noise, add_loud
from subjects import chosen_variant, prepare

SERVERS = HERE / "servers"
QUIET = {"BENTOML_DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "RAY_USAGE_STATS_ENABLED": "0"}


def main(words: argparse.Namespace) -> None:
    pythons = {"fastapi": sys.executable, **dict(word.split("=", 1) for word in words.python)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = prepare(words.subject, folder)
        others = table_ways(folder, pythons) if words.subject == "table" else network_ways(folder, pythons)
        ways = {"omloop": omloop(project, folder)}
        if words.subject != "table" and (variant := chosen_variant(folder)):
            ways[f"omloop, {variant}"] = omloop(project, folder, "--variant", variant)
        if words.subject not in ("table", "text"):
            ways["omloop, observed only"] = omloop(project, folder, OMLOOP_LOG_INPUTS="observed")
        ways |= {name: way for name, way in others.items() if not words.only or name in words.only}
        print(f"{words.subject}: {conditions()}, medians of {words.rounds} rounds of {words.seconds:g} s")
        with serving(ways) as servers:
            pids = [server.process.pid for server in servers]
            before = Moment.now(pids)
            found = in_turn(servers, words.rounds, words.seconds)
            noise = Noise.since(before, pids)
        noise.require_quiet(words)
        report(found)


def table_ways(folder: Path, pythons: dict[str, str]) -> dict[str, Way]:
    """The servers of a row of a table, each where its Python is known."""
    files = [str(folder / "model.onnx"), str(folder / "signature.json"), "{port}"]
    environment = {**QUIET, "MODEL": files[0], "SIGNATURE": files[1]}
    ways = {
        "fastapi": Way([pythons["fastapi"], str(SERVERS / "fastapi_server.py"), *files], folder),
    }
    if python := pythons.get("litserve"):
        script = [python, str(SERVERS / "litserve_server.py"), *files]
        ways |= {"litserve": Way(script, folder), "litserve, batches": Way([*script, "64"], folder)}
    if python := pythons.get("bentoml"):
        words = ["-m", "bentoml", "serve", "bentoml_server:Model", "--port", "{port}"]
        ways["bentoml"] = Way([python, *words], folder, environment)
    if python := pythons.get("mlserver"):
        words = [str(SERVERS / "mlserver_model.py"), *files]
        ways["mlserver"] = Way([python, *words], folder, {}, "/v2/models/model/infer", "v2")
    if python := pythons.get("mlflow"):
        saved = str(folder / "mlflow")
        command = [python, str(SERVERS / "mlflow_model.py"), *files[:2], saved]
        subprocess.run(command, check=True, env={**os.environ, **QUIET}, stdout=subprocess.DEVNULL)
        words = ["-m", "mlflow", "models", "serve", "-m", saved, "--env-manager", "local", "-w", "1", "-p", "{port}"]
        beside = {"PATH": f"{Path(python).parent}:{os.environ['PATH']}"}
        ways["mlflow"] = Way([python, *words], folder, {**QUIET, **beside}, "/invocations", "records")
    if python := pythons.get("ray"):
        ways["ray"] = Way([python, str(SERVERS / "ray_server.py"), *files], folder, environment)
    return ways


def network_ways(folder: Path, pythons: dict[str, str]) -> dict[str, Way]:
    """The servers of a network, each with torch and with ONNX Runtime, where its Python is known."""
    ways = {}
    for engine in ("torch", "onnx"):
        script = [pythons["fastapi"], str(SERVERS / "fastapi_network.py"), str(folder), engine, "{port}"]
        ways[f"fastapi, {engine}"] = Way(script, folder)
        if python := pythons.get("litserve"):
            script = [python, str(SERVERS / "litserve_network.py"), str(folder), engine, "{port}"]
            ways[f"litserve, {engine}"] = Way(script, folder)
            ways[f"litserve, {engine}, batches"] = Way([*script, "16"], folder)
        if python := pythons.get("bentoml"):
            words = ["-m", "bentoml", "serve", "bentoml_network:Model", "--port", "{port}"]
            environment = {**QUIET, "FOLDER": str(folder), "ENGINE": engine}
            ways[f"bentoml, {engine}"] = Way([python, *words], folder, environment)
    return ways


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=("table", "picture", "large_picture", "text", "resnet"))
    parser.add_argument("--python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--only", nargs="*", default=[], metavar="SERVER", help="only these beside omloop")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    add_loud(parser)
    main(parser.parse_args())
