"""Files of settings that Hydra looks for in vain, looked up as Hydra does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath

from omloop.audit.evidence import Spot
from omloop.audit.python_facts import Call, PythonFacts
from omloop.audit.repository import Repository
from omloop.audit.tree import Node

_PLAIN = re.compile(r"[\w./-]+")


def absent_files(repository: Repository) -> Iterator[tuple[str, Spot]]:
    """Files that are not there, each with the place that names it; none where code registers settings too."""
    if any(repository.calls("hydra.core.config_store.ConfigStore.instance")):
        return
    for root, path, spot in roots(repository):
        if path in repository.paths:
            yield from _absent_defaults(repository, root, path)
        else:
            yield path, spot


def roots(repository: Repository) -> Iterator[tuple[str, str, Spot]]:
    """Folders from which Hydra composes, each with the file that it begins with and the place that names them."""
    for facts in repository.code:
        for folder, name, line in _named(facts):
            root = normpath(f"{PurePosixPath(facts.path).parent}/{folder}")  # seen from the file of the function
            if not root.startswith(("/", "..")):
                yield root, normpath(f"{root}/{name.removesuffix('.yaml')}.yaml"), Spot(facts.path, line)


def _named(facts: PythonFacts) -> Iterator[tuple[str, str, int]]:
    """Folders and names of configurations that a file gives as texts, with their lines."""
    begun = [_text(one, 0, "config_path") for one in facts.calls if one.name == "hydra.initialize"]
    for call in facts.calls:
        if call.name == "hydra.main":
            folder, name = _text(call, 0, "config_path"), _text(call, 1, "config_name")
        elif call.name == "hydra.compose":
            folder, name = (begun[0] if len(begun) == 1 else ""), _text(call, 0, "config_name")
        else:
            continue
        if not folder.startswith("/") and all(map(_PLAIN.fullmatch, (folder, name))):
            yield folder, name, call.line


def _text(call: Call, at: int, name: str) -> str:
    """An argument that is a text; empty for a variable, whose value no file says."""
    given = call.keywords.get(name, "".join(call.arguments[at : at + 1]))
    return given if given in call.texts else ""


def _absent_defaults(repository: Repository, root: str, path: str) -> Iterator[tuple[str, Spot]]:
    """The entries of a list of defaults that name no file, unless Hydra looks in further folders."""
    tree = next(iter(repository.yaml.get(path, ())), None)
    listed = tree.get("defaults") if tree else None
    if tree is None or listed is None or tree.get("hydra", "searchpath"):
        return
    for told, line in (pair for entry in listed.items for pair in _entries(entry)):
        wanted = normpath(f"{root}/{told.removesuffix('.yaml')}.yaml")
        if wanted not in repository.paths:
            yield wanted, Spot(path, line)


def _entries(entry: Node) -> Iterator[tuple[str, int]]:
    """`- model: mlp`, `- model@net: [mlp, cnn]` and `- model/mlp`, without what may be absent or is Hydra's own."""
    for group, value in (entry.pairs or {"": entry}).items():
        for one in value.items:
            told = "/".join(part.partition("@")[0].strip("/") for part in (group, one.text)).strip("/")
            known = one.text in ("", "_self_", "null", "Null", "NULL") or told.startswith("hydra/")
            if not known and _PLAIN.fullmatch(told):
                yield told, one.line
