"""`omloop completion`."""

import argparse
import sys

from omloop.cli.commands import COMMANDS

EXAMPLE = "omloop completion bash > ~/.local/share/bash-completion/completions/omloop"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")


def run(args: argparse.Namespace) -> int:
    """Print the completion script, made from every command's own parser."""
    import shtab

    from omloop.cli.parser import load, parser_of

    whole = argparse.ArgumentParser(prog="omloop")
    commands = whole.add_subparsers()
    for name, about in COMMANDS.items():
        made = parser_of(name, load(name))
        commands.add_parser(name, help=about, parents=[made], add_help=False)
    sys.stdout.write(shtab.complete(whole, shell=args.shell) + "\n")
    return 0
