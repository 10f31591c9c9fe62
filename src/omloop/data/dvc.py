"""Versions of data by DVC: a small file in git points to the data, and a remote keeps the data itself.

By default DVC sends statistics of its use to its makers and looks for newer releases; here both are off.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("DVC_NO_ANALYTICS", "true")

from dvc.exceptions import DvcException
from dvc.repo import Repo

from omloop.core import SourceError, quiet_loggers, without_secrets

REMOTE = "omloop"
_FORCE = ("Use `--force` to force", "Add them, or move them away")
_LINK = re.compile(r"<\S*https?://\S*>")
QUIET: Mapping[str, Mapping[str, bool]] = {"core": {"analytics": False, "check_update": False}}


@dataclass(frozen=True)
class DataPointer:
    """A file or folder whose data DVC keeps: its path, that of the small file which git keeps, and what that says."""

    path: Path
    pointer: Path
    digest: str
    size: int
    files: int


class DataRepository:
    """The data of one checkout, as DVC keeps it. All methods raise SourceError with what DVC says."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, path: Path) -> DataRepository:
        """The repository that holds a path; raises SourceError if there is none yet."""
        with _as_source_error("find", path):
            return cls(Path(Repo.find_root(str(_folder(path)))))

    @classmethod
    def begun(cls, path: Path) -> DataRepository:
        """The same, created if there is none: in the git checkout that holds the path, else in the current folder."""
        with contextlib.suppress(SourceError):
            return cls.of(path)
        folder = _folder(path)
        checkout = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
        root = checkout or Path.cwd()
        with _as_source_error("begin", root):
            Repo.init(str(root), no_scm=checkout is None).close()
        with cls(root)._opened("configure", root) as repo, repo.config.edit() as settings:
            for section, values in QUIET.items():
                settings[section] = {**settings.get(section, {}), **values}
        return cls(root)

    def add(self, path: Path) -> DataPointer:
        """Keep the data of a file or folder as it is now, and write what points to it."""
        with self._opened("add", path) as repo:
            stage = repo.add([str(path.resolve())])[0]
            return _pointer(stage, stage.outs[0])

    def pointers(self) -> list[DataPointer]:
        """All data kept here, sorted by path."""
        with self._opened("read", self.root) as repo:
            found = [_pointer(out.stage, out) for out in repo.index.outs if out.use_cache and not out.stage.cmd]
        return sorted(found, key=lambda one: one.path)

    def changed(self) -> dict[Path, str]:
        """Differences from the kept state, by path: `modified`, `deleted` or `not in the cache`."""
        with self._opened("read", self.root) as repo:
            found = repo.data_status()
            states = {"modified": "modified", "deleted": "deleted"}
            told = {
                self.root / name.rstrip("/"): state
                for kind, state in states.items()
                for name in found.get("uncommitted", {}).get(kind, ())
            }
            return told | {self.root / name.rstrip("/"): "not in the cache" for name in found.get("not_in_cache", ())}

    def push(self, paths: Sequence[Path] = ()) -> int:
        """Send data to the remote; gives how many files were."""
        with self._opened("push", self.root) as repo:
            return int(repo.push(targets=_targets(paths), remote=None))

    def pull(self, paths: Sequence[Path] = ()) -> int:
        """Fetch the data of the pointers from the remote, and lay it out; gives the number of fetched files."""
        with self._opened("pull", self.root) as repo:
            return int(repo.pull(targets=_targets(paths))["stats"]["fetched"])

    def checkout(self, paths: Sequence[Path] = ()) -> list[Path]:
        """Lay out the data of the pointers, from the cache; gives the changes. It keeps other data there.

        Raises SourceError if a file changed and nobody added the change.
        """
        with self._opened("checkout", self.root) as repo:
            found = repo.checkout(targets=_targets(paths), force=False)
            names = [name for kind in ("modified", "added", "deleted") for name in found.get(kind, ())]
            return [Path(name).resolve() for name in names]  # DVC names them from the current folder

    def remote(self) -> str:
        """The address of the remote, without a secret, or empty."""
        with self._opened("read", self.root) as repo:
            name = repo.config["core"].get("remote", "")
            return without_secrets(str(repo.config["remote"].get(name, {}).get("url", "")))

    def set_remote(self, address: str) -> None:
        """Name the remote: a folder, `gs://bucket/path` or `s3://bucket/path`."""
        url = address if "://" in address else str(Path(address).expanduser().resolve())
        with self._opened("configure", self.root) as repo, repo.config.edit() as settings:
            settings["remote"] = {**settings.get("remote", {}), REMOTE: {"url": url}}
            settings["core"] = {**settings.get("core", {}), "remote": REMOTE}

    def at_revision(self, path: Path, revision: str, folder: Path) -> Path:
        """The file or folder as it was at a revision of git, copied into `folder`; data that git itself keeps too."""
        from dvc.api import DVCFileSystem

        name = path.resolve().relative_to(self.root.resolve()).as_posix()
        target = folder / path.name
        with _as_source_error(f"read at {revision}", path):
            system = DVCFileSystem(url=str(self.root), rev=revision)
            system.get(name, str(target), recursive=system.isdir(name))
        return target

    @contextlib.contextmanager
    def _opened(self, verb: str, path: Path) -> Iterator[Any]:
        with _as_source_error(verb, path), contextlib.closing(Repo(str(self.root))) as repo:
            yield repo


def _pointer(stage: Any, out: Any) -> DataPointer:
    meta = out.meta
    return DataPointer(Path(out.fs_path), Path(stage.path), str(out.hash_info.value), meta.size or 0, meta.nfiles or 1)


def _targets(paths: Sequence[Path]) -> list[str] | None:
    return [str(path.resolve()) for path in paths] or None


def _folder(path: Path) -> Path:
    whole = path.expanduser().resolve()
    return whole if whole.is_dir() else whole.parent


@contextlib.contextmanager
def _as_source_error(verb: str, path: Path) -> Iterator[None]:
    """Turn what DVC, git, a remote's library or the system raises into a SourceError of one line."""
    try:
        with quiet_loggers(["dvc", "dvc_data", "dvc_objects"]), contextlib.redirect_stdout(io.StringIO()):
            yield
    except SourceError:
        raise
    except (DvcException, ImportError, OSError, ValueError, RuntimeError) as error:
        cause = error.__cause__ if isinstance(error, DvcException) and error.__cause__ else None
        # `omloop data-version` forces nothing: what is not kept anywhere must not be lost.
        reason = "; ".join(" ".join(_LINK.sub("", str(one)).split())[:300].rstrip(".") for one in (error, cause) if one)
        raise SourceError(f"DVC cannot {verb} {path}: {without_secrets(reason).replace(*_FORCE)}.") from error
