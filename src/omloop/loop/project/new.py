"""A new project from one that works: its folder, under another name."""

from __future__ import annotations

import ast
import keyword
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import OmloopError, Project, UnknownNameError, as_store_error
from omloop.loop.project.discover import find_project, project_names
from omloop.loop.project.examples import examples

if TYPE_CHECKING:
    from omloop.core import Settings
    from omloop.loop.workspace import Workspace

LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "README.md", "compat.json", "test_*.py")
"""The parts not to copy: the other project's caches, its story, its former service, its tests."""

REMOTE = re.compile(r"^\s*-\s*base_(kaggle|huggingface|url)\s*$", re.MULTILINE)
"""A file of `conf/data` with the address of the other project's data."""

TEST = '''"""The project keeps the contract of all projects."""

from omloop.testing.project import ProjectContract

from .project import project


class TestProject(ProjectContract):
    """The three lines that every project needs."""

    project = project
'''
README = """# {name}

{summary}

Made from `{like}`. Its default source is simulated, so it runs at once:

```console
$ omloop turn {name}
```

Next: say in `project.py` what goes in and comes out, in `simulate.py` what records look like, and in `conf/` which
models are trained; then point it to your data with `data=file data.path=...`.
"""


def new_project(name: str, workspace: Workspace, *, like: str = "", kind: str = "") -> Path:
    """Copy the project `like`, or the first with inputs of `kind`, to a new folder called `name`; return the folder.

    Projects at hand go before examples. Only the project's own name changes: a column, a class or a path of the same
    spelling stays. It touches nothing outside that folder. Raises OmloopError for an invalid or taken name.
    """
    source = _source(workspace, like, kind)
    assert source.folder is not None  # noqa: S101 - discovery fills it in for every project in a folder
    with whole_folder(name, workspace.settings) as staged:
        shutil.copytree(source.folder, staged, ignore=LEFT_BEHIND, dirs_exist_ok=True)
        for path in sorted((staged / "conf" / "data").glob("*.yaml")):
            if REMOTE.search(path.read_text(encoding="utf-8")):
                path.unlink()
        _rename(staged / "project.py", name)
        (staged / "test_project.py").write_text(TEST, encoding="utf-8")
        text = README.format(name=name, summary=source.summary, like=source.name)
        (staged / "README.md").write_text(text, encoding="utf-8")
    return target_of(name, workspace.settings)


def target_of(name: str, settings: Settings) -> Path:
    """The folder of a new project; raises OmloopError for an invalid or taken name."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise OmloopError(
            f"'{name}' cannot be a project's name: use small letters, digits and _, and begin with a letter."
        )
    return Path(settings.projects) / name


@contextmanager
def whole_folder(name: str, settings: Settings) -> Iterator[Path]:
    """An empty folder to fill; it becomes the new project's if the block succeeds, and vanishes otherwise.

    Raises OmloopError for a name that cannot be one, or that is taken.
    """
    target = target_of(name, settings)
    if target.exists():
        raise OmloopError(f"{target} exists already. Choose another name, or remove it first.")
    staged = target.with_name(f".{name}.new")
    with as_store_error("write", target):
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        try:
            yield staged
            staged.rename(target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def _source(workspace: Workspace, like: str, kind: str) -> Project:
    places = {name: name for name in project_names(workspace.settings)}
    places |= {name: str(folder) for name, folder in examples().items() if name not in places}
    if like:
        return find_project(places.get(like, like), workspace.settings)
    found = [find_project(place, workspace.settings) for place in places.values()]
    kinds = {str(project.inputs.describe()["kind"]): project for project in reversed(found) if project.folder}
    if kind not in kinds:
        raise UnknownNameError("input kind of a project here", kind, kinds)
    return kinds[kind]


def _rename(path: Path, name: str) -> None:
    """Give `name` to the one `Project(name=...)` in the file, and leave every other word."""
    text = path.read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    given = [
        word.value
        for call in calls
        if isinstance(call.func, ast.Name | ast.Attribute) and ast.unparse(call.func).split(".")[-1] == "Project"
        for word in call.keywords
        if word.arg == "name"
    ]
    if len(given) != 1 or given[0].lineno != given[0].end_lineno:
        raise OmloopError(f"{path.name} of that project has no one Project(name='...'), which could be renamed.")
    value = given[0]
    lines = text.splitlines(keepends=True)
    line = lines[value.lineno - 1].encode()
    lines[value.lineno - 1] = (line[: value.col_offset] + f'"{name}"'.encode() + line[value.end_col_offset :]).decode()
    path.write_text("".join(lines), encoding="utf-8")
