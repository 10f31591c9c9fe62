"""All faults of the rows of a request, in their order; only the first few get words."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from omloop.core import MOST_FAULTS, Fault, InputError


class RowFaults:
    """Collects faults by row. Faults of one row stay in the order of discovery."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, Fault]] = []
        self._count = 0
        self._full_from = sys.maxsize  # faults of this row and later ones are not among the first

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, row: int, field: str, reason: str | Callable[[], str], *, count: int = 1) -> None:
        """Add the fault at `field` of `row`, a path behind that of the row; it stands for `count` faults.

        Each source adds its own faults by rising rows. `add` calls `reason` only for a fault that the error will name.
        """
        self._count += count
        if row < self._full_from:
            place = f"rows[{row}].{field}" if field else f"rows[{row}]"
            self._kept.append((row, Fault(place, reason if isinstance(reason, str) else reason())))
            if len(self._kept) >= MOST_FAULTS:
                self._full_from = max(kept for kept, _ in self._kept)

    def require_none(self) -> None:
        """Raise InputError with the faults, if there are any."""
        if self._count:
            kept = sorted(self._kept, key=lambda one: one[0])[:MOST_FAULTS]
            raise InputError.of([fault for _, fault in kept], self._count)


class PlaceFaults:
    """Collects faults in the order of discovery, each at its own place."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, InputError]] = []
        self._count = 0

    def add(self, field: str, error: InputError) -> None:
        """Add the fault at `field`."""
        self._count += 1
        if len(self._kept) < MOST_FAULTS:
            self._kept.append((field, error))

    @contextmanager
    def at(self, field: str) -> Iterator[None]:
        """Take an InputError from within for a fault at `field`."""
        try:
            yield
        except InputError as error:
            self.add(field, error)

    def require_none(self) -> None:
        """Raise InputError with the faults, if there are any; its cause is that of the first."""
        if self._count:
            faults = [Fault(field, error.reason) for field, error in self._kept]
            raise InputError.of(faults, self._count) from self._kept[0][1].__cause__
