"""A version made again from what its run kept: the code, the data, the configuration, the packages."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.bundle import Bundle
from omloop.core import Facts, OmloopError, Project, SourceError
from omloop.loop.project.configure import decided_in, overrides_in
from omloop.loop.runs.compare import PACKAGES, compare_kept
from omloop.loop.runs.kept import PATCH, KeptRun
from omloop.loop.runs.runs import find_run, runs_of
from omloop.loop.version.checkout import checkout_of, code_of
from omloop.loop.version.locked_packages import differing_packages, interpreter_here, locked_environment
from omloop.loop.workspace import Workspace

if TYPE_CHECKING:
    from omloop.report import Comparison

    Tell = Callable[[str], None]

MODEL = "model.onnx"
PACES = "pace"
OURS = Path(__file__).resolve().parents[3]
"""The folder of the imported omloop."""
MOST_NAMED = 5


@dataclass(frozen=True, repr=False)
class Reproduction(Facts):
    """A version and its rebuilt copy: `same_bytes` of the model, their metrics, and other differences.

    `differs` names the ingredients that differ, in words; `comparison` has all of them.
    """

    project: str
    version: str
    again: str
    same_bytes: bool
    metrics: Mapping[str, tuple[float, float]]
    differs: tuple[str, ...]
    comparison: Comparison

    @property
    def equal(self) -> bool:
        """Whether every metric came out the same to the last bit."""
        return all(before == after for before, after in self.metrics.values())

    @property
    def verdict(self) -> str:
        """What came of it, in one sentence."""
        if self.same_bytes:
            return "equal: the same model, to the last byte"
        if self.equal:
            return "equal metrics; the model's bytes differ"
        apart = [
            f"{name} {before:.6g} -> {after:.6g}" for name, (before, after) in self.metrics.items() if before != after
        ]
        return f"not equal: {', '.join(apart)}"

    def facts(self) -> dict[str, object]:
        """What came of it."""
        return {"project": self.project, "version": self.version, "verdict": self.verdict}


def reproduce(
    project: Project, workspace: Workspace, version: str | None, *, here: bool = False, tell: Tell
) -> Reproduction:
    """Make a version again (the champion by default), in a throw-away worktree and workspace.

    The code is that of the run's commit with its uncommitted changes. Data inside the checkout is that of the commit,
    from DVC if DVC keeps it. The packages are those of the run: in a separate environment if they differ from these,
    unless `here`. Raises OmloopError if the run, its commit or a package is gone, and for a version that learned from
    live predictions.
    """
    registry = workspace.registry(project.name)
    bundle = registry.load(version or registry.require_champion())
    kept = _kept(project.name, bundle.manifest.lineage.run, workspace)
    stored = bundle.files["config.yaml"].decode()
    overrides, decided = overrides_in(stored), decided_in(stored)
    if bundle.manifest.lineage.live_rows:
        raise OmloopError(
            f"{bundle.version} learned from {bundle.manifest.lineage.live_rows:,} live predictions too, which a turn "
            "elsewhere does not have. Versions that learned from a source alone can be made again."
        )
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omloop-reproduce-")))
        code, notes = _code(stack, project, bundle, kept, root, tell)
        python = _interpreter(kept, root, here=here, tell=tell)
        tell(f"turn: {project.name} {' '.join(overrides)}")
        apart = workspace.at(str(root / "workspace"))
        apart.root.mkdir()
        _lend(workspace.downloads, apart.downloads)  # what was fetched need not be fetched again, nor be there still
        _lend(workspace.cache / PACES, apart.cache / PACES)  # a network is equal only with the same threads
        turned = _turn(python, code, overrides, apart.root)
        again = apart.registry(project.name).load(turned["version"])
        if decided != decided_in(again.files["config.yaml"].decode()):  # by how long it took: see `loop.turn.choosing`
            words = [f"{key}={word}" for key, word in decided.items()]
            turned = _turn(python, code, [*overrides, *words], apart.root)
            again = apart.registry(project.name).load(turned["version"])
        comparison = compare_kept(project.name, [kept, _kept(project.name, turned["run"], apart)])
    served = (one.manifest.variants[one.manifest.served].metrics for one in (bundle, again))
    before, after = served
    return Reproduction(
        project=project.name,
        version=bundle.version,
        again=again.version,
        same_bytes=bundle.files[MODEL] == again.files[MODEL],
        metrics={name: (before[name].value, after[name].value) for name in before if name in after},
        differs=(*notes, *_differing(comparison)),
        comparison=comparison,
    )


def _lend(folder: Path, at: Path) -> None:
    """Let a folder of this workspace, if it is there, be that of another one too."""
    if folder.is_dir():
        at.parent.mkdir(parents=True, exist_ok=True)
        at.symlink_to(folder.resolve())


@dataclass(frozen=True)
class _Code:
    """The folders of the project and of omloop's own code, and the folder to start a turn from."""

    project: Path
    cwd: Path
    package: Path | None


