"""Who answers blocks: threads of this process, or tasks elsewhere, by the same few lines."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from omloop.bundle import Bundle, Session
from omloop.compute import ComputeSettings
from omloop.core import ComputeError, cpu_quota
from omloop.loop.jobs.jobs import open_compute
from omloop.loop.serving.batch.block import Block, ReadBlock

if TYPE_CHECKING:
    from omloop.core import TaskCompute
    from omloop.loop.workspace import Workspace

Columns = dict[str, Any]
MOST_WORKERS = 16


class Answering:
    """Reads a block and answers it by one version. Sent elsewhere, it is the bundle, and makes its session there."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self.session = Session.of(bundle, threads=1)

    def __reduce__(self) -> tuple[type[Answering], tuple[Bundle]]:
        return Answering, (self._bundle,)

    def __call__(self, block: Block) -> tuple[ReadBlock, Columns]:
        """The block, and the columns of its answers."""
        found = block.read()
        if found.examples is None:
            return found, {}
        kind, outputs = self.session.inputs, self.session.predict(found.examples)
        remarks = kind.remarks(found.examples) if kind.remarks_schema else []
        told = {name: [remark[name] for remark in remarks] for name in kind.remarks_schema}
        return found, {**found.kept, **self.session.outputs.tabulate(outputs), **told}


def block_pool(workspace: Workspace, on: str) -> tuple[Executor, int]:
    """Who carries out the answering of blocks, and how many blocks may be on their way at once.

    Raises ComputeError for a backend that carries out nothing but whole commands.
    """
    if not on:
        workers = min(MOST_WORKERS, cpu_quota())
        return ThreadPoolExecutor(workers, thread_name_prefix="omloop-batch"), workers
    compute: Any = open_compute(workspace, on)
    if not hasattr(compute, "executor"):
        raise ComputeError(f"'{on}' carries out whole commands, no single blocks. Write: omloop predict ... --on {on}")
    tasks: TaskCompute = compute
    needs = workspace.settings.of(ComputeSettings).needs()
    return tasks.executor(needs), 2 * tasks.slots(needs)  # while one is answered the next is on its way
