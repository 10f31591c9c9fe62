"""`omloop ui`."""

import argparse
import json
import logging
import sys
import webbrowser

from omloop.cli.named import workspace_of
from omloop.core import is_loopback
from omloop.ui.settings import UiSettings

OPEN = "the page can be reached from other machines; without keys it shows everything and changes nothing"
EXAMPLE = "omloop ui --port 8080"
_log = logging.getLogger("omloop.steer")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and whom to ask."""
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1; 0.0.0.0 for all)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 8080; 0 for a free one)")
    parser.add_argument(
        "--server",
        action="append",
        metavar="NAME=URL",
        help="a project's server; repeat for more (default: those on this machine)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser of this machine")
    parser.add_argument("--remote", metavar="URL", help="show the workspace of another machine's omloop ui")


def run(args: argparse.Namespace) -> int:
    """Show the web page until a signal ends it."""
    from omloop.loop.steer.page import serve_page

    servers = ",".join(args.server) if args.server else None
    workspace = workspace_of(args, ui_host=args.host, ui_port=args.port, ui_servers=servers, ui_remote=args.remote)
    if not is_loopback(workspace.settings.of(UiSettings).host):
        _log.warning("%s", OPEN)
    serve_page(workspace, ready=lambda address: _ready(args, address))
    return 0


def _ready(args: argparse.Namespace, address: str) -> None:
    sys.stdout.write((json.dumps({"address": address}) if args.json else f"the page is at {address}") + "\n")
    sys.stdout.flush()
    if args.open:
        webbrowser.open(address)
