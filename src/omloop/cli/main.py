"""`omloop`: find the command, import it, run it, and turn every error into one line."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence

from omloop.cli.commands import COMMANDS, GROUPS
from omloop.cli.console import bear_any_terminal, visible


def main(words: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    0 done, 1 refused, 2 wrong words, 3 a check failed, 130 interrupted.
    """
    bear_any_terminal()
    _let_threads_sleep()
    words = list(sys.argv[1:] if words is None else words)
    words = _as_options(words)
    top = top_parser()
    if not words or words[0].startswith("-"):
        top.parse_args(words)
        top.print_help()
        return 0 if words else 2
    if words[0] not in COMMANDS:
        from omloop.core import did_you_mean

        near = did_you_mean(words[0], COMMANDS)
        sys.stderr.write(f"omloop: there is no command '{visible(words[0])}'.{near} See: omloop --help\n")
        return 2
    try:
        return _run(words[0], words[1:])
    except KeyboardInterrupt:  # while the command was being imported
        sys.stderr.write("omloop: interrupted; nothing is left half-written\n")
        return 130


def _let_threads_sleep() -> None:
    """Let threads of torch and scikit-learn sleep while they wait for each other, unless the environment decides.

    Otherwise each thread burns a core, and beside other work a step takes several times as long. Their library reads
    the variable at import.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _as_options(words: list[str]) -> list[str]:
    """`omloop help COMMAND` is `omloop COMMAND --help`, and `omloop version` is `omloop --version`."""
    if words[:1] == ["version"]:
        return ["--version"]
    if words[:1] == ["help"]:
        return [*words[1:2], "--help"]
    return words


def top_parser() -> argparse.ArgumentParser:
    """The parser that knows the commands' names and nothing of their arguments."""
    groups = "\n\n".join(
        f"{group}:\n" + "\n".join(f"  {name:<11} {about}" for name, about in commands.items())
        for group, commands in GROUPS.items()
    )
    parser = argparse.ArgumentParser(
        prog="omloop",
        usage="omloop COMMAND [arguments]",
        description="Takes a machine-learning project round its whole circuit, and round again.",
        epilog=f"{groups}\n\nexample:\n  omloop turn student_performance\n\n"
        "Every command has its own --help: omloop help COMMAND.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from omloop import __version__

        sys.stdout.write(f"omloop {__version__}\n")
        parser.exit()


def _run(name: str, words: Sequence[str]) -> int:
    from omloop.cli.parser import load, parser_of, run_guarded

    gc.disable()  # what is imported stays: to look through it for garbage takes a twentieth of a start
    try:
        command = load(name)
    finally:
        gc.enable()
    parser = parser_of(name, command)
    return run_guarded(command, parser.parse_words(words))
