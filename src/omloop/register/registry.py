"""The registry: versions of one project, their history, and the champion among them."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from omloop.bundle import Bundle, Manifest
from omloop.core import Blobs, BundleError, Decision, Event, EventKind, PromotionError
from omloop.register.bundles import Bundles
from omloop.register.history import History
from omloop.register.line import champion_of, earlier, previous, require_champion
from omloop.register.versions import added, digest_of, find


def projects(blobs: Blobs) -> tuple[str, ...]:
    """Names of the projects that have a history in `blobs`, sorted."""
    return tuple(name for name in blobs.list("") if blobs.list(f"{name}/history"))


class Registry:
    """The versions of `project` in `blobs`. Any number of processes may write at once.

    A version is the first 12 hexadecimal digits of a bundle's digest. Wherever one is asked for, any 4 or more digits
    that only one version begins with will do; UnknownNameError says so otherwise. `clock` gives seconds since 1970.
    """

    def __init__(self, blobs: Blobs, project: str, *, clock: Callable[[], float] = time.time) -> None:
        self._project = project
        self._clock = clock
        self._bundles = Bundles(blobs, f"{project}/bundles")
        self._history = History(blobs, f"{project}/history")

    def add(self, bundle: Bundle, *, by: str) -> str:
        """Keep `bundle` and return its version; once added, adding it again changes nothing.

        The manifest is written last, so what a killed process left is completed by the next `add`. Raises BundleError
        for a bundle that could not be loaded again or is another project's, ExportError for one that was not verified
        against its original, and StoreError when the store holds other content where a file belongs.
        """
        if bundle.manifest.project != self._project:
            given = bundle.manifest.project
            raise BundleError(f"The bundle is of the project '{given}', not of '{self._project}'. Add it to its own.")
        version, digest = bundle.version, self._bundles.put(bundle)

        def draft(events: tuple[Event, ...]) -> Event:
            there = added(events).get(version)
            return there or self._next(events, "add", version, by=by, evidence={"digest": digest})

        return self._history.append(draft).version

    def load(self, version: str) -> Bundle:
        """Read and verify a version; raises BundleError when a file is missing, cut or changed."""
        return self._read(find(self.history(), version, self._project))

    def manifest(self, version: str) -> Manifest:
        """The manifest of a version, verified, without the files that it names."""
        event = find(self.history(), version, self._project)
        with self._naming(event):
            return self._bundles.manifest(digest_of(event))

    def decide(self, version: str, decision: Decision, *, against: str | None, by: str) -> Event:
        """Record what the gate said of `version` when it was compared with the champion `against`, or with none."""

        def draft(events: tuple[Event, ...]) -> Event:
            evidence = {
                "verdict": decision.verdict,
                "against": self._version(events, against),
                "numbers": dict(decision.evidence),
            }
            subject = find(events, version, self._project).version
            return self._next(events, "decide", subject, by=by, reason=decision.reason, evidence=evidence)

        return self._history.append(draft)

    def decision(self, version: str) -> Decision | None:
        """The latest recorded decision on `version` against the present champion, or None if there is none."""
        events = self.history()
        subject, present = find(events, version, self._project).version, champion_of(events)
        for event in reversed(events):
            if event.kind == "decide" and event.version == subject and event.evidence["against"] == present:
                return _decision(event)
        return None

    def promote(
        self, version: str, *, expected: str | None, by: str, reason: str, evidence: Mapping[str, Any] | None = None
    ) -> Event:
        """Make `version` the champion in place of `expected`, the champion that it was compared with (None for none).

        Raises ConflictError when the champion is another by now, PromotionError when `version` is champion already, and
        BundleError when its files are not whole.
        """
        self.load(version)

        def draft(events: tuple[Event, ...]) -> Event:
            require_champion(events, self._version(events, expected), self._project)
            new = find(events, version, self._project).version
            if new == champion_of(events):
                raise PromotionError(f"{new} is already the champion of {self._project}: there is nothing to promote.")
            return self._next(events, "promote", new, champion=new, by=by, reason=reason, evidence=evidence)

        return self._history.append(draft)

    def rollback(self, *, by: str, reason: str, to: str | None = None) -> Event:
        """Go back to the champion before the present one, and further back when called again; or to the champion `to`.

        Raises PromotionError when there is nothing to go back to, ConflictError when somebody else changes the champion
        meanwhile, and BundleError when the files of the earlier champion are not whole.
        """
        seen = self.history()
        back = self._target(seen, to)
        self._read(find(seen, back, self._project))

        def draft(events: tuple[Event, ...]) -> Event:
            require_champion(events, champion_of(seen), self._project)
            return self._next(events, "rollback", back, champion=back, by=by, reason=reason)

        return self._history.append(draft)

    def champion(self) -> str | None:
        """The version in charge, or None before the first promotion."""
        last = self._history.last()
        return last.champion if last else None

    def at(self, time: float) -> str | None:
        """The version that was in charge at `time` (seconds since 1970), or None."""
        event = self._history.before(time)
        return event.champion if event else None

    def history(self) -> tuple[Event, ...]:
        """Everything that happened, oldest first."""
        return self._history.events()

    def versions(self) -> tuple[str, ...]:
        """Every version, in order of addition."""
        return tuple(added(self.history()))

    def _next(
        self,
        events: tuple[Event, ...],
        kind: EventKind,
        version: str,
        *,
        by: str,
        champion: str | None = None,
        reason: str = "",
        evidence: Mapping[str, Any] | None = None,
    ) -> Event:
        """The event after `events`; without a new `champion` the present one stays."""
        now = max(self._clock(), events[-1].time if events else 0.0)
        charge = champion or champion_of(events)
        return Event(len(events) + 1, now, kind, version, charge, by, reason, dict(evidence or {}))

    def _target(self, events: tuple[Event, ...], to: str | None) -> str:
        if to is None:
            return previous(events, self._project)
        return earlier(events, find(events, to, self._project).version, self._project)

    def _version(self, events: tuple[Event, ...], given: str | None) -> str | None:
        return None if given is None else find(events, given, self._project).version

    def _read(self, event: Event) -> Bundle:
        with self._naming(event):
            return self._bundles.load(digest_of(event))

    @contextlib.contextmanager
    def _naming(self, event: Event) -> Iterator[None]:
        """Say in a BundleError which version it is about."""
        try:
            yield
        except BundleError as error:
            raise BundleError(f"Version {event.version} of {self._project}: {error}") from error


def _decision(event: Event) -> Decision:
    """The decision that `event` recorded; a number that JSON cannot hold comes back as NaN."""
    numbers = {name: float("nan") if value is None else value for name, value in event.evidence["numbers"].items()}
    return Decision(event.evidence["verdict"], event.reason, numbers)
