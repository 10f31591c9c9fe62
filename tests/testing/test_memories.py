from collections.abc import Callable

import pytest

from omloop.testing.memories import MemoryPredictions
from omloop.testing.predictions import PredictionsContract


class TestMemoryPredictions(PredictionsContract):
    """The fake keeps the promises of the real ones, so tests that use it mean something."""

    @pytest.fixture
    def reopen(self) -> Callable[[], MemoryPredictions]:
        first = MemoryPredictions()

        def reopen() -> MemoryPredictions:
            opened = MemoryPredictions()
            opened.kept, opened.labels, opened.label_times = first.kept, first.labels, first.label_times
            opened.shadows, opened.refusal_counts = first.shadows, first.refusal_counts
            return opened

        return reopen
