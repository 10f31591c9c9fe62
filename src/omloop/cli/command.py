"""What every command shares: common options, where settings come from, and how errors end."""

import argparse
import importlib
import logging
import os
import sys
from pathlib import Path
from typing import Any, Protocol

from omloop.cli.main import COMMANDS
from omloop.core import LEVELS, OmloopError, configure_logging, missing_extra

LOG = logging.getLogger("omloop.cli")


class Command(Protocol):
    """A command's module."""

    EXAMPLE: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it, and return the exit code."""


def load(name: str) -> Command:
    """Import the module of one command."""
    module: Any = importlib.import_module(f"omloop.cli.{name.replace('-', '_')}")
    command: Command = module
    return command


def parser_of(name: str, command: Command) -> argparse.ArgumentParser:
    """The complete parser of one command."""
    about = COMMANDS[name]
    parser = argparse.ArgumentParser(
        prog=f"omloop {name}",
        description=about[0].upper() + about[1:] + ".",
        epilog=f"example:\n  {command.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=name)
    command.arguments(parser)
    common = parser.add_argument_group("common options")
    common.add_argument("--workspace", metavar="DIR", help="folder of runs, versions, predictions (default: .omloop)")
    common.add_argument("--projects", metavar="DIR", help="folder with one project a sub-folder (default: projects)")
    common.add_argument("--json", action="store_true", help="print the result as JSON")
    common.add_argument("-v", "--verbose", action="count", default=0, help="log what is done; -vv in detail")
    common.add_argument("--log-level", choices=LEVELS, help="log from this level on")
    common.add_argument("--log-format", choices=("human", "json"), default="human", help="how log lines look")
    common.add_argument("--log-file", metavar="FILE", type=Path, help="log into a file, which is rotated at 10 MB")
    return parser


def guarded(command: Command, args: argparse.Namespace) -> int:
    """Run a command; whatever goes wrong becomes one line on standard error and an exit code."""
    try:
        level = args.log_level or ("warning", "info", "debug")[min(args.verbose, 2)]
        configure_logging(level, style=args.log_format, file=args.log_file)
        return command.run(args)
    except OmloopError as error:
        LOG.debug("refused", exc_info=True)
        return _say(str(error), 1)
    except ModuleNotFoundError as error:
        LOG.debug("not installed", exc_info=True)
        missing = missing_extra(error, f"omloop {args.command}")
        return _say(str(missing), 1) if missing else _bug(error)
    except KeyboardInterrupt:
        return _say("interrupted; nothing is left half-written", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        LOG.debug("the system refused", exc_info=True)
        where = f" ({error.filename})" if error.filename else ""
        return _say(f"{error.strerror or error}{where}. Run with -vv for the details.", 1)
    except Exception as error:
        return _bug(error)


def _bug(error: Exception) -> int:
    LOG.debug("a bug", exc_info=error)
    return _say(f"internal error, {type(error).__name__}: {error}. Run it with -vv, and report what it says.", 70)


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"omloop: {' '.join(message.split())}\n")
    return code
