"""Which source a version learned from, and whether a candidate of these records is comparable with it."""

from __future__ import annotations

import shlex
from dataclasses import fields, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from omloop.core import without_secrets
from omloop.data import Data
from omloop.loop.project.configure import overrides_in

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.loop.project.plan import Plan
    from omloop.loop.records.records import Records

MOST = 0.5
"""A source that holds this share of what the champion learned from is the same one, copied or grown."""

GIVEN = "given"
"""The source of examples that came with a model, see `Workspace.add_model`."""

HOW = {f"data.{each.name}" for each in fields(Data)}
"""The options of every source: how to take its records, not which."""


def another_source(champion: Bundle, records: Records, project: str) -> str:
    """Why records are of another source than the champion's, in words that follow its name; nothing if they are not.

    Real and simulated records never have the same source. Real ones do if their sources have the same name, or if the
    records hold most of the champion's training records. Unknown sources, in a bundle of an older omloop, pass.
    """
    old, new = champion.manifest.lineage.origin, records.origin
    if old is None or (old.real == new.real and (not new.real or _alike(champion, records))):
        return ""
    again = f"turn again on its source (omloop turn {project} {source_words(champion)}), or " if old.real else ""
    if old.kind == GIVEN:
        again = "add the model that it was made from again, beside this one under another name, or "
    step = f"{again}replace it by hand (omloop promote {project} VERSION --force --reason ...)"
    return f"learned from another source ({old}) than these records are of ({new}): not comparable; {step}"


def real_before(plan: Plan) -> str:
    """A warning if this turn takes simulated records, and the champion or the newest version learned from real ones.

    Empty without such a conflict.
    """
    registry, project = plan.registry, plan.project.name
    if plan.config.data.origin.real:
        return ""
    for version in filter(None, (registry.champion(), *registry.versions()[-1:])):
        origin = registry.manifest(version).lineage.origin
        if origin is not None and origin.real:
            words = source_words(registry.load(version))
            return (
                f"this turn takes simulated records, but {version} learned from real ones ({origin}) and is not "
                f"compared with them. To use those again: omloop turn {project} {words}"
            )
    return ""


def source_words(bundle: Bundle) -> str:
    """What to write after `omloop turn NAME` for the source of a version; kept in histories, so without secrets."""
    words = overrides_in(bundle.files["config.yaml"].decode()) if "config.yaml" in bundle.files else []
    about = [word for word in words if word.startswith(("data=", "data.")) and word.partition("=")[0] not in HOW]
    origin = bundle.manifest.lineage.origin
    return without_secrets(shlex.join(about)) or f"data={origin.kind if origin else '...'}"


def _alike(champion: Bundle, records: Records) -> bool:
    """Whether two real sources have the same name, or the new one holds most of the champion's training records."""
    lineage, keys = champion.manifest.lineage, champion.training_keys
    if lineage.source is None:  # of a file, an older omloop told the name alone
        new = records.origin
        return lineage.origin in (new, replace(new, about=PurePath(new.about).name))
    return lineage.source == records.origin or (
        keys is not None and records.identity.share_of(keys, records.columns) >= MOST
    )
