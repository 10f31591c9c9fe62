"""Works that wait for one version, the oldest first, and how long it will take to answer them."""

from collections import deque
from collections.abc import Sequence

from omloop.serve.answer.pace import Pace
from omloop.serve.answer.work import Size, Work
from omloop.serve.version.serving import Serving


class Lane:
    """The works that wait, beside the pace of the version that they wait for."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.seconds = 0.0
        self._works: deque[Work] = deque()

    def __len__(self) -> int:
        return len(self._works)

    @property
    def first(self) -> Work:
        """The oldest."""
        return self._works[0]

    def append(self, work: Work, serving: Serving) -> None:
        """Take a work behind all others."""
        work.seconds = self.pace.seconds(serving, work.size)
        work.more_seconds = work.seconds - self.pace.of(serving)
        self.seconds += work.seconds
        self._works.append(work)

    def popleft(self) -> Work:
        """Hand out the oldest."""
        work = self._works.popleft()
        self.seconds = self.seconds - work.seconds if self._works else 0.0
        return work


def together(works: Sequence[Work]) -> Size:
    """How large works are together."""
    if len(works) == 1:
        return works[0].size
    return Size(*map(sum, zip(*(work.size for work in works), strict=True)))
