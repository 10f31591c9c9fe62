"""Versions: a list of all, and everything about one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import orjson

from omloop.bundle import CARD
from omloop.bundle.confidence import CONFIDENCE
from omloop.core import command_line
from omloop.loop.project.scoring import CONFIG
from omloop.loop.steer.facts import estimates_json, lineage_json, version_facts, version_text
from omloop.loop.steer.history import event_json
from omloop.loop.steer.paging import Page
from omloop.loop.steer.slices import slices_of
from omloop.register.versions import addition_events, find

if TYPE_CHECKING:
    from omloop.bundle import Manifest, Variant
    from omloop.core import Event
    from omloop.loop.steer.facts import VersionFacts
    from omloop.loop.steer.request import SteerRequest


@dataclass(frozen=True)
class Standing:
    """How versions stand after the `events`: who is in charge, and what the gate said of each."""

    events: Sequence[Event]

    @cached_property
    def champion(self) -> str | None:
        """The version in charge."""
        return self.events[-1].champion if self.events else None

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """All versions, the newest first."""
        return tuple(reversed([*addition_events(self.events)]))

    @cached_property
    def _decisions(self) -> dict[str, Event]:
        """The latest decision on each version: that against the present champion, else any."""
        found: dict[str, Event] = {}
        for event in (one for one in self.events if one.kind == "decide"):
            before = found.get(event.version)
            if before is None or self._counts(event) or not self._counts(before):
                found[event.version] = event
        return found

    def decision(self, version: str) -> dict[str, object] | None:
        """What the gate said last of a version, and against which champion."""
        event = self._decisions.get(version)
        if event is None:
            return None
        found = {"verdict": event.evidence.get("verdict"), "reason": event.reason, "time": event.time}
        return {**found, "against": event.evidence.get("against"), "counts": self._counts(event)}

    def promotable(self, version: str) -> bool:
        """Whether a plain promotion of a version works: the gate found it better than the present champion."""
        event = self._decisions.get(version)
        better = event is not None and self._counts(event) and event.evidence.get("verdict") == "better"
        return better and version != self.champion

    def _counts(self, event: Event) -> bool:
        return event.evidence.get("against") == self.champion


def list_versions(request: SteerRequest) -> dict[str, object]:
    """The versions of a page, the newest first; `q` finds them by version, model, run, parent or data."""
    page, wanted = Page.of(request), request.query.get("q", "").strip().lower()
    standing = Standing(request.workspace.registry(request.project).history())
    chosen = standing.versions
    if wanted:
        chosen = tuple(
            version for version in chosen if wanted in _words(version_facts(request, request.project, version))
        )
    facts = [version_facts(request, request.project, version) for version in page.part(chosen)]
    return {
        **page.told(len(chosen)),
        "champion": standing.champion,
        "metrics": list(dict.fromkeys(name for one in facts for name in [*one.lower_is_better, *one.tested])),
        "lower_is_better": sorted({name for one in facts for name, lower in one.lower_is_better.items() if lower}),
        "versions": [_row(one, standing) for one in facts],
    }


def _words(facts: VersionFacts) -> str:
    made = facts.manifest.lineage
    return " ".join([facts.version, made.model, made.run, made.parent or "", made.data_source, made.created]).lower()


def _row(facts: VersionFacts, standing: Standing) -> dict[str, object]:
    made = facts.manifest.lineage
    return {
        "version": facts.version,
        "model": made.model,
        "made": made.created,
        "parent": made.parent,
        "run": made.run,
        "data": made.data_source,
        "champion": facts.version == standing.champion,
        "promotable": standing.promotable(facts.version),
        "decision": standing.decision(facts.version),
        "metrics": estimates_json(facts.tested),
        "variant": facts.manifest.served,
    }


def get_version(request: SteerRequest) -> dict[str, object]:
    """What a version is, how good, where from, what became of it, and the commands that put it in charge."""
    events = request.workspace.registry(request.project).history()
    version = find(events, request.path["version"], request.project).version
    facts, standing = version_facts(request, request.project, version), Standing(events)
    return {
        **_row(facts, standing),
        "lineage": lineage_json(facts.manifest),
        "packages": facts.manifest.lineage.packages,
        "variants": [_variant(facts.manifest, name, one) for name, one in facts.manifest.variants.items()],
        "lower_is_better": sorted(name for name, lower in facts.lower_is_better.items() if lower),
        "inputs": facts.manifest.inputs,
        "outputs": facts.manifest.outputs,
        "warning": facts.manifest.caution,
        "slices": slices_of(request, facts),
        "confidence": _confidence(request, version),
        "card": version_text(request, version, CARD),
        "config": version_text(request, version, CONFIG),
        "files": dict(facts.manifest.files),
        "events": [event_json(event) for event in reversed(events) if event.version == version],
        "commands": _commands(request.project, version, standing),
    }


def _confidence(request: SteerRequest, version: str) -> object:
    """How sure a version may be, as it says itself; None of one that an older omloop made."""
    found = version_text(request, version, CONFIDENCE)
    return orjson.loads(found) if found else None


def _variant(manifest: Manifest, name: str, one: Variant) -> dict[str, object]:
    """A variant: whether it serves, its measured cost, if any, and how close it is to the original."""
    cost: Mapping[str, object] = {} if one.cost is None else asdict(one.cost)
    return {
        "name": name,
        "served": name == manifest.served,
        "engine": one.engine,
        "precision": one.precision,
        "bytes": cost.get("size"),
        "cost": dict(cost) or None,
        "drop": None if one.drop is None else estimates_json({"drop": one.drop})["drop"],
        "parity": {**asdict(one.parity), "verified": one.parity.verified},
        "metrics": estimates_json(one.metrics),
    }


def _commands(project: str, version: str, standing: Standing) -> dict[str, str]:
    """The actions on a version, as command lines."""
    reason = None if standing.promotable(version) else "WHY"
    force = [] if standing.promotable(version) else ["--force"]
    promote = command_line("omloop", "promote", project, version, *force, reason=reason)
    found = {} if version == standing.champion else {"promote": promote}
    if version != standing.champion and any(event.champion == version for event in standing.events):
        found["rollback"] = command_line("omloop", "rollback", project, to=version, reason="WHY")
    return {**found, "evaluate": command_line("omloop", "evaluate", project, version=version)}
