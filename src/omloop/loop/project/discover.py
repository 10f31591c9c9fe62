"""Finding projects: a path, a folder under the projects folder, or an installed entry point. No name is known here."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from omloop.core import OmloopError, Project, Settings, UnknownNameError
from omloop.register import STORES, projects

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from omloop.loop.workspace import Workspace

ENTRY_POINTS = "omloop.projects"
PACKAGE = "omloop_projects"


def project_names(settings: Settings) -> list[str]:
    """Every project that can be asked for by name, sorted."""
    return sorted({*_folders(settings), *_installed()})


def find_project(name: str, settings: Settings) -> Project:
    """The project called `name`, or the one in the folder that `name` is a path to.

    Raises UnknownNameError with the nearest name, or OmloopError when its project.py cannot be loaded.
    """
    path = Path(name)
    if path.name != name and (path / "project.py").is_file():
        return _from_folder(path.resolve())
    folders = _folders(settings)
    if name in folders:
        return _from_folder(folders[name])
    installed = _installed()
    if name in installed:
        return _checked(installed[name].load(), name)
    step = f"Projects are looked for in '{settings.projects}' and among installed packages."
    raise UnknownNameError("project", name, {*folders, *installed}, next_step=step)


def _folders(settings: Settings) -> dict[str, Path]:
    root = Path(settings.projects)
    return {path.parent.name: path.parent.resolve() for path in sorted(root.glob("*/project.py"))}


def _installed() -> dict[str, EntryPoint]:
    from importlib import metadata  # imported only when it is asked for, as in Backends

    return {point.name: point for point in metadata.entry_points(group=ENTRY_POINTS)}


def _from_folder(folder: Path) -> Project:
    """Load the folder as a package, so that project.py may import its neighbours with a leading dot."""
    package = f"{PACKAGE}.{folder.name}"
    if package not in sys.modules or getattr(sys.modules[package], "__path__", None) != [str(folder)]:
        for stale in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
            del sys.modules[stale]
        for parent, paths in ((PACKAGE, []), (package, [str(folder)])):
            module = ModuleType(parent)
            module.__path__ = paths
            sys.modules[parent] = sys.modules.get(parent, module) if parent == PACKAGE else module
    try:
        module = importlib.import_module(f"{package}.project")
    except OmloopError:
        raise
    except Exception as error:
        raise OmloopError(f"{folder / 'project.py'} cannot be loaded: {type(error).__name__}: {error}.") from error
    return replace(_checked(getattr(module, "project", None), folder.name), folder=folder)


def _checked(found: object, name: str) -> Project:
    if isinstance(found, Project):
        return found
    raise OmloopError(f"The project '{name}' must define `project = Project(...)` in its project.py.")


def require_known(name: str, workspace: Workspace) -> None:
    """Raise UnknownNameError unless `name` is a project or has versions in this workspace."""
    served = projects(STORES.load(workspace.settings.store)(workspace.root / "versions"))
    if name in served:
        return
    known = {*served, *project_names(workspace.settings)}
    if name not in known:
        raise UnknownNameError("project", name, known, next_step="Run from the folder that holds projects/.")
