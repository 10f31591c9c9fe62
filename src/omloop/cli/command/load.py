"""`omloop load`."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from omloop.cli.console import style_line
from omloop.cli.durations import seconds
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import progress, show, table
from omloop.cli.tables import Cell
from omloop.core import SettingError, install_command, milliseconds, missing_extra, write_whole
from omloop.loop.bench.load import P99_S, Subject, find_capacity, load_once, locust_text, subject
from omloop.loop.bench.load_pages import keep_climb, keep_load
from omloop.probe import (
    FORMATS,
    SHARES,
    Load,
    LoadPlan,
    RateStep,
    capacity,
    load_json,
    plot_climb,
    plot_load,
    step_json,
)

EXAMPLE = "omloop load student_performance --rate 200 --for 30s --p99-ms 50"
BROKEN = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, how much to ask, whom, and what must hold."""
    name_argument(parser, known=False)
    parser.add_argument("--rate", type=float, default=100.0, metavar="R", help="requests a second (default: 100)")
    parser.add_argument(
        "--for", type=seconds, default=10.0, dest="lasts", metavar="TIME", help="how long (default: 10s)"
    )
    parser.add_argument(
        "--p99-ms", type=float, default=1000 * P99_S, metavar="MS", help="the most that p99 may be (default: 50)"
    )
    parser.add_argument(
        "--ramp", action="store_true", help="raise the rate until the server fails; each rate lasts TIME"
    )
    parser.add_argument("--rows", type=int, default=1, metavar="N", help="rows a request (default: 1)")
    parser.add_argument(
        "--connections", type=int, default=512, metavar="N", help="most connections at once (default: 512)"
    )
    parser.add_argument(
        "--timeout", type=seconds, default=10.0, metavar="TIME", help="how long to wait for an answer (default: 10s)"
    )
    parser.add_argument(
        "--server",
        "--url",
        dest="url",
        metavar="URL",
        help="a server that runs already (default: start one)",
    )
    parser.add_argument("--yes-it-is-mine", action="store_true", help="allow a URL that is not on this machine")
    parser.add_argument(
        "--plot", metavar="FILE", type=Path, help="plot the latency, as .png, .svg or .pdf (extra 'train')"
    )
    parser.add_argument("--locust", metavar="FILE", type=Path, help="write the test as a Locust file, and stop there")


def run(args: argparse.Namespace) -> int:
    """Test, or look for the capacity; exit code 3 when the bound does not hold."""
    workspace, form = workspace_of(args), _form(args.plot)
    plan = LoadPlan(args.rate, args.lasts, args.connections, args.timeout)
    p99_s = args.p99_ms / 1000
    if not (p99_s > 0 and 1 <= args.rows <= 10_000):
        raise SettingError("--p99-ms must be more than 0, and --rows from 1 to 10,000.")
    if args.locust is not None:
        return _write_locust(args, locust_text(args.name, workspace, args.url, plan, p99_s=p99_s))
    with subject(args.name, workspace, args.url, mine=args.yes_it_is_mine) as of:
        if args.ramp:
            return _ramp(args, of, plan, p99_s, form)
        found = load_once(of, plan, rows=args.rows)
    keep_load(args.name, workspace, of, found, p99_s=p99_s)
    broken = found.broken(p99_s)
    plotted = _plotted(args, lambda: plot_load(found, p99_s=p99_s, title=args.name, form=form))
    said = {"project": args.name, "version": of.version, "url": of.target.url, **load_json(found)}
    show(args, {**said, "p99_bound_ms": args.p99_ms, "broken": [*broken], "plot": plotted}, *as_lines(args, of, found))
    return BROKEN if broken else 0


