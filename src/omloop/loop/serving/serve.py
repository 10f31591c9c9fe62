"""Serving a project's champion: the registry, the prediction log and the HTTP server, put together."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core import SettingError, cpu_quota, shown
from omloop.loop.project.discover import project_name
from omloop.loop.records.last_look import newest_look
from omloop.loop.serving.explainer import explainer
from omloop.loop.serving.guarding import guard_of
from omloop.loop.serving.server_notes import noted
from omloop.loop.serving.tidying import kept_tidy
from omloop.monitor import new_id
from omloop.monitor.log.settings import LogSettings
from omloop.serve import Champion, LastLook, Limits, ServerOptions, create_app, serve
from omloop.serve.compat.ways import way_names
from omloop.serve.http.cors import origins
from omloop.serve.http.repeats import Repeats
from omloop.serve.process.listen import drain_of
from omloop.serve.process.shared_metrics import SharedMetrics
from omloop.serve.process.worker import serve_part
from omloop.serve.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from omloop.core import Predictions, Settings
    from omloop.loop.workspace import Workspace
    from omloop.serve.process.worker_part import WorkerPart
    from omloop.serve.traces import Traces

WAITING = 4
"""Threads beyond the cores where each waits for the disk."""


def serve_project(name: str, workspace: Workspace, *, ready: Callable[[str], None]) -> None:
    """Serve the champion of the project called `name` until a signal ends it; `ready` gets the address.

    A server may start before the first version exists: it answers 503 until there is one. omloop refuses only a name
    that has neither versions nor a project. While the server runs, the workspace notes its address.
    """
    name = project_name(name, workspace)
    settings = workspace.settings.of(ServeSettings)
    with _log_of(name, workspace) as predictions, noted(name, workspace.root, ready) as answers:
        champion = _champion(name, workspace, settings.threads)
        app = create_app(champion, predictions, new_id=new_id, options=_options(name, workspace, cpu_quota()))
        drain_s = drain_of(settings.drain_s, settings.host)
        serve(app, host=settings.host, port=settings.port, ready=answers, drain_s=drain_s)


def serve_project_part(name: str, workspace: Workspace, part: WorkerPart) -> None:
    """Serve as one of several workers of a server, with its share of the CPU; see `serve_project`."""
    name = project_name(name, workspace)
    cores, settings = max(1, cpu_quota() // part.count), workspace.settings.of(ServeSettings)
    with _log_of(name, workspace) as predictions:
        champion = _champion(name, workspace, settings.threads or cores)
        metrics, options = SharedMetrics(part), _options(name, workspace, cores, workers=part.count)
        repeats = Repeats(Path(part.folder, "answers.sqlite"))
        app = create_app(champion, predictions, new_id=new_id, options=options, metrics=metrics, repeats=repeats)
        serve_part(app, metrics, part, drain_s=drain_of(settings.drain_s, settings.host))


def _champion(name: str, workspace: Workspace, threads: int) -> Champion:
    """The champion in the variant that the settings name; raises UnknownNameError when the one of now has none such."""
    registry, variant = workspace.registry(name), workspace.settings.of(ServeSettings).variant
    if variant and (version := registry.champion()):
        registry.load(version).variant(variant)  # told at once, not in the log of a server
    keep = workspace.settings.of(LogSettings).whole_inputs()
    return Champion(registry, threads=threads, keep=keep, variant=variant)


@contextlib.contextmanager
def _log_of(name: str, workspace: Workspace) -> Iterator[Predictions]:
    """The project's prediction log, tidied for as long as the context lasts."""
    with contextlib.closing(workspace.predictions(name)) as predictions, kept_tidy(predictions, workspace.root):
        yield predictions


def _options(name: str, workspace: Workspace, cores: int, *, workers: int = 1) -> ServerOptions:
    settings, of_server = workspace.settings, workspace.settings.of(ServeSettings)
    return ServerOptions(
        limits=_limits(settings, cores, workers=workers),
        strict=settings.of(LogSettings).policy == "strict",
        compat=way_names(of_server.compat),
        cors=origins(of_server.cors),
        look=LastLook(lambda: newest_look(name, workspace), _page),
        guard=guard_of(settings, workspace.root),
        traces=_traces(of_server.traces, name),
        explain=explainer(name, workspace),
    )


def _page(told: Mapping[str, Any]) -> str:
    from omloop.report import drift_page  # the pages are imported when the first is asked for

    return drift_page(told)


def _traces(url: str, name: str) -> Traces | None:
    """What makes spans of requests; raises SettingError for no address, and MissingExtraError."""
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise SettingError.wrong_value(None, "traces", shown(url), "an address such as http://localhost:4318")
    from omloop.serve.traces import Traces  # the extra `otel`

    return Traces(url, name)


def _limits(settings: Settings, cores: int, *, workers: int) -> Limits:
    """Where a record waits for the disk nothing runs on the event loop, and a few threads more wait at once.

    Each of several workers has its share of the memory.
    """
    of_server = settings.of(ServeSettings)
    memory = of_server.memory_megabytes * 1_000_000 or Limits().memory_bytes
    limits = Limits(workers=cores, batch=of_server.batch, memory_bytes=memory // workers)
    if settings.of(LogSettings).durability == "disk":
        return replace(limits, workers=cores + WAITING, inline_s=0.0)
    return limits
