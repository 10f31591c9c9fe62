"""A process that has as many files open as it may."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def all_descriptors_taken() -> Iterator[None]:
    """While it lasts, nothing can be opened in this process but by what holds a descriptor back."""
    resource = pytest.importorskip("resource")
    before, taken = resource.getrlimit(resource.RLIMIT_NOFILE), list[int]()
    highest = max(int(path.name) for path in Path("/dev/fd").iterdir())  # tests that ran before may hold many
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 16, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