def as_lines(args: argparse.Namespace, of: Subject, found: Load) -> list[object]:
    """What came of a test, for people."""
    plan, broken = found.plan, found.broken(args.p99_ms / 1000)
    reasons = [f"          {count} x {reason}" for reason, count in _first(found.failures)]
    latencies = [f"{name} {milliseconds(found.latencies.at(share))}" for name, share in SHARES.items()]
    held: list[Cell] = [("held", "green"), f": p99 within {args.p99_ms:g} ms"]
    verdict: list[Cell] = [("broken", "red"), f": {', '.join(broken)}"] if broken else held
    return [
        *_head(args, of),
        f"asked     {plan.count} requests, {plan.rate:g} a second for {plan.seconds:g} s; {found.sent} were sent",
        f"answered  {found.answered} ({found.achieved:.1f} a second), {found.refused} refused, {found.failed} failed",
        *reasons,
        f"latency   {', '.join(latencies)}, largest {milliseconds(found.latencies.most)}",
        f"late      {milliseconds(found.late.at(0.99))} at p99: how far this program fell behind itself",
        style_line("verdict   ", *verdict),
    ]


def _ramp(args: argparse.Namespace, of: Subject, plan: LoadPlan, p99_s: float, form: str) -> int:
    tell = progress(args)
    steps = find_capacity(of, plan, rows=args.rows, p99_s=p99_s, tell=lambda step: tell(_step(step)))
    keep_climb(args.name, workspace_of(args), of, steps, p99_s=p99_s)
    best = capacity(steps)
    plotted = _plotted(args, lambda: plot_climb(steps, p99_s=p99_s, title=args.name, form=form))
    held = (
        [(f"{best.rate:.0f} requests a second", "bold"), " held"]
        if best
        else ["the first rate did not hold: lower --rate"]
    )
    said = {
        "project": args.name,
        "version": of.version,
        "url": of.target.url,
        "p99_bound_ms": args.p99_ms,
        "capacity": best.rate if best else None,
        "steps": [*map(step_json, steps)],
        "plot": plotted,
    }
    columns = ["rate", "achieved", "p50", "p99", f"p99 within {args.p99_ms:g} ms"]
    show(args, said, *_head(args, of), table(columns, [_row(step) for step in steps]), style_line("capacity  ", *held))
    return 0 if best else BROKEN


def _write_locust(args: argparse.Namespace, text: str) -> int:
    write_whole(args.locust, text.encode())
    said = f"Wrote {args.locust}. Run it with: locust -f {args.locust} --headless  ({install_command('load')})"
    show(args, {"locust": str(args.locust)}, said)
    return 0


def _head(args: argparse.Namespace, of: Subject) -> list[object]:
    whose = "a copy of the champion, started for this test" if of.ours else of.target.url
    kept = ["note      that server's prediction log keeps what it was asked here; `omloop watch` leaves it out"]
    return [style_line((args.name, "bold"), f" {of.version}: {whose}"), *([] if of.ours else kept)]


def _form(path: Path | None) -> str:
    form = "png" if path is None else path.suffix.lower().lstrip(".")
    if form not in FORMATS:
        raise SettingError(f"A plot cannot be written as '{path}'. End its name in one of: .{', .'.join(FORMATS)}.")
    return form


def _plotted(args: argparse.Namespace, draw: Callable[[], bytes]) -> str | None:
    """The path of the plot, or None. Without matplotlib it warns and plots nothing."""
    if args.plot is None:
        return None
    try:
        content = draw()
    except ModuleNotFoundError as error:
        missing = missing_extra(error, "A plot")
        if missing is None:
            raise
        sys.stderr.write(f"omloop: no plot was drawn: {missing}\n")
        return None
    write_whole(args.plot, content)
    return str(args.plot)


def _first(failures: Mapping[str, int], most: int = 5) -> list[tuple[str, int]]:
    return sorted(failures.items(), key=lambda pair: -pair[1])[:most]


def _step(step: RateStep) -> str:
    return f"{step.rate:.0f} requests a second: p99 {milliseconds(step.load.latencies.at(0.99))}, {_why(step)}"


def _row(step: RateStep) -> list[str]:
    p50, p99 = step.load.latencies.each([0.5, 0.99])
    return [f"{step.rate:.0f}", f"{step.load.achieved:.0f}", milliseconds(p50), milliseconds(p99), _why(step)]


def _why(step: RateStep) -> str:
    return ", ".join(step.broken) or "held"
