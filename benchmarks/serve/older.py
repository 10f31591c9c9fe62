"""Beside omloop: services as five student projects wrote them, with inputs of the same sizes.

    python benchmarks/serve/older.py --python fastapi=path/to/python [--only emotion ...] [--rounds 3] [--seconds 4]

Pairs with the same network and the same bytes where both take them: emotion (PNG 96 x 96, two convolutions at 224),
skin_lesion (JPEG 600 x 450, EfficientNet-b1 as ONNX at 240), imdb (230 words, an encoder of DistilBERT's size). Of
student_performance a row of 7 columns there, of 22 here; of faces 4,096 numbers as JSON there, and here the same to
the same address (`--compat former-service`); the models of these two are of the same kind, not the same. CPU time of
a request, p50 and p99 with ten clients without a pause, then the same of health checks meanwhile. The others'
environment needs fastapi, uvicorn, torch, scikit-learn, pandas, pillow, tokenizers, onnxruntime and python-multipart.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from harness import HERE, ROOT, Way, conditions, omloop, serving, wrk
from latency import ask_health
from subjects import Subject, prepare, prepare_network, text_of, write_post

from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn

NETWORKS = {
    "emotion": Subject("two_convolutions", 8, 224, (96, 96), "PNG"),
    "skin_lesion": Subject("efficientnet", 7, 240, (600, 450)),
    "imdb": Subject("distilbert", 2, words=230),
}
CLIENTS = 10
Pair = tuple[Way, Way]


def main(words: argparse.Namespace) -> None:
    pythons = {"fastapi": sys.executable, **dict(word.split("=", 1) for word in words.python)}
    print(f"{conditions()}, medians of {words.rounds} rounds of {words.seconds:g} s, {CLIENTS} clients")
    for name in words.only or PAIRS:
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = PAIRS[name](name, Path(folder), pythons["fastapi"])
            measure(name, {"omloop": ours, "theirs": theirs}, words.rounds, words.seconds)


def measure(name: str, ways: dict[str, Way], rounds: int, seconds: float) -> None:
    """Both at once, asked in turn."""
    found: dict[str, dict[str, list[float]]] = {one: defaultdict(list) for one in ways}
    with serving(ways) as servers:
        for _ in range(rounds):
            for server in servers:
                one, checks, over = found[server.name], list[float](), threading.Event()
                checking = threading.Thread(target=ask_health, args=[server, over, checks])
                before = server.cpu()
                checking.start()
                asked = wrk(server, CLIENTS, seconds)
                over.set()
                checking.join()
                one["cpu_ms"].append((server.cpu() - before) / max(1, asked.good) * 1000)
                one["requests_s"].append(asked.good / asked.seconds)
                one["p50_ms"].append(asked.p50)
                one["p99_ms"].append(asked.p99)
                one["health_p99_ms"].append(float(np.percentile(checks, 99)))
    for one, figures in found.items():
        told = ", ".join(f"{figure} {statistics.median(values):.3g}" for figure, values in figures.items())
        print(f"{name:<20} {one:<7} {told}")
    ratio = statistics.median(a / b for a, b in zip(found["theirs"]["cpu_ms"], found["omloop"]["cpu_ms"], strict=True))
    print(f"{name:<20} CPU time of theirs / omloop {ratio:.1f}", flush=True)


def _network(name: str, folder: Path, python: str) -> Pair:
    subject = NETWORKS[name]
    prepare_network(name, subject, folder)
    path = "/predict"
    if subject.words:
        path = "/review/?input_string=" + urllib.parse.quote(text_of(subject.words))
        write_get(folder, "get")
    return omloop(name, folder), _theirs(name, folder, python, path, "get" if subject.words else "post")


def _table(name: str, folder: Path, python: str) -> Pair:
    prepare("table", folder)
    subprocess.run([python, str(HERE / "servers/older_preprocessor.py"), str(folder)], check=True)
    row = json.loads((folder / "post.bin").read_bytes())["rows"][0]
    wanted = json.loads((folder / "columns.json").read_text())
    body = json.dumps({"rows": [{column: row[column] for column in wanted}]}).encode()
    write_post(folder, "seven", "application/json", body)
    return omloop(name, folder), _theirs(name, folder, python, "/predict", "seven")


def _faces(name: str, folder: Path, python: str) -> Pair:
    import joblib
    from sklearn.decomposition import PCA
    from sklearn.svm import SVC

    workspace = Workspace.of(workspace=str(folder / "ws"), projects=str(ROOT / "projects"))
    project = find_project(name, workspace.settings)
    turn(Plan.of(project, ["model=pca_svm", "model.components=100", "data.rows=600"], workspace))
    raw = project.simulate(1400, 3, 0.0)
    pictures = project.inputs.matrix(project.inputs.encode(raw))
    pca = PCA(100, random_state=42).fit(pictures)
    model = SVC(C=10, probability=True, random_state=42).fit(pca.transform(pictures), raw[project.target])
    joblib.dump({"pca": pca, "model": model}, folder / "svm.joblib")
    pixels = (pictures[0] / 255).tolist()
    write_post(folder, "post", "application/json", json.dumps({"pixels": pixels}).encode())
    ours = omloop(name, folder, "--compat", "former-service")
    return Way(ours.command, folder, path="/predict_image"), _theirs(name, folder, python, "/predict_image")


def _theirs(name: str, folder: Path, python: str, path: str, post: str = "post") -> Way:
    script = [python, str(HERE / "servers/older_services.py"), name, str(folder), "{port}"]
    return Way(script, folder, path=path, post=post)


def write_get(folder: Path, name: str) -> None:
    """A script for wrk that asks without a body."""
    (folder / f"{name}.bin").write_bytes(b"")
    (folder / f"{name}.lua").write_text('wrk.method = "GET"\n')


PAIRS: dict[str, Callable[[str, Path, str], Pair]] = {
    "emotion": _network,
    "skin_lesion": _network,
    "student_performance": _table,
    "faces": _faces,
    "imdb": _network,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--only", nargs="*", default=[], choices=list(PAIRS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    main(parser.parse_args())
