"""Whether the overview stays quick: python benchmarks/ui_projects.py [--projects 20] [--predictions 1000000]

Makes a workspace whose projects each have a champion, a look of a watch and a log of so many predictions of the last
two days, and asks `GET /api/v1/projects`. The first answer is that of a new application, the others come after it; the
median of those is printed beside that of a workspace whose logs hold 1,000 predictions.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from omloop.bundle import Bundle
from omloop.core import PROBE_KEY, Prediction, Settings
from omloop.loop import Workspace
from omloop.loop.records.last_look import keep_look
from omloop.loop.steer.app import create_routes
from omloop.testing.bundles import tiny_bundle

AT_ONCE, FEW, REPEATS, DAYS_S = 10_000, 1_000, 10, 2 * 86_400.0


def make_workspace(root: Path, projects: int, predictions: int) -> Workspace:
    """A workspace of so many projects; all read one log, each through a link of its own."""
    workspace = Workspace(Settings(workspace=str(root), projects=str(root / "none")))
    write_log(workspace, predictions)
    bundle = tiny_bundle()
    for number in range(projects):
        name = f"project_{number:03d}"
        registry = workspace.registry(name)
        version = registry.add(Bundle.seal(replace(bundle.manifest, project=name), dict(bundle.files)), by="ada")
        registry.promote(version, expected=None, by="ada", reason="the first")
        keep_look(name, workspace, {"time": "2026-11-30 08:00:00", "version": version, "drift": False, "buckets": 3})
        (root / "predictions" / name).symlink_to(root / "predictions" / "log")
    return workspace


def write_log(workspace: Workspace, predictions: int) -> None:
    """Predictions at even distances until now, every fiftieth by a probe, and their index."""
    log, began = workspace.predictions("log"), time.time() - DAYS_S
    for first in range(0, predictions, AT_ONCE):
        log.record(
            [
                Prediction(
                    f"{number:012d}",
                    began + number * DAYS_S / predictions,
                    "v1",
                    {f"column_{place}": number * 0.1 + place for place in range(8)},
                    {"value": number * 0.5},
                    0.4,
                    key=PROBE_KEY if number % 50 == 0 else None,
                )
                for number in range(first, min(first + AT_ONCE, predictions))
            ]
        )
    log.count()
    log.close()


def measure(workspace: Workspace) -> tuple[float, float]:
    """Milliseconds of the first answer, and the median of the others."""
    client = TestClient(create_routes(workspace), base_url="http://127.0.0.1/api/v1")
    client.get("")  # what the application imports
    taken = []
    for _ in range(REPEATS + 1):
        begun = time.perf_counter()
        found = client.get("/projects").json()["projects"]
        taken.append(1000 * (time.perf_counter() - begun))
        assert all(not row["problem"] and row["traffic"]["total"] for row in found), found
    return taken[0], statistics.median(taken[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=20)
    parser.add_argument("--predictions", type=int, default=1_000_000)
    args = parser.parse_args()
    print(f"{'projects':>9}{'predictions each':>18}{'first, ms':>11}{'again, ms':>11}")
    for predictions in (args.predictions, FEW):
        with tempfile.TemporaryDirectory() as folder:
            first, again = measure(make_workspace(Path(folder), args.projects, predictions))
        print(f"{args.projects:9,}{predictions:18,}{first:11.0f}{again:11.0f}")


if __name__ == "__main__":
    main()
