"""A new project from one that works: its folder, under another name."""

from __future__ import annotations

import keyword
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import OmloopError, Project, UnknownNameError, as_store_error
from omloop.loop.project.discover import find_project, project_names

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "README.md")
TEXTS = {".py", ".yaml", ".md", ".toml"}
README = """# {name}

{summary}

Made from `{like}`. Its default source is simulated, so it runs at once:

```console
$ omloop turn {name}
```

Next: say in `project.py` what goes in and comes out, in `simulate.py` what records look like, in `models.py` what is
trained; then point it to your data with `data=file data.path=...`.
"""


def new_project(name: str, workspace: Workspace, *, like: str = "", kind: str = "") -> Path:
    """Copy the project `like`, or the first with inputs of `kind`, to a new folder called `name`; return the folder.

    Nothing outside that folder is touched. Raises OmloopError for a name that cannot be one, or that is taken.
    """
    _require_name(name)
    target = Path(workspace.settings.projects) / name
    if target.exists():
        raise OmloopError(f"{target} exists already. Choose another name, or remove it first.")
    source = _source(workspace, like, kind)
    assert source.folder is not None  # noqa: S101 - discovery fills it in for every project in a folder
    with as_store_error("write", target):
        staged = target.with_name(f".{name}.new")
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(source.folder, staged, ignore=LEFT_BEHIND)
        for path in staged.rglob("*"):
            if path.suffix in TEXTS:
                _rename(path, source.name, name)
        text = README.format(name=name, summary=source.summary, like=source.name)
        (staged / "README.md").write_text(text, encoding="utf-8")
        staged.rename(target)
    return target


def _require_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise OmloopError(
            f"'{name}' cannot be a project's name: use small letters, digits and _, and begin with a letter."
        )


def _source(workspace: Workspace, like: str, kind: str) -> Project:
    if like:
        return find_project(like, workspace.settings)
    found = [find_project(name, workspace.settings) for name in project_names(workspace.settings)]
    kinds = {str(project.inputs.describe()["kind"]): project for project in reversed(found) if project.folder}
    if kind not in kinds:
        raise UnknownNameError("input kind of a project here", kind, kinds)
    return kinds[kind]


def _rename(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf"\b{re.escape(old)}\b", new, text), encoding="utf-8")
