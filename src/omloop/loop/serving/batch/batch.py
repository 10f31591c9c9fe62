"""Answering many rows without a server: read, encoded and answered block by block on all cores, kept in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from omloop.bundle import Bundle, Session
from omloop.core import ConfigError, Facts, InputError
from omloop.loop.serving.batch.answering import Answering, Columns, block_pool
from omloop.loop.serving.batch.block import Block, BlockSource, ReadBlock
from omloop.loop.serving.batch.forms import form_of
from omloop.loop.serving.batch.parts import FIRST, PartRecord, Parts
from omloop.loop.serving.batch.sources import find_sources, identify

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

ROWS = 16_384
"""Of a block at most."""
BLOCK_S = 5.0
"""Of a slow model a block takes about so long on one core: a killed command answers it again."""
BLOCK_BYTES = 64 << 20
"""Examples of a block, which are pixels for pictures, take no more."""


@dataclass(frozen=True)
class BatchOptions:
    """Columns to copy, rows of a block (None: by the model's speed), and the version that answers (None: the champion).

    Threads of this process answer blocks, or workers `on` a backend that runs single functions, such as `ray`.
    """

    keep: Sequence[str] = ()
    rows_per_block: int | None = None
    version: str | None = None
    on: str = ""


class BatchProgress(NamedTuple):
    """How far it is: rows so far, those set aside, the share of the input, rows a second, and the seconds left."""

    rows: int
    set_aside: int
    share: float
    rows_per_s: float
    left_s: float


@dataclass(frozen=True, repr=False)
class BatchResult(Facts):
    """The result. `bad` is the file of the `set_aside` rows, or None; `first` are the first problems.

    `resumed` rows come from an earlier, interrupted call; `rows_per_s` counts the others.
    """

    version: str
    answered: int
    set_aside: int
    out: Path
    bad: Path | None
    first: tuple[str, ...]
    resumed: int
    seconds: float

    @property
    def rows_per_s(self) -> float:
        """Rows that this call answered or set aside, a second."""
        return (self.answered + self.set_aside - self.resumed) / max(self.seconds, 1e-9)

    def facts(self) -> dict[str, Any]:
        """Who answered how many, how fast."""
        return {
            "version": self.version,
            "answered": self.answered,
            "set_aside": self.set_aside,
            "out": str(self.out),
            "bad": None if self.bad is None else str(self.bad),
            "resumed": self.resumed,
            "seconds": round(self.seconds, 3),
            "rows_per_s": round(self.rows_per_s, 1),
        }


def predict_batch(
    name: str,
    workspace: Workspace,
    path: str,
    out: Path,
    options: BatchOptions,
    *,
    tell: Callable[[str], None],
    progress: Callable[[BatchProgress], None],
) -> BatchResult:
    """Answer all rows of a file, folder, zip or pattern of files into `out`; bad rows go into a file beside it.

    This call continues an earlier, killed one if the input, the version and the options are the same. Raises InputError
    for missing or conflicting columns, and if it accepts no row.
    """
    if options.rows_per_block is not None and options.rows_per_block < 1:
        raise ConfigError(f"A block of {options.rows_per_block} rows holds nothing. Give 1 or more.")
    begun, form = time.perf_counter(), form_of(out)
    registry = workspace.registry(name)
    bundle = registry.load(options.version or registry.require_champion())
    answering = Answering(bundle)
    session = answering.session
    with Parts(out, form) as parts:
        noted, changed = parts.resume(identity := _identity(path, bundle, options))
        rows = options.rows_per_block or noted.get("rows_per_block") or _rows_per_block(session)
        sources = find_sources(path, session.inputs, options.keep, rows)
        names = _names(session, sources, options.keep)
        _require_free(names, options.keep)
        if changed:
            tell(f"another {changed} than before: beginning again")
        parts.note(identity, {"rows_per_block": rows})
        work = _Work(answering, bundle.version, sources, parts, names)
        if parts.records:
            tell(f"{work.rows:,} rows were answered before: going on behind them")
        resumed = work.rows
        work.run(block_pool(workspace, options.on), progress)
        bad = parts.finish(names)
    first = tuple(problem for record in parts.records for problem in record.first)[:FIRST]
    answered, set_aside = work.answered, work.set_aside
    if not answered:
        told = (
            f"none of the {set_aside:,} rows is accepted; the first: {first[0]}"
            if set_aside
            else f"{path} holds no row"
        )
        raise InputError(told)
    seconds = time.perf_counter() - begun
    return BatchResult(bundle.version, answered, set_aside, out, bad, first, resumed, seconds)


class _Work:
    """The work on each block, and its progress."""

    def __init__(
        self, answering: Answering, version: str, sources: Sequence[BlockSource], parts: Parts, names: Sequence[str]
    ) -> None:
        self._answering, self._version, self._sources = answering, version, sources
        self._parts, self._names = parts, names
        self._sizes = [source.size for source in sources]
        last = parts.records[-1] if parts.records else PartRecord(0, 0, 0, 0, 0)
        self._source, self._at, self._rows = last.source, last.following, last.rows
        self.answered, self.set_aside = last.answered, last.set_aside

    @property
    def rows(self) -> int:
        """Rows so far."""
        return self.answered + self.set_aside

    def run(self, pool: tuple[Executor, int], progress: Callable[[BatchProgress], None]) -> None:
        """Answer the remaining blocks, and keep each."""
        begun, before, share = time.perf_counter(), self.rows, self._share()
        for source, following, (block, columns) in self._answered(*pool):
            if source != self._source:
                self._source, self._rows = source, 0
            self._keep(block, columns, following)
            taken, now = max(time.perf_counter() - begun, 1e-9), self._share()
            left = taken * (1 - now) / (now - share) if now > share else 0.0
            progress(BatchProgress(self.rows, self.set_aside, now, (self.rows - before) / taken, left))

    def _keep(self, block: ReadBlock, columns: Columns, following: int) -> None:
        row, count = self._rows + 1, len(block.places)
        where = {"file": self._sources[self._source].name} if len(self._sources) > 1 else {}
        told = {**where, "row": block.places + row, **columns, "version": self._version}
        bad = [
            {**where, **({"file": one.file} if one.file else {}), "row": row + one.place, "problem": one.problem}
            | ({"given": one.given} if one.given else {})
            for one in block.refusals
        ]
        first = [f"{one.file or f'row {row + one.place:,}'}: {one.problem}" for one in block.refusals[:FIRST]]
        self._rows, self._at = self._rows + block.count, following
        self.answered, self.set_aside = self.answered + count, self.set_aside + len(bad)
        record = PartRecord(self._source, following, self._rows, self.answered, self.set_aside, first)
        self._parts.add(record, {name: told[name] for name in self._names if count}, count, bad)

    def _answered(self, pool: Executor, most: int) -> Iterator[tuple[int, int, tuple[ReadBlock, Columns]]]:
        """The source and the end of each block, with its content and its answers, in order."""
        ahead: deque[tuple[int, int, Future[tuple[ReadBlock, Columns]]]] = deque()
        try:
            for source, block in self._blocks():
                ahead.append((source, block.following, pool.submit(self._answering, block)))
                del block  # what it holds goes once it is answered
                if len(ahead) > most:
                    one, following, future = ahead.popleft()
                    yield one, following, future.result()
                    del future
            while ahead:
                one, following, future = ahead.popleft()
                yield one, following, future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _blocks(self) -> Iterator[tuple[int, Block]]:
        for number in range(self._source, len(self._sources)):
            begin = self._at if number == self._source else 0
            for block in self._sources[number].blocks(begin):
                yield number, block

    def _share(self) -> float:
        whole = sum(self._sizes)
        done = sum(self._sizes[: self._source]) + self._at
        return min(1.0, done / whole) if whole else 1.0


def _identity(path: str, bundle: Bundle, options: BatchOptions) -> dict[str, str]:
    """What must be the same to continue with parts; a message names the differences."""
    return {
        "input": f"{path} {identify(path)}",
        "version": f"{bundle.version} {bundle.variant('')}",
        "choice of columns or of rows a block": repr((tuple(options.keep), options.rows_per_block)),
    }


def _rows_per_block(session: Session) -> int:
    """As many rows as take some seconds and fit in memory, estimated from examples at the limits."""
    examples = session.inputs.edges()
    session.predict(examples[:1])
    begun = time.perf_counter()
    session.predict(examples)
    rate = len(examples) / max(time.perf_counter() - begun, 1e-9)
    return max(1, int(min(ROWS, BLOCK_BYTES // max(1, examples[:1].nbytes), max(100, rate * BLOCK_S))))


def _names(session: Session, sources: Sequence[BlockSource], keep: Sequence[str]) -> list[str]:
    """The columns of the answers, in their order."""
    outputs = session.outputs
    none = np.empty((0, len(outputs.classes))) if outputs.classes else np.empty(0)
    answer = [*outputs.tabulate(none), *session.inputs.remarks_schema]
    where = ["file"] if len(sources) > 1 or not sources[0].has_rows else []
    return [*where, "row", *keep, *answer, "version"]


def _require_free(names: Sequence[str], keep: Sequence[str]) -> None:
    for name in keep:
        if names.count(name) > 1:
            raise InputError(f"the column '{name}' cannot be kept: the answers have one of that name; rename it")
