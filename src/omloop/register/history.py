"""The history of a project: one append-only sequence of events, each a blob that never changes."""

import bisect
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from omloop.core import Blobs, ConflictError, Event, StoreError

AT_ONCE = 16
"""Events that a longer read fetches at once."""
_NAME = re.compile(r"\d{8}\.json")
_LATEST = 253402300800.0
"""The year 10000 in seconds since 1970: no calendar here writes it."""


class History:
    """The events below `folder`, numbered from 1 without gaps.

    Creating the next number is the compare-and-swap: a store lets one writer succeed, the others look again. Events
    never change, so it reads each once, and the newest of those once more each time. A restored or new folder holds
    another event there; then it reads all of them.
    """

    def __init__(self, blobs: Blobs, folder: str) -> None:
        self._blobs = blobs
        self._folder = folder
        self._known: tuple[Event, ...] = ()

    @property
    def known(self) -> tuple[Event, ...]:
        """The events that this history read or wrote so far, oldest first; asks nothing of the store."""
        return self._known

    def count(self) -> int:
        """How many events there are, from one listing; raises StoreError if one in the middle is missing."""
        names = [name for name in self._blobs.list(self._folder) if _NAME.fullmatch(name)]
        for number, name in enumerate(names, start=1):
            if name != _name(number):
                raise StoreError(
                    f"{self._key(number)} is missing from the history. Restore it from a copy of the store."
                )
        return len(names)

    def event(self, number: int) -> Event:
        """The event `number`; raises StoreError if it is not there or is no event."""
        return self._decoded(number, self._blobs.read(self._key(number)))

    def _decoded(self, number: int, content: bytes) -> Event:
        try:
            event = msgspec.json.decode(content, type=Event)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise StoreError(
                f"{self._key(number)} is not an event: {error}. Restore it from a copy of the store."
            ) from error
        if fault := _fault(event, number):
            raise StoreError(f"{self._key(number)} is damaged: {fault}. Restore it from a copy of the store.")
        return event

    def last(self) -> Event | None:
        """The newest event: one listing and one read."""
        count = self.count()
        return self.event(count) if count else None

    def before(self, time: float) -> Event | None:
        """The newest event that is not later than `time` (seconds since 1970), found by bisection."""
        numbers = range(1, self.count() + 1)
        found = bisect.bisect_right(numbers, time, key=lambda number: self.event(number).time)
        return self.event(found) if found else None

    def events(self) -> tuple[Event, ...]:
        """Every event, oldest first: one listing, and one read for each that is new and for the newest known one."""
        count, known = self.count(), self._known if self._stands() else ()
        self._known = (*known, *self._read(range(len(known) + 1, count + 1)))
        return self._known

    def _read(self, numbers: range) -> Iterable[Event]:
        """Those events. A distant store takes its time for each, so a longer read fetches many at once."""
        if len(numbers) <= AT_ONCE:
            return map(self.event, numbers)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return tuple(pool.map(self.event, numbers))

    def append(self, decide: Callable[[tuple[Event, ...]], Event]) -> Event:
        """Write the event that `decide` makes of all events so far, and return it.

        When another writer takes the number first, this asks `decide` again with the events there are then;
        `decide` may raise. When it answers with an event of the past, there is nothing to write.
        """
        events = self.events()
        while True:
            event = decide(events)
            if event.number <= len(events):
                return event
            content = msgspec.json.encode(event)
            try:
                self._blobs.create(self._key(event.number), content)
            except ConflictError:
                # Read by number, so that a store whose listing lags behind cannot keep us here.
                self._known = (*events, self.event(event.number))
                events = self.events()
            else:
                self._known = (*events, self._decoded(event.number, content))
                return event

    def _stands(self) -> bool:
        """Whether the newest known event is still that of the store, and with it all before it."""
        try:
            return bool(self._known) and self.event(len(self._known)) == self._known[-1]
        except StoreError:
            return False

    def _key(self, number: int) -> str:
        return f"{self._folder}/{_name(number)}"


def _fault(event: Event, number: int) -> str:
    """What cannot be true of the event `number`; nothing of a sound one."""
    if event.number != number:
        return f"it says that it is number {event.number}"
    if not 0 <= event.time < _LATEST:
        return f"its time is {event.time:g} seconds since 1970"
    return ""


def _name(number: int) -> str:
    return f"{number:08d}.json"
