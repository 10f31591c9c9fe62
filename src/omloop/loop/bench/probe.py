"""A monitor of a project's server: the registry's examples with their answers, and the prober, put together."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import OmloopError, write_whole
from omloop.probe import Example, Prober, Round, RoundCounts, publish_rounds, repeat, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from omloop.bundle import Bundle
    from omloop.loop.workspace import Workspace
    from omloop.probe.check.rounds import ExampleSource


def known_to(name: str, workspace: Workspace) -> ExampleSource:
    """The examples that the workspace has of versions of the project called `name`; none of a version that it lacks."""

    def known(version: str) -> Sequence[Example]:
        try:
            return examples_of(workspace.registry(name).load(version))
        except OmloopError:
            return ()

    return known


def examples_of(bundle: Bundle) -> list[Example]:
    """The examples of a bundle with the answers that clients must get."""
    examples = bundle.examples
    answers = bundle.output.answer(np.asarray(examples.outputs, np.float64))
    return [Example(row, answer) for row, answer in zip(examples.rows, answers, strict=True)]


def probe_server(
    prober: Prober,
    tell: Callable[[Round], None],
    *,
    every_s: float,
    once: bool = False,
    metrics_port: int | None = None,
    metrics_file: Path | None = None,
    listening: Callable[[int], None] = lambda port: None,
) -> Round:
    """Look until Ctrl-C, or once, and give the last round; `listening` gets the port of the metrics.

    Raises ServeError when listening on `metrics_port` fails, StoreError when writing `metrics_file` fails.
    """
    counts = RoundCounts(prober.project, prober.target.url)

    def found(result: Round) -> None:
        counts.add(result)
        if metrics_file is not None:
            write_whole(metrics_file, counts.text().encode())
        tell(result)

    async def work() -> Round:
        async with AsyncExitStack() as stack:
            if metrics_port is not None:
                listening(await stack.enter_async_context(publish_rounds(counts.text, metrics_port)))
            return await repeat(prober, found, every_s=every_s, once=once)

    return run(work())
