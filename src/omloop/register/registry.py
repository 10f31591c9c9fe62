"""The registry: versions of one project, their history, and the champion among them."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace

import msgspec

from omloop.bundle import Bundle, Manifest
from omloop.core import (
    Blobs,
    BundleError,
    ConflictError,
    Decision,
    Event,
    EventKind,
    Lineup,
    OmloopError,
    PartUse,
    PromotionError,
    Trial,
    TrialMode,
)
from omloop.register.bundles import Bundles
from omloop.register.history import History
from omloop.register.line import champion_of, earlier, previous, require_champion, require_real
from omloop.register.trials import require_alike, require_share, trial_of
from omloop.register.versions import addition_events, digest_of, find, made_again


def projects(blobs: Blobs) -> tuple[str, ...]:
    """Names of the projects that have a history in `blobs`, sorted."""
    return tuple(name for name in blobs.list("") if blobs.list(f"{name}/history"))


class Registry:
    """The versions of `project` in `blobs`. Any number of processes may write at once.

    A version is the first 12 hexadecimal digits of a bundle's digest. A method that takes a version accepts any 4 or
    more digits that only one version begins with; otherwise it raises UnknownNameError. `clock` gives seconds since
    1970. The registry calls `changed` after it added a version, and after it put another version in charge.
    """

    def __init__(
        self,
        blobs: Blobs,
        project: str,
        *,
        clock: Callable[[], float] = time.time,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._project = project
        self._clock = clock
        self._changed = changed
        self._bundles = Bundles(blobs, f"{project}/bundles")
        self._history = History(blobs, f"{project}/history")

    def add(self, bundle: Bundle, *, by: str) -> str:
        """Keep `bundle` and return its version; once added, adding it again changes nothing.

        If the bundle is another version made again, of equal content, this keeps nothing and returns that version.

        It writes the manifest last, so the next `add` completes what a killed process left. Raises BundleError for a
        bundle that would not load again or belongs to another project, and ExportError for one not verified against
        its original. Raises StoreError if the store holds other content at a file's place.
        """
        if bundle.manifest.project != self._project:
            given = bundle.manifest.project
            raise BundleError(f"The bundle is of the project '{given}', not of '{self._project}'. Add it to its own.")
        twin = made_again(self.history(), bundle.content)
        if twin is not None and twin != bundle.version:
            return twin
        version, digest = bundle.version, self._bundles.put(bundle)

        evidence = {"digest": digest, "content": bundle.content}

        def draft(events: tuple[Event, ...]) -> Event:
            there = addition_events(events).get(version)
            return there or self._next(events, "add", version, by=by, evidence=evidence)

        added = self._history.append(draft)
        self._changed()
        return added.version

    def load(self, version: str) -> Bundle:
        """Read and verify a version; raises BundleError when a file is missing, cut or changed."""
        return self._read(self._added(version))

    def manifest(self, version: str) -> Manifest:
        """The manifest of a version, verified, without the files that it names."""
        event = self._added(version)
        with self._naming(event):
            return self._bundles.manifest(digest_of(event))

    def file(self, version: str, name: str) -> bytes | None:
        """One file of a version, verified, without the others; None where it has no file of that name."""
        event = self._added(version)
        with self._naming(event):
            return self._bundles.file(digest_of(event), name)

    def decide(self, version: str, decision: Decision, *, against: str | None, by: str) -> Event:
        """Record what the gate said of `version` in comparison with the champion `against`, or with none.

        If the gate calls a version worse, that version's trial ends.
        """

        def draft(events: tuple[Event, ...]) -> Event:
            evidence = {
                "verdict": decision.verdict,
                "against": self._version(events, against),
                "numbers": dict(decision.evidence),
            }
            if decision.use:
                evidence["use"] = asdict(decision.use)
            subject = find(events, version, self._project).version
            event = self._next(events, "decide", subject, by=by, reason=decision.reason, evidence=evidence)
            rejected = decision.verdict == "worse" and event.trial is not None and event.trial.version == subject
            return replace(event, trial=None) if rejected else event

        return self._history.append(draft)

    def decision(self, version: str) -> Decision | None:
        """The latest recorded decision on `version` against the present champion, or None if there is none."""
        events = self.history()
        subject, present = find(events, version, self._project).version, champion_of(events)
        for event in reversed(events):
            if event.kind == "decide" and event.version == subject and event.evidence["against"] == present:
                return _decision(event)
        return None

    def uses(self, against: str | None) -> tuple[PartUse, ...]:
        """What decisions against the champion `against` (None: before there was one) took from test rows, oldest first.

        It leaves out decisions that did not record this, such as those of an older omloop: nobody knows their rows.
        """
        decided = [event.evidence for event in self.history() if event.kind == "decide"]
        return tuple(
            msgspec.convert(evidence["use"], PartUse)
            for evidence in decided
            if evidence["against"] == against and evidence.get("use")
        )

    def promote(
        self,
        version: str,
        *,
        expected: str | None,
        by: str,
        reason: str,
        evidence: Mapping[str, object] | None = None,
        insist: bool = False,
    ) -> Event:
        """Make `version` the champion in place of `expected`, the champion in the comparison (None for none).

        Any trial that runs ends: it ran beside the champion before. Raises ConflictError if the champion has
        changed, and BundleError if its files are incomplete. Raises PromotionError if `version` is already champion.
        Raises it too if it learned from simulated records and the champion from real ones, unless you `insist`.
        """
        new, old = self.load(version).manifest, None
        if expected is not None and not insist:
            with contextlib.suppress(BundleError):  # what is spoilt may always be replaced
                old = self.manifest(expected)
        if old is not None:
            require_real(new, old, f"{version} of {self._project}")

        def draft(events: tuple[Event, ...]) -> Event:
            require_champion(events, self._version(events, expected), self._project)
            new = find(events, version, self._project).version
            if new == champion_of(events):
                raise PromotionError(f"{new} is already the champion of {self._project}: there is nothing to promote.")
            return self._next(events, "promote", new, champion=new, by=by, reason=reason, evidence=evidence)

        return self._put_in_charge(draft)

    def rollback(self, *, by: str, reason: str, to: str | None = None, expected: str | None = None) -> Event:
        """Go back to the champion before the present one, and further back when called again; or to the champion `to`.

        Whatever trial runs is over. Raises PromotionError if there is nothing to go back to, and BundleError if the
        files of the earlier one are incomplete. Raises ConflictError if somebody else changes the champion meanwhile,
        or if the champion is not the `expected` one.
        """
        seen = self.history()
        if expected is not None:
            require_champion(seen, expected, self._project)
        back = self._target(seen, to)
        self._read(find(seen, back, self._project))

        def draft(events: tuple[Event, ...]) -> Event:
            require_champion(events, champion_of(seen), self._project)
            return self._next(events, "rollback", back, champion=back, by=by, reason=reason)

        return self._put_in_charge(draft)

    def begin_trial(self, version: str, mode: TrialMode, *, share: float, by: str, reason: str = "") -> Trial:
        """Try `version` beside the champion, on a `share` of the requests above 0 and at most 1; servers look for it.

        Raises PromotionError if it is champion itself, if its inputs or outputs differ from the champion's, if a trial
        already runs, or without a champion. Raises ConflictError if the champion changes meanwhile, and BundleError if
        its files are incomplete.
        """
        require_share(share)
        seen = self.history()
        present, candidate = champion_of(seen), find(seen, version, self._project).version
        if present is None or present == candidate:
            why = "it is the champion" if present else "there is no champion to try it beside; promote one first"
            raise PromotionError(f"{candidate} of {self._project} cannot be tried: {why}.")
        require_alike(self.load(candidate), self.load(present))

        def draft(events: tuple[Event, ...]) -> Event:
            require_champion(events, present, self._project)
            running = trial_of(events)
            if running is not None:
                step = f"End that trial first with: omloop trial {self._project} --stop"
                raise PromotionError(f"{running.version} of {self._project} is being tried already. {step}")
            event = self._next(events, "try", candidate, by=by, reason=reason)
            return replace(event, trial=Trial(candidate, mode, share, event.time))

        begun = self._history.append(draft).trial
        assert begun is not None  # noqa: S101  it was drafted with one
        return begun

    def lineup(self) -> Lineup:
        """The champion and the trial beside it, of one moment: one listing and one read."""
        last = self._history.last()
        return Lineup(last.champion, last.trial) if last else Lineup(None)

    def trial(self) -> Trial | None:
        """The trial that runs, or None."""
        return self.lineup().trial

    def end_trial(self, trial: Trial, *, reason: str, by: str) -> Event:
        """End `trial`; raises ConflictError when it is over by now, or another one runs."""

        def draft(events: tuple[Event, ...]) -> Event:
            running = trial_of(events)
            if running != trial:
                now = f"{running.version} is being tried" if running else "nothing is being tried"
                raise ConflictError(f"The trial of {trial.version} of {self._project} is over already: {now}.")
            return replace(self._next(events, "stop", trial.version, by=by, reason=reason), trial=None)

        return self._history.append(draft)

    def record(
        self,
        kind: EventKind,
        version: str,
        *,
        by: str,
        reason: str,
        evidence: Mapping[str, object] | None = None,
        unless: Callable[[tuple[Event, ...]], Event | None] = lambda events: None,
    ) -> Event:
        """Write down what happened to `version`; if an event of the past says so already, return that event.

        If somebody else wrote meanwhile, this asks `unless` again, which may raise: of two that claim the same, one
        wins.
        """

        def draft(events: tuple[Event, ...]) -> Event:
            subject = find(events, version, self._project).version
            return unless(events) or self._next(events, kind, subject, by=by, reason=reason, evidence=evidence)

        return self._history.append(draft)

    def champion(self) -> str | None:
        """The version in charge, or None before the first promotion."""
        return self.lineup().champion

    def require_champion(self) -> str:
        """The version in charge; raises OmloopError before the first promotion."""
        champion = self.champion()
        if champion is None:
            raise no_champion(self._project)
        return champion

    def at(self, time: float) -> str | None:
        """The version that was in charge at `time` (seconds since 1970), or None."""
        event = self._history.before(time)
        return event.champion if event else None

    def history(self) -> tuple[Event, ...]:
        """Everything that happened, oldest first."""
        return self._history.events()

    @property
    def known(self) -> tuple[Event, ...]:
        """The events that this registry read or wrote so far, without asking the store again."""
        return self._history.known

    def versions(self) -> tuple[str, ...]:
        """Every version, in order of addition."""
        return tuple(addition_events(self.history()))

    def _next(
        self,
        events: tuple[Event, ...],
        kind: EventKind,
        version: str,
        *,
        by: str,
        champion: str | None = None,
        reason: str = "",
        evidence: Mapping[str, object] | None = None,
    ) -> Event:
        """The event after `events`; without a new `champion` the present one stays, and so does the trial."""
        now = max(self._clock(), events[-1].time if events else 0.0)
        charge, trial = (champion, None) if champion else (champion_of(events), trial_of(events))
        return Event(len(events) + 1, now, kind, version, charge, by, reason, dict(evidence or {}), trial)

    def _put_in_charge(self, draft: Callable[[tuple[Event, ...]], Event]) -> Event:
        event = self._history.append(draft)
        self._changed()
        return event

    def _target(self, events: tuple[Event, ...], to: str | None) -> str:
        if to is None:
            return previous(events, self._project)
        return earlier(events, find(events, to, self._project).version, self._project)

    def _version(self, events: tuple[Event, ...], given: str | None) -> str | None:
        return None if given is None else find(events, given, self._project).version

    def _added(self, version: str) -> Event:
        """The event that added a version. It does not look for a known event again: nothing takes an addition back."""
        return addition_events(self.known).get(version) or find(self.history(), version, self._project)

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


def no_champion(project: str) -> OmloopError:
    """The error for code that needs a champion where there is none yet."""
    return OmloopError(f"'{project}' has no champion yet. Make one with: omloop turn {project}")


def _decision(event: Event) -> Decision:
    """The decision that `event` recorded; a number that JSON cannot hold comes back as NaN."""
    numbers = {name: float("nan") if value is None else value for name, value in event.evidence["numbers"].items()}
    return Decision(event.evidence["verdict"], event.reason, numbers)
