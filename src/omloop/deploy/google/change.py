"""Applies a plan: one resource after another, with a report on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omloop.core import OmloopError
from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.kinds import KINDS
from omloop.deploy.google.plan import Change, references, resolve, same_image
from omloop.deploy.google.refusals import CloudError

SETTLE_S = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds between tries at a resource that needs a very new one."""


@dataclass(frozen=True)
class Done:
    """The action on a resource, or why there was none."""

    change: Change
    left: str = ""


def apply_changes(changes: Sequence[Change], cloud: GoogleCloud, tell: Callable[[str], None]) -> tuple[Done, ...]:
    """Apply it in order, and report each change before it begins.

    Raises OmloopError at the first refusal, with the number of changes made by then. The same command goes on
    from there.
    """
    known = references([one.resource for one in changes], cloud)
    done: list[Done] = []
    for change in changes:
        if change.action in ("same", "keep"):
            continue
        tell(f"{change.action:<8} {change.resource}")
        try:
            done.append(Done(change, _patiently(change, cloud, known, begun=bool(done))))
        except OmloopError as error:
            raise _stopped(error, change, done) from error
    return tuple(done)


def _patiently(change: Change, cloud: GoogleCloud, known: dict[str, str], *, begun: bool) -> str:
    """Carry out a change; try again while a service does not know yet of an earlier one."""
    for pause in SETTLE_S if begun else ():
        try:
            return _carry_out(change, cloud, known)
        except CloudError as error:
            if not error.may_settle:
                raise
            cloud.sleep(pause)
    return _carry_out(change, cloud, known)


def _carry_out(change: Change, cloud: GoogleCloud, known: dict[str, str]) -> str:
    one, kind = change.resource, KINDS[change.resource.kind]
    if change.action == "remove":
        return kind.remove(cloud, one.name, change.live or {})
    resolved = replace(one, body=resolve(one.body, known))
    made = _made(change, resolved, cloud)
    if "name" in made:
        known[f"${{{one.kind}:{one.name}}}"] = str(made["name"])
    return ""


def _made(change: Change, resolved: Any, cloud: GoogleCloud) -> Any:
    kind = KINDS[resolved.kind]
    if change.action == "create":
        return kind.create(cloud, resolved)
    live = change.live or {}
    fields = sorted({path.partition(".")[0].partition("[")[0] for path in change.fields})
    kept = _with_images(resolved.body, live)
    return kind.change(cloud, replace(resolved, body=kept), live, fields)


def _with_images(body: Any, live: Any) -> Any:
    """A body whose images are those that run, where they differ in the tag alone."""
    if isinstance(body, dict) and isinstance(live, dict):
        return {key: _image_kept(key, value, live.get(key)) for key, value in body.items()}
    if isinstance(body, list) and isinstance(live, list):
        named = {one.get("name"): one for one in live if isinstance(one, dict)}
        return [_with_images(one, named.get(one.get("name")) if isinstance(one, dict) else None) for one in body]
    return body


def _image_kept(key: str, value: Any, live: Any) -> Any:
    if key == "image" and isinstance(live, str) and same_image(value, live):
        return live
    return _with_images(value, live)


def _stopped(error: OmloopError, change: Change, done: Sequence[Done]) -> OmloopError:
    stands = f" {len(done)} changes before it stand; the same command goes on from there." if done else ""
    return OmloopError(f"{error} It stopped at the {change.resource}.{stands}")
