"""How long recent requests take: the time of a run at loading says little about a busy machine."""

from omloop.serve.answer.work import Size
from omloop.serve.version.serving import Serving

_WEIGHT = 0.2  # of the newest run: a change of pace is known after some ten
_MOST_RISE = 4.0  # times what was expected; more of one run is a pause of the machine
# What rows, bytes and pixels take until it is known better: to check and record a row in Python, to read JSON, and to
# decode and reduce a picture; medians of one core at 3 GHz. `benchmarks/serve/hostile.py` shows what they come to.
_ROW_S, _BYTE_S, _PIXEL_S = 15e-6, 5e-9, 10e-9


class Pace:
    """Running means of the seconds that a version's requests take in a run, with all the work around it.

    It splits a run's seconds among requests, rows, bytes and pixels by their assumed shares. So the mean of small
    requests stays when large ones come, and it learns theirs beside it.
    """

    def __init__(self) -> None:
        self._serving: Serving | None = None
        self._each = (0.0, 0.0, 0.0, 0.0)

    def of(self, serving: Serving) -> float:
        """Seconds of a request of one row; at first the measured time of the model alone."""
        return self._known(serving)[0]

    def seconds(self, serving: Serving, size: Size) -> float:
        """Seconds of a run of so much."""
        works, rows, length, pixels = size
        work, row, byte, pixel = self._known(serving)
        return works * work + rows * row + length * byte + pixels * pixel

    def add(self, serving: Serving, seconds: float, size: Size) -> None:
        """Record a run's size and time.

        The newest run counts for a fifth, and for at most four times the expected time: a single long run says little.
        """
        expected = self.seconds(serving, size)
        change = _WEIGHT * (min(seconds / expected, _MOST_RISE) - 1) / expected
        works, rows, length, pixels = size
        work, row, byte, pixel = self._each
        self._each = (
            work + change * works * work * work,
            row + change * rows * row * row,
            byte + change * length * byte * byte,
            pixel + change * pixels * pixel * pixel,
        )

    def _known(self, serving: Serving) -> tuple[float, float, float, float]:
        if serving is not self._serving:
            self._serving = serving
            self._each = serving.cost_s, serving.row_s + _ROW_S, _BYTE_S, _PIXEL_S
        return self._each
