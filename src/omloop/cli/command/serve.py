"""`omloop serve`."""

import argparse
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from omloop.cli.named import name_argument, workspace_of
from omloop.core import is_loopback
from omloop.loop.serving.guarding import guard_of
from omloop.loop.serving.server_notes import noted
from omloop.loop.settings import SETTINGS
from omloop.serve.compat.ways import require_ways, way_names
from omloop.serve.process.listen import drain_of
from omloop.serve.process.worker_part import WorkerPart
from omloop.serve.settings import ServeSettings

OPEN = (
    "listening on {host}: whoever reaches this machine may ask, as there are no keys; make one with: "
    "omloop key new --role predict"
)
_log = logging.getLogger("omloop.serve")
_WORKER = ("host", "threads", "variant", "compat", "drain_s")
EXAMPLE = "omloop serve student_performance --port 8000"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and where to listen."""
    name_argument(parser, resolve=False)
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1; 0.0.0.0 for all)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 8000; 0 for a free one)")
    parser.add_argument("--threads", type=int, help="threads for one model run (default: the CPU quota, shared out)")
    parser.add_argument(
        "--variant", help="which variant of the model answers, such as int8 (default: the version's choice)"
    )
    parser.add_argument("--workers", type=int, help="processes that serve the port (default: 1; not on Windows)")
    parser.add_argument(
        "--drain-s",
        type=int,
        metavar="SECONDS",
        help="seconds to accept connections after a stop signal (default: 1; 0 on loopback)",
    )
    parser.add_argument(
        "--compat", help="also answer at the addresses of: kserve, mlflow, former-service (default: none)"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    part = WorkerPart.taken()
    if part is not None:
        from omloop.loop.serving.serve import serve_project_part

        serve_project_part(args.name, workspace_of(args, **{name: getattr(args, name) for name in _WORKER}), part)
        return 0
    given = {name: getattr(args, name) for name in ("port", "workers", *_WORKER)}
    everything = SETTINGS.load({**given, "workspace": args.workspace})
    settings = everything.of(ServeSettings)
    require_ways(way_names(settings.compat))
    guard = guard_of(everything, Path(everything.workspace).expanduser())  # tells what is wrong at once
    if not is_loopback(settings.host) and not guard.asks:
        _log.warning("%s", OPEN.format(host=settings.host))
    if settings.workers > 1:
        args.drain_s = drain_of(settings.drain_s, settings.host)
        root = Path(everything.workspace).expanduser()
        with noted(_name(args), root, lambda address: _ready(args, address)) as ready:
            return _several(args, settings, ready)
    from omloop.loop.serving.serve import serve_project

    serve_project(args.name, workspace_of(args, **given), ready=lambda address: _ready(args, address))
    return 0


def _several(args: argparse.Namespace, settings: ServeSettings, ready: Callable[[str], None]) -> int:
    from omloop.serve.process.supervise import supervise

    return supervise(
        lambda number: [sys.executable, "-m", "omloop", *worker_words(args, number)],
        settings.workers,
        host=settings.host,
        port=settings.port,
        ready=ready,
        drain_s=args.drain_s,
    )


def worker_words(args: argparse.Namespace, number: int) -> list[str]:
    """The command line of worker `number`. The worker reads all other settings itself.

    Each worker has its own log file, because a file that several processes rotate loses lines.
    """
    words = ["serve", args.name, "--log-format", args.log_format, *["-v"] * args.verbose]
    given = {"--workspace": args.workspace, "--projects": args.projects, "--threads": args.threads}
    given["--host"] = args.host
    given["--variant"] = args.variant
    given["--compat"] = args.compat
    given["--drain-s"] = None if args.drain_s is None else int(args.drain_s)
    given["--log-level"] = args.log_level
    if args.log_file is not None:
        path = Path(args.log_file)
        given["--log-file"] = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return [*words, *(word for option, value in given.items() if value is not None for word in (option, str(value)))]


def _ready(args: argparse.Namespace, address: str) -> None:
    name = _name(args)
    line = f"{name} at {address}  (try it: {address}/docs)"
    sys.stdout.write((json.dumps({"project": name, "address": address}) if args.json else line) + "\n")
    sys.stdout.flush()


def _name(args: argparse.Namespace) -> str:
    return Path(args.name).resolve().name
