"""A command in a process of its own: what it prints, each step that it tells, and a clean end where nobody waits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

from omloop.cli.mcp.results import CommandOutput

if TYPE_CHECKING:
    from anyio.abc import ByteReceiveStream, Process

Tell = Callable[[str], Awaitable[None]]
GRACE_S = 1.5
"""How long a command may take to end itself. Clients end a server that is not gone two seconds after they left."""
LONGEST_LINE = 1 << 20


async def run_apart(words: Sequence[str], given: bytes, tell: Tell) -> CommandOutput:
    """Carry out a command line of omloop that answers in JSON; whoever cancels it ends the process.

    A process for each call: a project's code is read anew, whatever a library prints goes nowhere near our own standard
    output, and a training can be ended at any time, which a thread cannot.
    """
    process = await anyio.open_process(
        [sys.executable, "-P", "-m", "omloop", *words, "--json", "--progress"],
        stdin=subprocess.PIPE if given else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    printed, errors = bytearray(), dict[str, Any]()
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_feed, process, given)
            tasks.start_soon(_listen, process.stderr, tell, errors)
            assert process.stdout is not None  # noqa: S101  it has a pipe
            async for chunk in process.stdout:
                printed += chunk
        code = await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)
    return CommandOutput(code, printed.decode(errors="replace"), errors)


async def _feed(process: Process, given: bytes) -> None:
    if process.stdin is not None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # it did not want to hear it all
            await process.stdin.send(given)
            await process.stdin.aclose()


async def _listen(stream: ByteReceiveStream | None, tell: Tell, errors: dict[str, Any]) -> None:
    """Tell each step, keep the error, and hand on to our own standard error what is neither."""
    assert stream is not None  # noqa: S101  it has a pipe
    lines = BufferedByteReceiveStream(stream)
    while True:
        try:
            line = await lines.receive_until(b"\n", LONGEST_LINE)
        except (anyio.IncompleteRead, anyio.EndOfStream):
            return
        except anyio.DelimiterNotFound:  # a bar, which never ends a line
            await lines.receive(LONGEST_LINE)
            continue
        told = _json(line)
        if "progress" in told:
            await tell(str(told["progress"]))
        elif "error" in told:
            errors.update(told["error"])
        else:
            sys.stderr.write(line.decode(errors="replace") + "\n")


def _json(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def _end(process: Process) -> None:
    """End a process that still runs, and its own: as Ctrl-C does, and for good if it does not listen."""
    if process.returncode is None:
        _signal(process, signal.SIGINT)
        with anyio.move_on_after(GRACE_S):
            await process.wait()
    if process.returncode is None:
        _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    await process.aclose()


def _signal(process: Process, number: signal.Signals) -> None:
    if not hasattr(os, "killpg"):
        process.terminate()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
