"""Making, listing and revoking the keys of servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omloop.core import utc_text
from omloop.loop.serving.guarding import key_source
from omloop.serve.access.keys import ApiKey, NewKey, make_key, without

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class ListedKeys:
    """Keys, and the file or environment variable that they are in."""

    keys: Sequence[ApiKey]
    where: str


def new_key(workspace: Workspace, roles: Sequence[str], name: str = "") -> NewKey:
    """A new key with these roles; omloop keeps only its hash.

    If the setting `keys` names an environment variable, omloop keeps it nowhere: add `NewKey.key` to the variable.
    Raises UnknownNameError for an unknown role, and StoreError if writing the file fails.
    """
    made = make_key(roles, name, utc_text(workspace.clock())[:10])
    source = key_source(workspace.settings, workspace.root)
    if source.path is not None:
        with source.changed() as keys:
            keys.append(made.key)
    return made


def list_keys(workspace: Workspace) -> ListedKeys:
    """The keys that servers of the workspace take."""
    source = key_source(workspace.settings, workspace.root)
    return ListedKeys(source.read() or (), source.name)


def revoke_key(workspace: Workspace, key: str) -> None:
    """Revoke the key with that id, or those with that name; raises UnknownNameError if there is none."""
    with key_source(workspace.settings, workspace.root).changed() as keys:
        keys[:] = without(keys, key)
