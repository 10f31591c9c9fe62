"""Finding the best settings to serve a project's champion here, by loading real servers side by side."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from omloop.bundle import MODEL
from omloop.core import Facts, cpu_quota, write_whole
from omloop.loop.bench.load import Subject, ask_server, load_once, rows_of
from omloop.loop.project.settings_file import with_settings
from omloop.loop.serving.process_stats import cpu_seconds, memory_of
from omloop.loop.serving.server_process import champion_copied, session
from omloop.loop.workspace import Workspace
from omloop.probe import LoadPlan, Stairs, Target, race, winner
from omloop.serve.settings import ServeSettings

if TYPE_CHECKING:
    from omloop.bundle import Bundle

LEAST_S, MOST_S, REQUESTS = 1.0, 4.0, 300
"""An attempt lasts as long as so many requests take, within bounds: p99 is of little worth over fewer."""
LEAST_ROUNDS = 3
SIZES = (1, 8, 64)
NEAR = 1.2
"""The first step around a rate that is likely to be about right."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Setup:
    """Settings of a server, as in omloop.toml; an empty `variant` is the bundle's own choice."""

    workers: int = 1
    threads: int = 1
    batch: int = 0
    variant: str = ""


@dataclass
class SetupTrial:
    """The measurements of one setup: `answered` requests took `cpu_s` seconds of CPU in the attempts that held.

    `memory` is in bytes, 0 where the system does not tell. `late_s` is how late this program itself was to send, at p99
    of the worst of these attempts. `model` is what the server says of it: `milliseconds_a_row`, `largest_batch`.
    """

    stairs: Stairs
    model: Mapping[str, float] = field(default_factory=dict)
    cpu_s: float = 0.0
    answered: int = 0
    memory: int = 0
    late_s: float = 0.0


@dataclass(frozen=True, repr=False)
class Tuning(Facts):
    """The trials of all setups. `best` is None when no setup kept p99 within `p99_s` seconds at any rate.

    `equals` are the setups that the trials did not tell apart from the best, which is the smallest of them.
    """

    version: str
    cores: int
    p99_s: float
    best: Setup | None
    equals: Sequence[Setup]
    tried: Mapping[Setup, SetupTrial]

    @property
    def concurrency(self) -> int:
        """How many requests the best settings work on at once at their highest rate.

        At this number a platform starts another instance. It is Little's law with p99 as the time of each
        (https://doi.org/10.1287/opre.9.3.383). 0 where there is no best.
        """
        if self.best is None:
            return 0
        return max(1, min(1000, round(self.tried[self.best].stairs.bears * self.p99_s)))

    def facts(self) -> dict[str, object]:
        """The best setup in words and the number of trials."""
        return {"best": words(self.best) if self.best else "none", "tried": len(self.tried)}


def tune(
    name: str, workspace: Workspace, *, p99_s: float, within_s: float, tell: Tell = lambda message: None
) -> Tuning:
    """Ask which variant is best, then how many processes and threads, then how large batches.

    Each question gets its share of `within_s` seconds. The servers of all its answers are up at once and get requests
    in turn. Raises OmloopError when there is no champion, or a server does not start.
    """
    began, cores, tried = time.monotonic(), cpu_quota(), dict[Setup, SetupTrial]()
    with champion_copied(name, workspace) as (apart, bundle):
        best, equals = Setup(), [Setup()]
        for number, question in enumerate((_variants, _shapes, _batches), 1):
            setups = question(best, bundle, tried)
            if setups == [best] and question is not _shapes:
                continue
            ends = began + within_s * number / 3
            found = _compared(apart, bundle, setups, tried.get(best), p99_s, ends, tell)
            if best in tried and not found[best].stairs.settled:
                tell("too little time was left to tell more apart")
                break
            tried |= found
            before, (best, same) = best, winner({setup: one.stairs for setup, one in found.items()})
            equals = list(dict.fromkeys([*equals, *same])) if best == before else same
            if not found[best].stairs.bears:
                return Tuning(bundle.version, cores, p99_s, None, [], tried)
    return Tuning(bundle.version, cores, p99_s, best, equals, tried)


