"""Finds projects: by a path, a folder under the projects folder, an entry point, an earlier path, or an example.

This module knows no name.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from omloop.core import OmloopError, Project, Settings, UnknownNameError, as_store_error, explain_missing, write_whole
from omloop.loop.project.examples import examples_beside
from omloop.register import projects

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from omloop.loop.workspace import Workspace

ENTRY_POINTS = "omloop.projects"
PACKAGE = "omloop_projects"


def project_names(settings: Settings) -> list[str]:
    """Every project with a name here, sorted; without the examples, which `examples` gives."""
    return sorted({*_folders(settings), *_installed(), *_remembered(settings)})


def at_hand(name: str, settings: Settings) -> bool:
    """Whether a project or an example of that name exists, not only its versions."""
    return name in examples_beside(settings) or name in project_names(settings)


def find_project(given: str, settings: Settings) -> Project:
    """The project that a name or a path to its folder stands for.

    A name stands for a folder under the projects folder, an installed package or an example. It may also be a project
    that this workspace once got by its path. Raises UnknownNameError with the nearest name, and OmloopError for a path
    without a project and for a project.py that fails to load.
    """
    if folder := folder_of(given):
        return _from_folder(folder)
    folders, installed, remembered = _folders(settings), _installed(), _remembered(settings)
    if given in folders:
        return _from_folder(folders[given])
    if given in installed:
        return _checked(installed[given].load(), given)
    if given in remembered:
        return _from_folder(remembered[given])
    shown = examples_beside(settings)
    if given in shown:
        return _from_folder(shown[given])
    step = f"Projects are looked for in '{settings.projects}' and among installed packages; a path does as well."
    if _has_versions(given, settings):
        step = (
            f"'{given}' has versions, which can be served, watched, compared and promoted without a project; to learn "
            f"again needs one. Give a path to its folder, or make it: omloop new {given} --from DATA --target COLUMN."
        )
    raise UnknownNameError("project", given, {*folders, *installed, *remembered, *shown}, next_step=step)


def project_name(given: str, workspace: Workspace) -> str:
    """A workspace's name for a project, `given` as a name or a path.

    It remembers the path, so that the name is enough from then on. Raises UnknownNameError for a name that is no
    project's and that has neither versions nor runs, and OmloopError for a path without a project.
    """
    settings = workspace.settings
    if folder := folder_of(given):
        known = {path: name for name, path in _remembered(settings).items()}
        return known.get(folder) or remember(_from_folder(folder), settings)
    blobs = workspace.store()
    if given in blobs.list("") and blobs.list(f"{given}/history"):
        return given
    known_names = {*projects(blobs), *project_names(settings), *examples_beside(settings)}
    if given not in known_names and any(True for _ in workspace.tracker().list(given)):
        return given  # of a script without a project
    if given not in known_names:
        step = "Run from the folder that holds projects/, or give a path to the project's folder."
        raise UnknownNameError("project", given, known_names, next_step=step)
    return find_project(given, settings).name


def project_folder(name: str, settings: Settings) -> Path | None:
    """The folder of the project of that name; None for an installed one, and for a missing one."""
    folder = Path(settings.projects) / name
    elsewhere = {**examples_beside(settings), **_remembered(settings)}
    return folder.resolve() if folder.is_dir() else elsewhere.get(name)


def remember(project: Project, settings: Settings) -> str:
    """Keep in the workspace where a project lies that its name alone does not lead to; gives the name."""
    if project.folder is None or project.folder in {*_folders(settings).values(), *examples_beside(settings).values()}:
        return project.name
    known = _remembered(settings)
    if known.get(project.name) != project.folder:
        places = {name: str(path) for name, path in {**known, project.name: project.folder}.items()}
        path = _places(settings)
        with as_store_error("write", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(places, indent=2).encode())
    return project.name


def folder_of(given: str) -> Path | None:
    """The folder that a path to a project stands for; None for a name. Raises OmloopError for a path without one."""
    path = Path(given).expanduser()
    if path.name == given and given != "..":
        return None
    if not (path / "project.py").is_file():
        raise OmloopError(f"There is no project in '{given}': it holds no project.py. Give a project's folder or name.")
    return path.resolve()


def _has_versions(name: str, settings: Settings) -> bool:
    """Whether a name has versions; False if it cannot see them."""
    from omloop.loop.workspace import Workspace

    try:
        return name in projects(Workspace(settings).store())
    except OmloopError:
        return False


def _places(settings: Settings) -> Path:
    return Path(settings.workspace).expanduser() / "projects.json"


def _remembered(settings: Settings) -> dict[str, Path]:
    """The folders of projects once given by path, if they still exist; nothing if the list is unreadable."""
    try:
        found = json.loads(_places(settings).read_bytes())
    except (OSError, ValueError):
        return {}
    known = found.items() if isinstance(found, dict) else ()
    places = {name: Path(place) for name, place in known if isinstance(place, str)}
    return {name: place for name, place in places.items() if (place / "project.py").is_file()}


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
        # Another folder of the same name was loaded before: its modules must not stand for those of this one.
        for stale in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
            del sys.modules[stale]
        for parent, paths in ((PACKAGE, []), (package, [str(folder)])):
            module = ModuleType(parent)
            module.__path__ = paths
            sys.modules[parent] = sys.modules.get(parent, module) if parent == PACKAGE else module
    try:
        with explain_missing(f"The project '{folder.name}'"):
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
