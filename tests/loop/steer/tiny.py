"""A tiny project in a workspace, whose log holds what a test says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from omloop.bundle import Bundle, Session
from omloop.core import Label, Prediction
from omloop.loop import Workspace
from omloop.monitor import new_id
from omloop.testing.bundles import tiny_bundle

NOW = 1_800_000_030.0
ROW = {"hours": 1, "age": 20, "sex": "f"}


def with_champion(workspace: Workspace, bundle: Bundle | None = None, *, now: float = NOW) -> Workspace:
    """The workspace at a moment, in which a bundle is the champion of `tiny`."""
    registry = workspace.registry("tiny")
    version = registry.add(bundle or tiny_bundle(), by="test")
    registry.promote(version, expected=registry.champion(), by="test", reason="a test", insist=True)
    return replace(workspace, clock=lambda: now)


def logged(
    workspace: Workspace,
    times: Sequence[float],
    *,
    row: object = ROW,
    rows: Sequence[object] = (),
    labels: Mapping[int, object] | None = None,
    latency_ms: float = 1.0,
    keep: bool = True,
) -> list[str]:
    """Log the champion's answers to a row, or several, at some times, with the labels of some; gives their ids."""
    registry = workspace.registry("tiny")
    bundle = registry.load(registry.require_champion())
    session, kind = Session.of(bundle), bundle.kind.keeping(keep)
    examples = kind.parse(rows or [row] * len(times))
    answers, inputs = bundle.output.answer(session.predict(examples)), kind.record(examples)
    ids = [new_id() for _ in times]
    log, made = workspace.predictions("tiny"), zip(ids, times, inputs, answers, strict=True)
    log.record([Prediction(i, t, bundle.version, each, answer, latency_ms) for i, t, each, answer in made])
    if labels:
        log.feedback([Label(ids[place], label, times[place] + 1) for place, label in labels.items()])
    log.close()
    return ids
