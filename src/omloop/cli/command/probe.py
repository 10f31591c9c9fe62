"""`omloop probe`."""

import argparse
import json
import sys
from pathlib import Path

from omloop.cli.durations import seconds
from omloop.cli.moments import local_text
from omloop.cli.named import name_argument, workspace_of
from omloop.loop.bench.probe import known_to, probe_server
from omloop.probe import Prober, Round, Target

EXAMPLE = "omloop probe student_performance --url http://127.0.0.1:8000 --every 30s"
ALARM = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, whom to ask and how often, and where the counts go."""
    name_argument(parser, known=False)
    parser.add_argument(
        "--server",
        "--url",
        dest="url",
        default="http://127.0.0.1:8000",
        help="the server (default: http://127.0.0.1:8000)",
    )
    parser.add_argument(
        "--every", type=seconds, default=30.0, metavar="TIME", help="time between rounds (default: 30s)"
    )
    parser.add_argument("--once", action="store_true", help="run one round; exit with 3 if it finds a fault")
    parser.add_argument(
        "--slow-ms",
        type=float,
        default=1000.0,
        metavar="MS",
        help="call an answer slow after this long (default: 1000)",
    )
    parser.add_argument(
        "--timeout", type=seconds, default=5.0, metavar="TIME", help="how long to wait for an answer (default: 5s)"
    )
    parser.add_argument("--metrics-port", type=int, metavar="PORT", help="serve /metrics on this port of 127.0.0.1")
    parser.add_argument("--metrics-file", type=Path, metavar="FILE", help="write the metrics to this file each round")


def run(args: argparse.Namespace) -> int:
    """Look once, or until Ctrl-C."""
    known = known_to(args.name, workspace_of(args))
    target = Target.of(args.url)
    prober = Prober(target, args.name, known, slow_s=args.slow_ms / 1000, timeout_s=args.timeout)

    def tell(found: Round) -> None:
        sys.stdout.write((json.dumps(as_json(found)) if args.json else as_line(found)) + "\n")
        sys.stdout.flush()

    def listening(port: int) -> None:
        sys.stderr.write(f"metrics at http://127.0.0.1:{port}/metrics\n")

    last = probe_server(
        prober,
        tell,
        every_s=args.every,
        once=args.once,
        metrics_port=args.metrics_port,
        metrics_file=args.metrics_file,
        listening=listening,
    )
    return 0 if last.state == "ok" else ALARM


def as_line(found: Round) -> str:
    """One round in one line, for people."""
    asked = ", ".join(f"{c.name} {c.seconds * 1000:.1f} ms" for c in found.checks if c.status)
    said = "  ".join(part for part in (asked, found.version, found.detail) if part)
    return f"{local_text(found.moment)}  {found.state:<7}  {said}"


def as_json(found: Round) -> dict[str, object]:
    """One round as JSON; seconds since 1970, and milliseconds."""
    return {
        "moment": found.moment,
        "state": found.state,
        "version": found.version,
        "detail": found.detail,
        "checks": {
            c.name: {"state": c.state, "status": c.status, "ms": round(c.seconds * 1000, 3), "detail": c.detail}
            for c in found.checks
        },
    }
