"""What a project's memories hold, gathered for its report."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.alert import read_state, ringing
from omloop.bundle import CARD
from omloop.core import OmloopError, some, without_secrets
from omloop.loop.project.discover import find_project
from omloop.loop.project.scoring import CONFIG, metrics_by
from omloop.loop.records.drift_state import drift_of
from omloop.loop.records.last_look import newest_look
from omloop.loop.records.pages import kept_pages
from omloop.loop.runs.runs import runs_of, short_name
from omloop.loop.watch.alerting import alerts_home
from omloop.report.project import ChampionFacts, Decision, HubCard, LoadFacts, Place, ProjectReport, RunFacts
from omloop.report.project.markdown import MOST_RUNS

if TYPE_CHECKING:
    from omloop.bundle import Manifest, Variant
    from omloop.core import Estimate, Event
    from omloop.loop.workspace import Workspace
    from omloop.track import RunRecord

DECISIONS = ("decide", "promote", "rollback")
INCIDENTS = ("alarm", "quiet", "retrain", "retrained", "dropped", "settled")
MOST_EVENTS, MOST_LOADS, MOST_PLOTS, MOST_WORDS = 40, 5, 4, 8
DAY_S = 86_400.0


@dataclass(frozen=True)
class Memories:
    """A project's memories, each read once. `version` is the champion, and `manifest` its own."""

    project: str
    workspace: Workspace
    history: Sequence[Event]
    runs: Sequence[RunRecord]
    version: str | None
    manifest: Manifest | None

    @classmethod
    def of(cls, name: str, workspace: Workspace) -> Memories:
        """Those of the project called `name`."""
        history = workspace.registry(name).history()
        version = history[-1].champion if history else None
        manifest = None if version is None else workspace.registry(name).manifest(version)
        return cls(name, workspace, history, runs_of(name, workspace), version, manifest)

    def report(self, pictures: Mapping[str, str]) -> ProjectReport:
        """All of it; `pictures` lie beside the report, by what they show."""
        look = newest_look(self.project, self.workspace) if self.version else None
        manifest = self.manifest
        return ProjectReport(
            project=self.project,
            summary=self._summary(),
            made=moment_text(self.workspace.clock()),
            omloop=importlib.metadata.version("omloop"),
            target="" if manifest is None else str(manifest.outputs.get("name", "")),
            places=self._places(),
            caution="" if manifest is None else manifest.caution,
            data={} if manifest is None else _data(manifest),
            columns=() if manifest is None else [_column(one) for one in _columns(manifest)],
            champion=self._champion(),
            runs=[_run(one) for one in self.runs[:MOST_RUNS]],
            run_count=len(self.runs),
            decisions=self._events(DECISIONS),
            incidents=self._events(INCIDENTS),
            loads=self._loads(),
            traffic=self._traffic(),
            drift=str(drift_of(look, self.version or "")["text"]),
            looked="" if look is None else str(look.get("time", "")),
            ringing=self._ringing(),
            costs=self._costs(),
            pictures=pictures,
        )

    def plots(self) -> Mapping[str, bytes]:
        """The first plots of the champion's run, by their names; none where the run is not here."""
        if self.manifest is None:
            return {}
        tracker, run = self.workspace.tracker(), self.manifest.lineage.run
        if all(one.name != run for one in self.runs):
            return {}
        names = [name for name in sorted(tracker.files(self.project, run)) if name.endswith(".png")]
        chosen = [name for name in names if name != "plots/system.png"][:MOST_PLOTS]
        return {name.rpartition("/")[2]: tracker.read(self.project, run, name) for name in chosen}

    def hub_card(self) -> HubCard | None:
        """The champion's card with its metadata; None without a champion."""
        if self.manifest is None or self.version is None:
            return None
        card = self.workspace.registry(self.project).file(self.version, CARD) or b""
        kinds = str(self.manifest.inputs.get("kind")), str(self.manifest.outputs.get("kind"))
        source = self.manifest.lineage.data_source
        return HubCard(self.project, self.version, kinds, source, self._scores(self.manifest), card.decode())

    def _summary(self) -> str:
        """What the project says of itself; nothing where its folder is not here."""
        try:
            return find_project(self.project, self.workspace.settings).summary
        except OmloopError:
            return ""

    def _places(self) -> Sequence[Place]:
        settings = self.workspace.settings
        folders = {"files": settings.workspace}
        told = {
            "runs": ("configuration, metrics, plots, environment", settings.track),
            "versions": ("packaged models, their history, the champion", settings.store),
            "predictions": ("what was asked and answered, and what turned out to be true", settings.predictions),
        }
        return [
            Place(memory, holds, without_secrets(folders.get(where, where))) for memory, (holds, where) in told.items()
        ]

    def _champion(self) -> ChampionFacts | None:
        if self.manifest is None or self.version is None:
            return None
        promoted = next(one for one in reversed(self.history) if one.kind in ("promote", "rollback"))
        variants = self.manifest.variants if len(self.manifest.variants) > 1 else {}
        return ChampionFacts(
            version=self.version,
            model=self.manifest.lineage.model,
            scores=self._scores(self.manifest),
            reason=promoted.reason,
            by=promoted.by,
            since=moment_text(promoted.time),
            lineage=_lineage(self.manifest),
            variants=[_variant(name, one, self.manifest.served) for name, one in variants.items()],
        )

    def _scores(self, manifest: Manifest) -> Mapping[str, Estimate]:
        """The champion's scores on the test part, the main metric first."""
        config = self.workspace.registry(self.project).file(str(self.version), CONFIG) or b"{}"
        names = [one.name for one in metrics_by(manifest, config, self.workspace.settings)]
        tested = manifest.tested
        return {name: tested[name] for name in [*(n for n in names if n in tested), *sorted({*tested} - {*names})]}

    def _events(self, kinds: Sequence[str]) -> Sequence[Decision]:
        """The newest events of some kinds, the newest first."""
        chosen = [event for event in reversed(self.history) if event.kind in kinds][:MOST_EVENTS]
        return [Decision(moment_text(one.time), one.kind, one.version, one.by, one.reason) for one in chosen]

    def _loads(self) -> Sequence[LoadFacts]:
        pages = [page for page in kept_pages(self.project, self.workspace) if page.kind == "load" and page.record]
        newest = sorted(pages, key=lambda page: -page.made)[:MOST_LOADS]
        return [
            LoadFacts(moment_text(one.made), str(one.record["version"]), one.title, _load_result(one.record))
            for one in newest
        ]

    def _traffic(self) -> Mapping[str, int]:
        """How many predictions there are; nothing is opened, and no log made, where no version ever served."""
        if self.version is None:
            return {}
        log = self.workspace.predictions(self.project)
        try:
            return {"total": log.count(), "day": log.count(since=self.workspace.clock() - DAY_S)}
        finally:
            log.close()

    def _ringing(self) -> Sequence[str]:
        with alerts_home(self.project, self.workspace) as home:
            state = read_state(home, self.project)
        return [f"{rule}: {state.standings[rule].detail or 'it rings'}" for rule in ringing(state)]

    def _costs(self) -> Mapping[str, str]:
        taken = [one.seconds for one in self.runs if one.seconds is not None]
        if not taken:
            return {}
        count = f"{len(taken):,} runs" if len(taken) > 1 else "one run"
        return {
            "training": f"{sum(taken):,.0f} s in {count}, the longest {max(taken):,.0f} s",
            **self._cloud_costs(),
        }

    def _cloud_costs(self) -> Mapping[str, str]:
        """What a delivery to Google Cloud costs, where its files lie in the working folder."""
        from omloop.loop.deploy.google import cloud_cost

        try:
            cost = cloud_cost(self.project, self.workspace, Path())
        except OmloopError:
            return {}
        told = "" if cost is None else f"{cost.least:,.2f} to {cost.most:,.2f} USD a month, by the table of prices"
        return {"Google Cloud": told} if told else {}


