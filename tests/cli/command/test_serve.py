"""`omloop serve` as a user types it; real workers are in `tests/serve/test_workers_alive.py`."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from omloop.cli.command.serve import worker_words
from omloop.cli.parser import load, parser_of
from omloop.serve.process import supervise

Say = Callable[..., tuple[int, str, str]]


def parsed(*words: str) -> argparse.Namespace:
    return parser_of("serve", load("serve")).parse_intermixed_args(words)


def test_a_worker_is_started_with_what_it_needs_of_the_options() -> None:
    args = parsed("tiny", "--workers", "3", "--port", "0", "--threads", "2", "--variant", "int8", "-vv", "--json")
    args.host = "10.0.0.1"  # by which a worker knows whether it has a name of its own
    args.workspace = "ws"
    again = parsed(*worker_words(args, 1)[1:])
    assert (again.name, again.workspace, again.threads, again.verbose, again.variant) == ("tiny", "ws", 2, 2, "int8")
    assert again.host == args.host
    assert (again.workers, again.port, again.json, again.projects) == (None, None, False, None)


def test_each_worker_has_a_log_file_of_its_own() -> None:
    args = parsed("tiny", "--log-file", "logs/serve.jsonl", "--log-format", "json", "--log-level", "info")
    again = parsed(*worker_words(args, 2)[1:])
    assert (again.log_file.as_posix(), again.log_format, again.log_level) == ("logs/serve-2.jsonl", "json", "info")


@pytest.mark.parametrize("way", ["option", "variable"])
def test_several_workers_are_started_by_a_process_that_loads_no_model(
    way: str, omloop: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []

    def pretend(command: Callable[[int], Sequence[str]], count: int, **more: Any) -> int:
        called.extend([count, command(2)[1:5], more["host"], more["port"]])
        more["ready"]("http://127.0.0.1:1")
        return 0

    monkeypatch.setattr(supervise, "supervise", pretend)
    if way == "variable":
        monkeypatch.setenv("OMLOOP_WORKERS", "2")
    code, out, _ = omloop("serve", "tiny", "--port", "0", *(["--workers", "2"] if way == "option" else []))
    assert (code, called) == (0, [2, ["-m", "omloop", "serve", "tiny"], "127.0.0.1", 0])
    assert "http://127.0.0.1:1/docs" in out


def test_no_workers_at_all_are_refused(omloop: Say) -> None:
    code, _, err = omloop("serve", "tiny", "--workers", "0")
    assert code == 1 and "from 1 to 1024" in err
