"""`omloop mcp`."""

import argparse
import sys

EXAMPLE = "omloop mcp --write --workspace .omloop"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether what changes something may be called too."""
    parser.add_argument(
        "--write", action="store_true", help="have tools too that train, promote, and change what is there"
    )


def run(args: argparse.Namespace) -> int:
    """Answer a client on standard input and output until it goes."""
    from omloop.cli.mcp.server import serve_tools

    given = {"--workspace": args.workspace, "--projects": args.projects, "--log-level": args.log_level}
    if sys.stdin.isatty():
        sys.stderr.write("omloop: waits for a client of the Model Context Protocol, which starts it; Ctrl-C ends it\n")
    serve_tools([f"{option}={value}" for option, value in given.items() if value], write=args.write)
    return 0
