"""`omloop serve`."""

import argparse
import json
import sys

from omloop.cli.named import name_argument, workspace_of
from omloop.loop.serving import serve_project

EXAMPLE = "omloop serve student_performance --port 8000"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and where to listen."""
    name_argument(parser)
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1; 0.0.0.0 for all)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 8000; 0 for a free one)")
    parser.add_argument("--threads", type=int, help="threads of one model run (default: the CPU quota)")


def run(args: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    workspace = workspace_of(args, host=args.host, port=args.port, threads=args.threads)

    def ready(address: str) -> None:
        line = f"{args.name} at {address}  (try it: {address}/docs)"
        sys.stdout.write((json.dumps({"project": args.name, "address": address}) if args.json else line) + "\n")
        sys.stdout.flush()

    serve_project(args.name, workspace, ready=ready)
    return 0
