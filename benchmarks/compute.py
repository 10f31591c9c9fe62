"""What it costs to carry work out elsewhere: trials and batches on Ray against here, and the parts of a large sweep.

python benchmarks/compute.py sweep   a trial that learns nothing, on two workers: processes, jobs of `local`, of Ray
python benchmarks/compute.py batch   the same rows answered by threads here and by tasks of Ray
python benchmarks/compute.py parts   what a trial asks of the journal, and how long a worker and a Ray take to start
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from omloop.core import Settings
from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.serving.batch.batch import BatchOptions, predict_batch
from omloop.loop.sweep.order import Sweep, SweepOptions, SweepOrder
from omloop.loop.sweep.sweep import sweep
from omloop.loop.turn.turn import turn

ROOT = Path(__file__).resolve().parent.parent
NAME = "student_performance"
WORDS = ("model=mean", "data.rows=300", "seed=int:1,99999")
PLACES = ("", "local", "ray")


def silent(text: object) -> None:
    """Tell nobody."""


def order_of(workspace: Workspace, trials: int, name: str) -> SweepOrder:
    options = SweepOptions(trials=trials, jobs=2, method="random", prune="none", name=name)
    return SweepOrder.of(NAME, WORDS, options, workspace)


def measure_sweep(workspace: Workspace, trials: int) -> None:
    took: dict[str, list[float]] = {on: [] for on in PLACES}
    for turn_of in range(2):  # the machine may have other things to do, now and then
        for on in PLACES:
            order = order_of(workspace, trials, f"{on or 'processes'}-{turn_of}")
            whole = seconds_of(partial(sweep, order, on=on, turned=False, tell=silent))
            found = Sweep.of(order).study().study.trials
            lasted = [(one.datetime_complete - one.datetime_start).total_seconds() for one in found]
            took[on] += lasted
            print(
                f"{on or 'processes':10} {median(lasted):5.2f} s a trial, {whole:5.1f} s in all for {trials}",
                flush=True,
            )
    ratios = ", ".join(f"{on} {median(took[on]) / median(took['']):.2f}" for on in PLACES[1:])
    print(f"ratio of a trial to that in processes: {ratios}")


def measure_batch(workspace: Workspace, rows: int) -> None:
    import polars

    project = find_project(NAME, workspace.settings)
    turn(Plan.of(project, ["model=linear", "data.rows=600"], workspace))
    path = workspace.root / "rows.parquet"
    polars.DataFrame(dict(project.simulate(rows, 1, 0.0))).write_parquet(path)
    rates, outs = {}, []
    for on in ("", "ray", "", "ray"):  # the first of each starts what is needed
        out = workspace.root / f"{on or 'here'}.parquet"
        options = BatchOptions(on=on)
        found = predict_batch(NAME, workspace, str(path), out, options, tell=silent, progress=silent)
        rates[on] = found.rows_per_s
        outs.append(out)
        print(f"{on or 'here':5} {found.rows_per_s:10,.0f} rows a second")
    equal = polars.read_parquet(outs[0]).equals(polars.read_parquet(outs[1]))
    print(f"ratio of Ray to here: {rates['ray'] / rates['']:.2f}; answers equal: {equal}")


def seconds_of(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def measure_parts(workspace: Workspace, trials: int) -> None:
    found = Sweep.of(order_of(workspace, 10_000, "parts"))
    study, times = found.study(), []
    for number in range(trials):

        def one(number: int = number) -> None:
            proposal = study.ask()
            proposal.note(process={"pid": 1}, seen=0.0, worker="a")
            proposal.note(run="a run")
            study.tell(proposal, float(number))

        times.append(seconds_of(one))
    print(f"journal, a trial of the first 100: {1e3 * sum(times[:100]) / 100:6.1f} ms")
    print(f"journal, a trial of the last 100:  {1e3 * sum(times[-100:]) / 100:6.1f} ms, behind {trials - 100} others")
    print(f"reading it anew: {1e3 * seconds_of(lambda: found.study().trials()):6.1f} ms")
    code = "import omloop.loop.sweep.worker as w; from omloop.loop.sweep.order import *; import sys; "
    code += "Sweep.of(SweepOrder.read(sys.stdin.read())).study()"
    given = found.order.text.encode()
    start = seconds_of(lambda: subprocess.run([sys.executable, "-c", code], input=given, check=True))
    print(f"a worker, until it asks: {start:6.2f} s")
    measure_ray(workspace)


def measure_ray(workspace: Workspace) -> None:
    from omloop.compute.ray import RayCompute
    from omloop.core import Resources

    compute = RayCompute("")
    print(f"a Ray of this machine, until it takes tasks: {seconds_of(lambda: compute.executor(Resources())):6.2f} s")
    executor = compute.executor(Resources())
    print(f"its first task: {seconds_of(lambda: executor.submit(os.getpid).result()):6.2f} s")
    many = seconds_of(lambda: [one.result() for one in [executor.submit(os.getpid) for _ in range(200)]])
    print(f"a task that does nothing: {1e3 * many / 200:6.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("sweep", "batch", "parts"))
    parser.add_argument("--trials", type=int, default=0)
    parser.add_argument("--rows", type=int, default=400_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(replace(Settings(), workspace=folder, projects=str(ROOT / "projects")))
        if args.what == "sweep":
            measure_sweep(workspace, args.trials or 24)
        elif args.what == "batch":
            measure_batch(workspace, args.rows)
        else:
            measure_parts(workspace, args.trials or 1000)


if __name__ == "__main__":
    main()
