"""How long a request takes of late: what a run took when its version was loaded says little about a busy machine."""

from omloop.serve.serving import Serving

_WEIGHT = 0.2
_MOST_RISE = 4.0


class Pace:
    """A running mean of the seconds that one request of a version takes in a run, with all that is done around it."""

    def __init__(self) -> None:
        self._serving: Serving | None = None
        self._seconds = 0.0

    def of(self, serving: Serving) -> float:
        """Seconds a request; at first what was measured of the model alone."""
        if serving is not self._serving:
            self._serving, self._seconds = serving, serving.cost_s
        return self._seconds

    def add(self, serving: Serving, seconds: float, works: int) -> None:
        """A run of so many works took so long.

        The newest run counts for a fifth, and for no more than four times the mean: a single long one says little.
        """
        before = self.of(serving)
        self._seconds += _WEIGHT * (min(seconds / works, _MOST_RISE * before) - before)