def _code(
    stack: ExitStack, project: Project, bundle: Bundle, kept: KeptRun, root: Path, tell: Tell
) -> tuple[_Code, list[str]]:
    """The code of the run, and what of it could not be had."""
    lineage, own = bundle.manifest.lineage, project.folder
    if own is None:
        raise OmloopError(f"{project.name} has no folder here. Its code is what a version is made of.")
    checkout = checkout_of(own)
    if checkout is None or lineage.git_commit is None:
        return _Code(own, Path.cwd(), None), ["code: no commit of it is known, so it is today's"]
    tell(f"code: {lineage.git_commit[:12]}")
    patch = kept.read(PATCH) or b""
    folder = stack.enter_context(code_of(checkout, lineage.git_commit, patch, root / "code"))
    lacking = [f"code: {line[2:]}" for line in patch.decode("utf-8", "replace").splitlines() if line.startswith("# ")]
    here = Path.cwd()
    cwd = folder / here.relative_to(checkout) if here.is_relative_to(checkout) else here
    _lay_out_data(checkout, folder, lineage.git_commit)
    package = folder / OURS.relative_to(checkout) if OURS.is_relative_to(checkout) else None
    return _Code(folder / own.resolve().relative_to(checkout), cwd, package), lacking


def _lay_out_data(checkout: Path, folder: Path, commit: str) -> None:
    """Copy what DVC keeps of the commit to its places in the worktree."""
    pointers = [path for path in folder.rglob("*.dvc") if path.is_file()]
    if not pointers or importlib.util.find_spec("dvc") is None:
        return
    from omloop.data.dvc import DataRepository

    repository = DataRepository.of(checkout)
    for pointer in pointers:
        target = pointer.with_suffix("")
        if not target.exists():
            repository.at_revision(checkout / target.relative_to(folder), commit, target.parent)


def _interpreter(kept: KeptRun, root: Path, *, here: bool, tell: Tell) -> Path:
    wanted = kept.text(PACKAGES)
    if here or not wanted or not differing_packages(wanted):
        return interpreter_here()
    return locked_environment(wanted, root / "environment", tell)


def _turn(python: Path, code: _Code, overrides: Sequence[str], workspace: Path) -> dict[str, Any]:
    """Turn the project in its own process, without promoting anything here; raises OmloopError with its message."""
    source = code.package or OURS
    words = [str(python), "-m", "omloop", "turn", str(code.project), *overrides, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(source), "OMLOOP_TRACK": "files", "OMLOOP_STORE": "files"}
    command = [*words, "--workspace", str(workspace), "--projects", str(code.project.parent)]
    done = subprocess.run(command, cwd=code.cwd, env=environment, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = {}
    if done.returncode or "version" not in found:
        told = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        reason = found.get("error", {}).get("message") or told[0]
        raise SourceError(f"The turn could not be made again: {reason}")
    return dict(found)


def _kept(name: str, run: str, workspace: Workspace) -> KeptRun:
    record = find_run(runs_of(name, workspace), run, name)
    return KeptRun(record, record.name, name, workspace.tracker())


def _differing(found: Comparison) -> list[str]:
    """The ingredients of two runs that are not the same."""
    rows = {
        **{f"data: {name}": cells for name, cells in found.data.items()},
        **{f"code: {name}": cells for name, cells in found.code.items() if name in ("python", "platform")},
        **{f"configuration: {name}": cells for name, cells in found.settings.items()},
    }
    told, packages = _changes(rows), _changes(found.packages)
    more = [f"and {len(packages) - MOST_NAMED} more"] if len(packages) > MOST_NAMED else []
    return [*told, *([f"packages: {', '.join([*packages[:MOST_NAMED], *more])}"] if packages else [])]


def _changes(rows: Mapping[str, Sequence[str]]) -> list[str]:
    pairs = ((name, *cells) for name, cells in rows.items())
    return [f"{name} {before or 'none'} -> {after or 'none'}" for name, before, after in pairs if before != after]
