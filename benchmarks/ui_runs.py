"""Whether the list of runs stays quick: python benchmarks/ui_runs.py [--runs 10000] [--few 10]

Makes two stores, of many runs and of few, and asks `GET /api/v1/projects/NAME/runs` of each, in turns: the newest page,
page 100, the best by a metric, a search, one run. The first answer is that of a new application; what was read of a run
is in its memory from then on. It prints milliseconds, and how many times as long many runs take as few.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from starlette.testclient import TestClient

from omloop.core import Settings
from omloop.loop import Workspace
from omloop.loop.steer.app import create_routes

PROJECT, REPEATS = "demo", 20
ASKED = {
    "newest page": "?page=1",
    "page 100": "?page=100",
    "best by a metric": "?page=1&sort=r2",
    "search": "?page=1&q=forest",
    "failed ones": "?page=1&status=failed",
}


def make_store(root: Path, runs: int) -> Workspace:
    """A workspace with so many runs, each with what a turn keeps of three models and a hundred steps."""
    workspace = Workspace(Settings(workspace=str(root), projects=str(root / "none")))
    folder = root / "runs" / PROJECT
    steps = "".join(json.dumps({"step": s, "time": 1.0, "mlp/train_loss": 1 / (s + 1)}) + "\n" for s in range(100))
    for number in range(runs):
        name = time.strftime("%Y%m%d-%H%M%S", time.gmtime(1_700_000_000 + 60 * number))
        run = folder / f"{name}-{number:06x}"
        run.mkdir(parents=True)
        (run / "run.json").write_text(json.dumps(_about(run.name, number), indent=2))
        (run / "config.yaml").write_text(f"seed: {number}\nmodel:\n  name: mlp\n")
        (run / "environment.json").write_text('{"python": "3.11"}')
        (run / "metrics.jsonl").write_text(steps)
        if number % 10 == 0:
            (run / "annotation.json").write_text(json.dumps({"tags": {"for": "paper"}, "note": f"number {number}"}))
    return workspace


def _about(name: str, number: int) -> Mapping[str, object]:
    def scores(at: float) -> dict[str, dict[str, float]]:
        return {metric: {"value": at, "low": at - 0.1, "high": at + 0.1} for metric in ("r2", "rmse", "mae")}

    models = ("mean", "linear", "forest" if number % 7 == 0 else "mlp")
    return {
        "project": PROJECT,
        "run": name,
        "started": 1_700_000_000.0 + 60 * number,
        "process": {"machine": "another", "pid": 1, "since": 1},
        "status": "failed" if number % 50 == 0 else "finished",
        "seconds": 12.5,
        "kind": "turn",
        "metric": "r2",
        "data": {"source": "simulated", "fingerprint": "0" * 64, "rows": {"train": 1, "validation": 1, "test": 1}},
        "model": models[-1],
        "part": "test",
        "metrics": scores((number * 7919 % 1000) / 1000),
        "lower_is_better": ["rmse", "mae"],
        "models": {model: scores(0.5) for model in models},
        "version": f"{number:012x}",
        "verdict": "better",
        "reason": "r2 0.8 -> 0.9, gain 0.1 on 100 rows: better",
    }


def milliseconds(ask: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - begun)


def asking(workspace: Workspace) -> Callable[[str], object]:
    """How a new application is asked for runs."""
    client = TestClient(create_routes(workspace), base_url="http://127.0.0.1/api/v1")

    def ask(query: str) -> object:
        answer = client.get(f"/projects/{PROJECT}/runs{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    ask("?size=1")  # what the application imports, and whether the project is known
    return ask


def measure(stores: Mapping[str, Workspace], newest: Mapping[str, str]) -> None:
    """Print what each question takes of each store: the first answer, the median of the others, and the ratios."""
    print(f"{'':<18}{'first, ms':>24}{'times':>8}{'again, ms':>24}{'times':>8}")
    print(
        f"{'':<18}{'  '.join(f'{name:>11}' for name in stores):>24}{'':>8}{'  '.join(f'{n:>11}' for n in stores):>24}"
    )
    for what, query in {**ASKED, "one run": ""}.items():
        asked = {name: asking(workspace) for name, workspace in stores.items()}
        calls = {name: partial(ask, query or f"/{newest[name]}") for name, ask in asked.items()}
        first = {name: milliseconds(call) for name, call in calls.items()}
        again: dict[str, list[float]] = {name: [] for name in stores}
        for _ in range(REPEATS):
            for name, call in calls.items():
                again[name].append(milliseconds(call))
        medians = {name: statistics.median(found) for name, found in again.items()}
        print(f"{what:<18}{_row(first)}{_row(medians)}")


def _row(found: Mapping[str, float]) -> str:
    many, few = found.values()
    return f"{'  '.join(f'{value:11.1f}' for value in found.values()):>24}{many / few:8.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--few", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = {f"{count:,} runs": count for count in (args.runs, args.few)}
        stores = {name: make_store(Path(folder) / str(count), count) for name, count in counts.items()}
        newest = {
            name: max(one.name for one in (store.root / "runs" / PROJECT).iterdir()) for name, store in stores.items()
        }
        measure(stores, newest)


if __name__ == "__main__":
    main()
