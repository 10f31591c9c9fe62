"""`omloop tune-serve`."""

import argparse
import math
from pathlib import Path

from omloop.cli.console import style_line
from omloop.cli.durations import seconds
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import progress, show, table
from omloop.core import SettingError, megabytes
from omloop.loop.bench.tune import Setup, SetupTrial, Tuning, overruling_variables, short, tune, words, write_setup

EXAMPLE = "omloop tune-serve student_performance --p99-ms 50"
BROKEN = 3
LEAST_S = 10.0
FEW = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, what must hold, and how long to look."""
    name_argument(parser, known=False)
    parser.add_argument(
        "--p99-ms", type=float, default=50.0, metavar="MS", help="the most that p99 may be (default: 50)"
    )
    parser.add_argument(
        "--within", type=seconds, default=120.0, metavar="TIME", help="how long to search (default: 2m)"
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing")


def run(args: argparse.Namespace) -> int:
    """Compare, write the best into omloop.toml, and show all; exit code 3 when nothing holds."""
    if not (0 < args.p99_ms < math.inf and args.within >= LEAST_S):
        raise SettingError(f"--p99-ms must be more than 0, and --within {LEAST_S:g}s at least.")
    tell = progress(args, always=True)
    found = tune(args.name, workspace_of(args), p99_s=args.p99_ms / 1000, within_s=args.within, tell=tell)
    path = None if args.dry_run or found.best is None else write_setup(found.best, Path.cwd())
    said = {
        "project": args.name,
        **as_json(found),
        "written": path and str(path),
        "overruled_by": overruling_variables(),
    }
    show(args, said, *as_lines(args.name, found, path))
    return BROKEN if found.best is None else 0


def as_lines(name: str, found: Tuning, path: Path | None) -> list[object]:
    """The findings, for people."""
    columns = ["workers", "threads", "batch", "variant", "requests/s", "between", "CPU us", "memory", ""]
    rows = [_row(setup, one, found) for setup, one in found.tried.items()]
    bound = f"p99 within {found.p99_s * 1000:g} ms"
    head = style_line((name, "bold"), f" {found.version}: copies of the champion on {found.cores} cores, {bound}")
    if found.best is None:
        nothing = style_line((f"no setup keeps {bound} at any rate", "red"), ": allow more with --p99-ms")
        return [head, table(columns, rows), nothing]
    late = found.tried[found.best].late_s
    doubt = f"note      this program was itself {late * 1000:.1f} ms late at p99: another machine's load may show more"
    ends = f"written   {path}" if path else "written   nothing: it was a dry run"
    at_once = f"at once   {found.concurrency} requests; where instances come and go: [deploy] concurrency"
    lines = [style_line("best      ", (words(found.best), "bold")), f"sure      {sure(found)}", at_once, ends]
    lines += [f"note      {name} is set, and goes before omloop.toml" for name in overruling_variables()]
    return [head, table(columns, rows), *lines, *([doubt] if late > found.p99_s / 5 else [])]


def sure(found: Tuning) -> str:
    """How far the best is from the others."""
    if found.best is None or len(found.tried[found.best].stairs.settled) < FEW:
        return "hardly: it was asked too seldom around what it bears; give more time with --within"
    if len(found.equals) > 1:
        return f"no difference beyond the noise to {len(found.equals) - 1} more, marked above: the smallest is taken"
    asked = found.tried[found.best].stairs.asked
    return f"it bore more than all others, in {asked} attempts; where the machine is busy, try again to be sure"


def as_json(found: Tuning) -> dict[str, object]:
    """The same as JSON; times in milliseconds and microseconds, memory in bytes."""
    return {
        "version": found.version,
        "cores": found.cores,
        "p99_bound_ms": found.p99_s * 1000,
        "best": found.best and _settings(found.best),
        "equals": [_settings(setup) for setup in found.equals],
        "concurrency": found.concurrency,
        "tried": [
            {
                **_settings(setup),
                "rate": round(one.stairs.bears, 2),
                "between": [round(rate, 2) if rate < math.inf else None for rate in one.stairs.span],
                "attempts": one.stairs.asked,
                "cpu_us": round(_cpu(one), 1) or None,
                "memory_bytes": one.memory or None,
                "late_p99_ms": round(one.late_s * 1000, 3),
            }
            for setup, one in found.tried.items()
        ],
    }


def _settings(setup: Setup) -> dict[str, object]:
    return {
        "workers": setup.workers,
        "threads": setup.threads,
        "batch": setup.batch,
        "variant": short(setup.variant),
    }


def _row(setup: Setup, one: SetupTrial, found: Tuning) -> list[str]:
    low, high = one.stairs.span
    batch = str(setup.batch or f"{one.model['largest_batch']} (measured)")
    mark = "best" if setup == found.best else "as good" if setup in found.equals else ""
    between = f"{low:,.0f} to {high:,.0f}" if high < math.inf else f"{low:,.0f} or more"
    return [
        *(str(setup.workers), str(setup.threads), batch, short(setup.variant) or "packaged"),
        *(f"{one.stairs.bears:,.0f}", between),
        *(f"{_cpu(one):,.0f}" if _cpu(one) else "-", megabytes(one.memory) if one.memory else "-", mark),
    ]


def _cpu(one: SetupTrial) -> float:
    """Microseconds of CPU a request; 0 if unknown."""
    return one.cpu_s / one.answered * 1e6 if one.answered else 0.0
