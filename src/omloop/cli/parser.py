"""What every command shares: common options, where settings come from, and how errors end."""

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol

from omloop.cli.commands import COMMANDS
from omloop.cli.console import visible
from omloop.core import (
    LEVELS,
    OmloopError,
    configure_logging,
    did_you_mean,
    heed_children,
    missing_extra,
    without_secrets,
)

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
    module: Any = importlib.import_module(f"omloop.cli.command.{name.replace('-', '_')}")
    command: Command = module
    return command


class Parser(argparse.ArgumentParser):
    """A parser that suggests the option that a user probably meant; with --json its errors are JSON."""

    words: Sequence[str] = ()

    def parse_words(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse options and names in any order; ends the program with 2 for words that are wrong."""
        self.words = words
        return self.parse_intermixed_args(words)

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong and where to find help, and exit with 2."""
        message = message.replace(", KEY=VALUE", "")  # argparse calls it required beside a name that is (Python 3.11)
        options = [option for action in self._actions for option in action.option_strings if option.startswith("--")]
        unknown = [word.partition("=")[0] for word in self.words if word.startswith("--")]
        near = "".join(did_you_mean(word, options) for word in unknown if word not in options)
        say(f"{message}.{near} See: {self.prog} --help", code=2, kind="UsageError", as_json="--json" in self.words)
        sys.exit(2)


def parser_of(name: str, command: Command) -> Parser:
    """The complete parser of one command."""
    about = COMMANDS[name]
    parser = Parser(
        prog=f"omloop {name}",
        description=about[0].upper() + about[1:] + ".",
        epilog=f"example:\n  {command.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=name)
    command.arguments(parser)
    common = parser.add_argument_group("common options")
    common.add_argument(
        "--workspace", metavar="DIR", help="folder of runs, versions and predictions (default: .omloop)"
    )
    common.add_argument("--projects", metavar="DIR", help="folder of projects, one sub-folder each (default: projects)")
    common.add_argument("--json", action="store_true", help="print the result as JSON")
    common.add_argument(
        "--progress", action="store_true", help="with --json: report each step as a line of JSON on standard error"
    )
    common.add_argument("-v", "--verbose", action="count", default=0, help="log each step; -vv logs details")
    common.add_argument("--log-level", choices=LEVELS, help="log messages of this level and above (default: warning)")
    common.add_argument(
        "--log-format", choices=("human", "json"), default="human", help="format of log lines (default: human)"
    )
    common.add_argument("--log-file", metavar="FILE", type=Path, help="write the log to this file, rotated at 10 MB")
    return parser


def run_guarded(command: Command, args: argparse.Namespace) -> int:
    """Run a command; whatever goes wrong becomes one line on standard error and an exit code.

    With --json the line is `{"error": {"kind", "message", "exit_code"}}`.
    """
    as_json = bool(getattr(args, "json", False))
    try:
        level = args.log_level or ("warning", "info", "debug")[min(args.verbose, 2)]
        configure_logging(level, style=args.log_format, file=args.log_file)
        heed_children()
        if getattr(args, "resolve", False):
            from omloop.cli.named import resolve_name

            resolve_name(args)
        return command.run(args)
    except OmloopError as error:
        LOG.debug("refused", exc_info=True)
        return say(str(error), code=1, kind=type(error).__name__, as_json=as_json)
    except ModuleNotFoundError as error:
        LOG.debug("not installed", exc_info=True)
        missing = missing_extra(error, f"omloop {args.command}")
        if missing is None:
            return _bug(error, as_json)
        return say(str(missing), code=1, kind=type(missing).__name__, as_json=as_json)
    except KeyboardInterrupt:
        said = "interrupted; nothing is left half-written"
        return say(said, code=130, kind="KeyboardInterrupt", as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        LOG.debug("the system refused", exc_info=True)
        where = f" ({error.filename})" if error.filename else ""
        said = f"{error.strerror or error}{where}. Run with -vv for the details."
        return say(said, code=1, kind=type(error).__name__, as_json=as_json)
    except Exception as error:
        return _bug(error, as_json)


def say(message: str, *, code: int, kind: str, as_json: bool = False) -> int:
    """Say what went wrong in one line on standard error, and return the exit code."""
    line = without_secrets(" ".join(message.split()))
    told = {"error": {"kind": kind, "message": line, "exit_code": code}}
    sys.stderr.write(json.dumps(told) + "\n" if as_json else f"omloop: {visible(line)}\n")
    return code


def _bug(error: Exception, as_json: bool) -> int:
    LOG.debug("a bug", exc_info=error)
    said = f"internal error, {type(error).__name__}: {error}. Run it with -vv, and report what it says."
    return say(said, code=70, kind="InternalError", as_json=as_json)