def moment_text(seconds: float) -> str:
    """A moment, in seconds since 1970, as people read it; UTC.

    >>> moment_text(0.0)
    '1970-01-01 00:00'
    """
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


def _run(one: RunRecord) -> RunFacts:
    score = one.metrics.get(one.metric)
    return RunFacts(
        name=short_name(one.name),
        began="" if one.started is None else moment_text(one.started),
        kind=one.kind,
        status=one.status,
        model=one.model,
        score="" if score is None else f"{one.metric} {score}",
        seconds=one.seconds,
        version=one.version,
    )


def _data(manifest: Manifest) -> Mapping[str, str]:
    made = manifest.lineage
    live = {"of these from service": f"{made.live_rows:,} labelled predictions"} if made.live_rows else {}
    found = {"source": made.data_source, "records": f"{made.data_rows:,}", **live, "fingerprint": made.data_fingerprint}
    return {name: without_secrets(value) for name, value in found.items()}


def _columns(manifest: Manifest) -> Sequence[Mapping[str, Any]]:
    """The columns of a table; a picture or a text is one."""
    columns: Any = manifest.inputs.get("columns")
    return columns if isinstance(columns, list) else [manifest.inputs]


def _column(one: Mapping[str, Any]) -> Sequence[str]:
    name, kind = str(one.get("name", one.get("kind", ""))), str(one.get("type", one.get("kind", "")))
    words = one.get("categories")
    if isinstance(words, list):
        return name, kind, some([str(word) for word in words], most=MOST_WORDS)
    sizes = [f"{key} {one[key]}" for key in ("low", "high", "width", "height", "channels") if one.get(key) is not None]
    return name, kind, ", ".join(sizes)


def _lineage(manifest: Manifest) -> Mapping[str, str]:
    made = manifest.lineage
    commit = "" if made.git_commit is None else made.git_commit + (" and uncommitted changes" if made.git_dirty else "")
    told = {
        "run": made.run,
        "made": made.created,
        "commit": commit,
        "seed": str(made.seed),
        "parent": made.parent or "",
        "configuration": f"SHA-256 {made.config_sha256}",
        "packages": f"{len(made.packages)}, listed in the bundle's manifest",
    }
    return {name: value for name, value in told.items() if value}


def _variant(name: str, one: Variant, served: str) -> Sequence[str]:
    cost = one.cost
    times = ("", "") if cost is None else (f"{cost.p50_ms:.3g}", f"{cost.faster:.2f} times")
    scores = ", ".join(f"{metric} {score}" for metric, score in one.metrics.items())
    return name, "yes" if name == served else "", *times, scores


def _load_result(record: Mapping[str, Any]) -> str:
    if "capacity" in record:
        best = record["capacity"]
        return "the first rate did not hold" if best is None else f"{best:.0f} requests a second held"
    broken = ", ".join(record["broken"]) or "held"
    latency = record["latency_ms"]
    return f"{broken}: {record['answered']:,} answered, p50 {latency['p50']:.3g} ms, p99 {latency['p99']:.3g} ms"
