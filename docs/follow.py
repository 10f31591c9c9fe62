"""Follow a page literally, and write what its commands print into it.

    python docs/follow.py docs/tutorial/half-an-hour.md                # in a temporary folder, after its set-up
    python docs/follow.py docs/tutorial/half-an-hour.md --write        # and put what was printed into the page
    python docs/follow.py docs/tutorial/half-an-hour.md --clone        # set-up and all, in a clone of this repository

A block with a title that is a file's name is written to that file. The lines of a `console` block that begin with `$`
are run one by one in one shell; a block whose title is `second terminal` is run in a shell of its own, which goes on
until the page is through. A `text` block below a marker `<!-- printed -->` is what the last command above it printed.
"""

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r'```(?P<kind>\w+)(?: title="(?P<title>[^"]*)")?\n(?P<text>.*?)```', re.DOTALL)
PRINTED = re.compile(r"<!-- printed -->\n\Z")
SECOND = "second terminal"
PORT = 8000
"""Where the page's server listens."""
END = "end of the command with"
WIDTH = "100"


class FollowError(Exception):
    """A command of the page failed."""


class Shell:
    """A bash that runs one command after the other."""

    def __init__(self, folder: Path) -> None:
        self.process: Any = subprocess.Popen(
            ["bash"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.run(f"export COLUMNS={WIDTH}")

    def run(self, line: str) -> str:
        """What the command printed; raises FollowError with its complaint where it failed."""
        with tempfile.NamedTemporaryFile("r", suffix=".err") as complaint:
            self.process.stdin.write(f"{line} 2> {complaint.name}\nended=$?; echo; echo {END} $ended\n")
            self.process.stdin.flush()
            printed, told = [], ""
            for told in self.process.stdout:
                if told.startswith(END):
                    break
                printed.append(told)
            if told != f"{END} 0\n":
                code = told.removeprefix(END).strip() or "the shell"
                raise FollowError(f"$ {line}\nended with {code}:\n{''.join(printed)}{complaint.read()}")
        return "".join(printed).rstrip()

    def leave(self) -> None:
        """End it, and what runs in it."""
        self.process.terminate()
        self.process.wait()


@contextmanager
def server(commands: list[str], folder: Path, environment: str) -> Iterator[None]:
    """Run commands that go on, such as a server, and wait until somebody listens."""
    script = "\n".join([environment, *commands[:-1], f"exec {commands[-1]}"])
    process = subprocess.Popen(["bash", "-c", script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _wait_for_port(process)
        yield
    finally:
        process.terminate()
        process.wait()


def follow(page: Path, folder: Path, *, skip: int = 0) -> str:
    """The page with what its commands print; raises FollowError.

    `skip` so many blocks of commands, of which the first sets omloop up.
    """
    text = page.read_text(encoding="utf-8")
    shell, printed, made, ends = Shell(folder), "", [], 0
    with ExitStack() as stack:
        stack.callback(shell.leave)
        for block in BLOCK.finditer(text):
            commands = [line[2:] for line in block["text"].splitlines() if line.startswith("$ ")]
            made.append(text[ends : block.start()])
            ends = block.end()
            shown = block[0]
            if block["kind"] == "console" and skip:
                skip -= 1
            elif block["title"] == SECOND:
                stack.enter_context(server(commands, _folder_of(shell), f"export PATH={shell.run('echo $PATH')}"))
            elif block["kind"] == "console":
                for line in commands:
                    printed = shell.run(_without_remark(line))
            elif block["title"]:
                (_folder_of(shell) / block["title"]).write_text(block["text"], encoding="utf-8")
            elif PRINTED.search(made[-1]):
                shown = f"```text\n{_tidy(printed)}\n```"
            made.append(shown)
    return "".join([*made, text[ends:]])


def _folder_of(shell: Shell) -> Path:
    return Path(shell.run("pwd").strip())


def _without_remark(line: str) -> str:
    return re.sub(r"\s+#.*$", "", line)


def _tidy(printed: str) -> str:
    """Without empty lines at the ends and blanks at the end of lines."""
    return "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())


def _wait_for_port(process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", PORT)) == 0:
                return
        if process.poll() is not None:
            raise FollowError(f"what should go on ended: {process.stdout.read().decode() if process.stdout else ''}")
        time.sleep(0.1)
    raise FollowError(f"nobody listens on port {PORT} after a minute")


def main() -> int:
    """Follow the page, and say whether it can be followed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, help="the page")
    parser.add_argument("--write", action="store_true", help="put what was printed into the page")
    parser.add_argument("--clone", action="store_true", help="begin with the set-up, in a clone of this repository")
    asked = parser.parse_args()
    page, begun = asked.page.resolve(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder) / "start"
        if asked.clone:
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(start)], check=True)
        else:
            start.mkdir()
        try:
            made = follow(page, start, skip=0 if asked.clone else 1)
        except FollowError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    if asked.write:
        page.write_text(made, encoding="utf-8")
    sys.stdout.write(f"followed {asked.page} in {time.monotonic() - begun:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
