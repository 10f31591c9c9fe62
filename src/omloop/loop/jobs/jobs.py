"""Jobs of a workspace: begun, remembered, and asked for by any later process."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.compute import COMPUTE, ComputeSettings
from omloop.core import (
    Compute,
    ComputeJob,
    Facts,
    JobStatus,
    Resources,
    Settings,
    StoreError,
    UnknownNameError,
    utc_text,
    write_whole,
)

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

RECORD = "job.json"
LOOK_S, MOST_LOOK_S = 0.2, 5.0
"""How often a job that is followed is looked at: at first, and where nothing happens for long."""


@dataclass(frozen=True, repr=False)
class SubmittedJob(Facts):
    """A job that was begun: its `id`, the project, the backend that it is `on`, and what that knows it by, `handle`.

    `submitted` is in seconds since 1970. The methods ask the backend, and raise ComputeError where it is not there.
    """

    id: str
    project: str
    on: str
    handle: str
    submitted: float
    job: ComputeJob
    compute: Compute

    def facts(self) -> dict[str, object]:
        """Which job it is."""
        words = " ".join(self.job.words[:2])
        return {"job": self.id, "on": self.on, "handle": self.handle, "command": words, "since": self.since}

    @property
    def since(self) -> str:
        """When it was submitted, as a text."""
        return utc_text(self.submitted)

    def status(self) -> JobStatus:
        """How it is now."""
        return self.compute.status(self.job, self.handle)

    def logs(self, begin: int = 0) -> bytes:
        """What it has printed so far, from that byte on."""
        return self.compute.logs(self.job, self.handle, begin)

    def fetch(self) -> Sequence[Path]:
        """Bring what it made to this machine; gives the files, its log the first."""
        return self.compute.fetch(self.job, self.handle)

    def cancel(self) -> JobStatus:
        """End it, and say how it is then."""
        self.compute.cancel(self.job, self.handle)
        return self.status()

    def wait(self, write: Callable[[bytes], object] = lambda text: None) -> JobStatus:
        """Wait for its end, and `write` what it prints meanwhile."""
        begin, pause = 0, LOOK_S
        while True:
            found = self.status()  # before the log, so that what was printed last is not missed
            while text := self.logs(begin):
                begin, pause = begin + len(text), LOOK_S
                write(text)
            if found.over:
                return found
            time.sleep(pause)
            pause = min(MOST_LOOK_S, pause * 1.3)


def submit_job(
    workspace: Workspace, on: str, project: str, words: Sequence[str], *, outputs: Sequence[str] = ()
) -> SubmittedJob:
    """Begin the command line `omloop WORDS` on a backend, in the current folder, with this workspace.

    It must see the folder and the workspace under the same paths, which a shared file system gives. Raises
    UnknownNameError for a backend that nobody knows, and ComputeError where it refuses.
    """
    compute = open_compute(workspace, on)
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(workspace.clock()))}-{secrets.token_hex(3)}"
    folder = _folder(workspace) / project / name
    places = ["--workspace", str(workspace.root.resolve()), *_projects(workspace)]
    wanted = job_of(workspace, f"{words[0]}-{project}", words, folder)
    wanted = replace(wanted, places=tuple(places), outputs=tuple(outputs))
    try:
        handle = compute.submit(wanted)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    found = SubmittedJob(name, project, on, handle, workspace.clock(), wanted, compute)
    kept = {name: getattr(found, name) for name in ("id", "project", "on", "handle", "submitted")}
    write_whole(folder / RECORD, json.dumps({**kept, "job": asdict(wanted)}).encode())
    return found


def job_of(workspace: Workspace, name: str, words: Sequence[str], kept: Path, module: str = "omloop") -> ComputeJob:
    """A job with what the settings say of jobs; what it prints is `kept` in a folder of its own."""
    settings = workspace.settings.of(ComputeSettings)
    variables = tuple(filter(None, map(str.strip, settings.variables.split(","))))
    safe, needs = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII), settings.needs()
    job = ComputeJob(f"omloop-{safe}", tuple(words), str(Path.cwd()), str(kept.resolve()), module, needs=needs)
    return replace(job, variables=variables)


def open_compute(workspace: Workspace, on: str) -> Compute:
    """Who carries jobs out under that name or address; raises UnknownNameError and MissingExtraError."""
    compute: Compute = COMPUTE.open(on, workspace.root, settings=workspace.settings)
    return compute


def jobs_of(workspace: Workspace, project: str | None = None) -> list[SubmittedJob]:
    """The jobs of a workspace, or of one project, the newest first."""
    paths = _folder(workspace).glob(f"{project or '*'}/*/{RECORD}")
    return [_read(workspace, path) for path in sorted(paths, key=lambda path: path.parent.name, reverse=True)]


def find_job(workspace: Workspace, given: str) -> SubmittedJob:
    """The job of that id, or whose id alone begins or ends so; raises UnknownNameError where there is none."""
    known = {path.parent.name: path for path in _folder(workspace).glob(f"*/*/{RECORD}")}
    near = [name for name in known if given and (name.startswith(given) or name.endswith(given))]
    if given not in known and len(near) != 1:
        told = "Several jobs are called so; say more of the id." if near else "See: omloop jobs list"
        raise UnknownNameError("job", given, known, next_step=told)
    return _read(workspace, known[given if given in known else near[0]])


def _read(workspace: Workspace, path: Path) -> SubmittedJob:
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        job = found.pop("job")
        needs, tuples = Resources(**job.pop("needs")), ("words", "places", "variables", "outputs")
        job |= {name: tuple(job[name]) for name in tuples}
        compute = open_compute(workspace, found["on"])
        return SubmittedJob(**found, job=ComputeJob(**job, needs=needs), compute=compute)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"What is known of a job cannot be read: {path}. Take its folder away to forget it."
        ) from error


def _folder(workspace: Workspace) -> Path:
    return workspace.root / "jobs"


def _projects(workspace: Workspace) -> list[str]:
    """The folder of projects as a word of the command line; none where nobody set one, or examples would be hidden."""
    folder = workspace.settings.projects
    return [] if folder == Settings.projects else ["--projects", str(Path(folder).expanduser().resolve())]
