"""Write docs/reference/commands.md from the commands' own parsers: python docs/make_commands.py"""

import os
import sys
from pathlib import Path

from omloop.cli.commands import COMMANDS
from omloop.cli.parser import load, parser_of

PAGE = Path(__file__).parent / "reference" / "commands.md"
INTRO = """# Commands

Every command takes `--help`, and `--json` where it prints a result. Exit codes: 0 done, 1 refused (one line on standard
error says why and what to do), 2 wrong words, 3 what was asked for did not hold, 70 a bug, 130 interrupted.

A command that does something ends with 0 once it is done, whatever it found, so that no job is run again because of
news. With `--fail-on` it ends with 3 where a pipeline is to stop: `turn`, `sweep`, `evaluate --gate`, `optimise`,
`watch --once`, `feedback`, `audit`. A command that checks something ends with 3 where that does not hold:
`probe --once`, `load`, `tune-serve`, `replay`, `reproduce`, `report check`.

Completion: `omloop completion bash > ~/.local/share/bash-completion/completions/omloop` (also `zsh`, `tcsh`).
"""


def page() -> str:
    """The whole page."""
    os.environ["COLUMNS"] = "100"
    parts = [INTRO]
    for name, about in COMMANDS.items():
        usage = parser_of(name, load(name)).format_help()
        parts.append(f"## omloop {name}\n\n{about[0].upper()}{about[1:]}.\n\n```text\n{usage}```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
