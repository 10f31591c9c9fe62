import asyncio
import socket

import pytest

from omloop.core import ServeError
from omloop.probe import Answer, Target, ask, publish_rounds, run


def fetched(path: str) -> Answer:
    async def work() -> Answer:
        async with publish_rounds(lambda: "up 1\n", 0) as port:
            target = Target("127.0.0.1", port)
            return await ask(target, target.get(path), timeout_s=5)

    return run(work())


def test_metrics_are_answered() -> None:
    answer = fetched("/metrics")
    assert (answer.status, answer.body) == (200, b"up 1\n")


def test_nothing_else_is() -> None:
    assert fetched("/").status == 404


def test_who_sends_rubbish_or_leaves_stops_nobody() -> None:
    async def work() -> int:
        async with publish_rounds(lambda: "up 1\n", 0) as port:
            for rubbish in (b"", b"x" * 100_000, b"GET"):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(rubbish)
                writer.close()
            target = Target("127.0.0.1", port)
            return (await ask(target, target.get("/metrics"), timeout_s=5)).status

    assert run(work()) == 200


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_does_not_exist_is_told(port: int) -> None:
    with pytest.raises(ServeError, match="--metrics-port"):
        run(_entered(port))


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(ServeError, match="taken by another"):
        run(_entered(listener.getsockname()[1]))


async def _entered(port: int) -> None:
    async with publish_rounds(lambda: "", port):
        pass
