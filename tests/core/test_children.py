"""Whether a process learns how its children end, whatever its parent does with its own."""

import subprocess
import sys

import pytest

ENDS_BADLY = 'import subprocess, sys; sys.exit(subprocess.run(["/bin/sh", "-c", "exit 3"]).returncode)'
HEEDING = "from omloop.core import heed_children; heed_children(); "
IGNORING = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
PARENT = f"import os, sys; {IGNORING}os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGCHLD")


@pytest.mark.parametrize(("words", "code"), [("", 0), (HEEDING, 3)])
def test_a_process_of_a_parent_that_ignores_its_children_heeds_its_own(words: str, code: int) -> None:
    assert subprocess.run([sys.executable, "-c", PARENT, words + ENDS_BADLY], check=False).returncode == code


def test_a_handler_of_its_own_stays() -> None:
    told = "signal.signal(signal.SIGCHLD, lambda *_: print('ended', flush=True)); "
    done = subprocess.run(
        [sys.executable, "-c", f"import signal; {told}{HEEDING}{ENDS_BADLY}"], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, b"ended\n")


def test_outside_the_main_thread_nothing_is_changed() -> None:
    words = f"{IGNORING}import threading\n{HEEDING.split(';', maxsplit=1)[0]}\n"
    words += "one = threading.Thread(target=heed_children); one.start(); one.join()\n"
    words += "print(signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"True\n", b"")