def shapes(cores: int) -> list[tuple[int, int]]:
    """Pairs of processes and threads that so many cores can run at once, the smallest first.

    >>> shapes(2), len(shapes(64))
    ([(1, 1), (1, 2), (2, 1)], 10)
    """
    counts = sorted({1, min(2, cores), max(1, cores // 2), cores})
    most = 1 if sys.platform == "win32" else cores  # there processes cannot share a port
    pairs = [(workers, threads) for workers in counts for threads in counts if workers * threads <= cores]
    return [(workers, threads) for workers, threads in pairs if workers <= most]


def write_setup(setup: Setup, folder: Path) -> Path:
    """Write the setup into the omloop.toml of `folder`, where whatever else it says stays, and give its path.

    It writes the variant only if the variant differs from the bundle's own choice, or if the file sets one already. The
    settings of a folder are those of all its projects. Raises SettingError for a file that is no TOML.
    """
    path = folder / "omloop.toml"
    text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    values: dict[str, str | int] = {"workers": setup.workers, "threads": setup.threads, "batch": setup.batch}
    if setup.variant or "variant" in text:
        values["variant"] = short(setup.variant)
    write_whole(path, with_settings(text, values).encode())
    return path


def overruling_variables() -> list[str]:
    """The environment variables that overrule written settings."""
    names = [f"OMLOOP_{name}" for name in ("WORKERS", "THREADS", "BATCH", "VARIANT")]
    return [name for name in names if os.environ.get(name)]


def short(variant: str) -> str:
    """The name of a variant in settings.

    >>> short("variants/int8.onnx"), short("model.onnx"), short("")
    ('int8', 'model', '')
    """
    return PurePath(variant).stem


def words(setup: Setup) -> str:
    """A setup in words.

    >>> words(Setup(2, 1, 16))
    '2 workers x 1 thread, batch 16'
    """
    workers, threads = (
        f"{n} {what}{'s' * (n > 1)}" for n, what in ((setup.workers, "worker"), (setup.threads, "thread"))
    )
    return ", ".join(
        [f"{workers} x {threads}", *[f"batch {setup.batch}"] * (setup.batch > 0), *filter(None, [short(setup.variant)])]
    )


def _variants(best: Setup, bundle: Bundle, tried: Mapping[Setup, SetupTrial]) -> list[Setup]:
    """The variants that may stand for the model: here only their speed counts."""
    known = bundle.manifest.variants
    served = bundle.manifest.served
    others = [name for name in bundle.variants if name != served and (name == MODEL or known[name].parity.verified)]
    return [best, *(replace(best, variant=name) for name in others)]


def _shapes(best: Setup, bundle: Bundle, tried: Mapping[Setup, SetupTrial]) -> list[Setup]:
    return [replace(best, workers=workers, threads=threads) for workers, threads in shapes(cpu_quota())]


def _batches(best: Setup, bundle: Bundle, tried: Mapping[Setup, SetupTrial]) -> list[Setup]:
    measured = tried[best].model["largest_batch"]
    return [best, *(replace(best, batch=size) for size in SIZES if size != measured)]


def _compared(
    apart: Workspace,
    bundle: Bundle,
    setups: Sequence[Setup],
    known: SetupTrial | None,
    p99_s: float,
    ends: float,
    tell: Tell,
) -> dict[Setup, SetupTrial]:
    """The trial of each setup, at the `time.monotonic` of `ends` or as soon as the trials tell the setups apart."""
    rows, subjects, sessions, found = rows_of(bundle), {}, {}, dict[Setup, SetupTrial]()
    with ExitStack() as stack:
        for setup in setups:
            tell(f"starting {words(setup)}")
            of_setup = Workspace(apart.settings.having(replace(apart.settings.of(ServeSettings), **asdict(setup))))
            url, sessions[setup] = stack.enter_context(session(bundle.manifest.project, of_setup))
            subjects[setup] = Subject(Target.of(url), bundle.version, rows, ours=True)
            model = ask_server(subjects[setup].target, "/v1/batching")["model"]
            found[setup] = SetupTrial(_first(known, model), model)

        def attempt(setup: Setup, rate: float) -> bool:
            plan = LoadPlan(rate, min(MOST_S, max(LEAST_S, REQUESTS / rate)), timeout_s=max(1.0, 10 * p99_s))
            one, before = found[setup], cpu_seconds(sessions[setup])
            load = load_once(subjects[setup], plan, rows=1)
            broken = load.broken(p99_s)
            if not broken:
                one.late_s = max(one.late_s, load.late.at(0.99))
                one.cpu_s += cpu_seconds(sessions[setup]) - before
                one.answered += load.answered
            tell(f"{words(setup)}: {rate:.0f} requests a second {', '.join(broken) or 'held'}")
            return not broken

        def going() -> bool:  # something must be known in the end, however slowly servers start
            few = known is None and any(one.stairs.asked < LEAST_ROUNDS for one in found.values())
            return few or time.monotonic() < ends

        for round_ in race({setup: one.stairs for setup, one in found.items()}, attempt, going=going):
            for setup, stairs in round_.items():
                found[setup].stairs = stairs
        for setup in setups:
            found[setup].memory = memory_of(sessions[setup])
    return found


def _first(known: SetupTrial | None, model: Mapping[str, float]) -> Stairs:
    """Where to begin: at what another bears, or at a fraction of what the model alone would."""
    if known is not None:
        return Stairs(known.stairs.bears, NEAR)
    return Stairs(min(300.0, max(1.0, 100 / max(0.01, model["milliseconds_a_row"]))))
