"""Predictions in a bucket: each server writes and indexes in its own folder, and exchanges segments with the others."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from omloop.core import Bucket, Label, Prediction, Receipt, RefusalCount, Shadow, StoreError
from omloop.monitor.files import FilePredictions
from omloop.monitor.index.follow import Follower
from omloop.monitor.index.index import Index
from omloop.monitor.index.sqlite import SqliteDatabase
from omloop.monitor.index.tables import Answer, IndexConnection
from omloop.monitor.log.exchange import Exchange
from omloop.monitor.log.keeping import Keeping

SEND_S = 10.0
"""One request sends the records of this many seconds; a dying machine loses that much."""
FETCH_S = 5.0
"""Questions that come closer together see the same of other servers."""
LOG = logging.getLogger("omloop.monitor")


class RemotePredictions(FilePredictions):
    """The memory of predictions of the project with the name of `folder`, shared through a bucket.

    Records survive the process at once, as with `FilePredictions`, and the machine once they are in the bucket. Servers
    see the records of others when someone asks them. If two servers get a label for one prediction within moments, both
    accept it, and the last one counts.
    """

    @classmethod
    def of(  # type: ignore[override]  # the table of backends hands a bucket to those that need one
        cls, address: str, folder: Path, *, bucket: Bucket, keeping: Keeping | None = None
    ) -> Self:
        """The log in `folder`, shared through `bucket`, which is at the address."""
        return cls(folder, bucket, keeping=keeping)

    def __init__(
        self,
        folder: Path,
        bucket: Bucket,
        *,
        clock: Callable[[], float] = time.time,
        keeping: Keeping | None = None,
    ) -> None:
        super().__init__(folder, clock=clock, keeping=keeping)
        keep_s = self._keeping.seconds + self._keeping.segment_seconds if self._keeping.seconds else 0.0
        self._exchange = Exchange(folder, bucket, folder.name, clock=clock, keep_s=keep_s)
        self._index = _SharedIndex(folder, self._exchange)
        self._labelled = False
        self._sender = Follower(self._exchange.send, soon_s=SEND_S, done="sent")

    def record(self, predictions: Sequence[Prediction]) -> None:
        """Keep answered predictions as `FilePredictions` does, whatever has become of the bucket."""
        super().record(predictions)
        self._sender.wake()

    def record_shadows(self, shadows: Sequence[Shadow]) -> None:
        """Keep answers of a version on trial as `FilePredictions` does, whatever has become of the bucket."""
        super().record_shadows(shadows)
        self._sender.wake()

    def record_refusals(self, refusals: Sequence[RefusalCount]) -> None:
        """Keep refusals as `FilePredictions` does, whatever the state of the bucket."""
        super().record_refusals(refusals)
        self._sender.wake()

    def feedback(self, labels: Sequence[Label]) -> Receipt:
        """Keep labels of predictions that any server answered; raises StoreError while the bucket is away."""
        receipt = super().feedback(labels)
        self._labelled = True
        self._sender.wake()
        return receipt

    def tidy(self) -> None:
        """Tidy as `FilePredictions` does, and send what a server before this one left."""
        self._sender.wake()
        super().tidy()

    def close(self) -> None:
        """Send the rest, and release files.

        If the bucket does not take records within seconds, only the folder has them, until a process there records
        again. The log says so. If labels are among them, it raises StoreError: their sender will not send them again.
        """
        is_sent = self._sender.close()
        super().close()
        if is_sent:
            return
        told = f"The bucket did not take what was recorded last, so it is in {self._folder} alone."
        told += " The next process that records or labels there sends it; keep the folder until then."
        if self._labelled:
            raise StoreError(told)
        LOG.error("%s", told)

    def _may_go(self, segment: Path) -> bool:
        """What the bucket has not taken yet is nowhere else."""
        return self._exchange.is_fetched(segment) or self._exchange.is_sent(segment)

    def _is_done(self, segment: Path) -> bool:
        """More of another server's segment may come: the server writes it for a day, and sends it a little later."""
        if not self._exchange.is_fetched(segment):
            return True
        began = segment.name.partition("-")[0]
        age = self._clock() - int(began) / 1e9 if began.isdigit() else 0.0
        return age > 2 * self._keeping.segment_seconds


class _SharedIndex(Index):
    """The index of a folder; it fetches segments before it answers."""

    def __init__(self, folder: Path, exchange: Exchange) -> None:
        super().__init__(folder / "segments", SqliteDatabase(folder))
        self._exchange = exchange

    def _read(self, work: Callable[[IndexConnection], Answer]) -> Answer:
        if not self._closed:
            self._exchange.fetch(FETCH_S)
        return super()._read(work)
