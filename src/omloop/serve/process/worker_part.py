"""What the server passes to each worker process at its start.

It goes through an environment variable, because every option of a command is for people. It imports only the standard
library, so that the process that starts the workers stays small.
"""

from __future__ import annotations

import json
import os
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "OMLOOP_WORKER_PART"
NOT_THERE = 2**31 - 1
"""The connections of a worker that takes none now, so that nobody leaves any to it."""


@dataclass(frozen=True)
class WorkerPart:
    """The part of one worker process in a server.

    `number` goes from 1 to `count`; the replacement of a dead worker takes over its number. `serial` is unique.
    `listener` is the descriptor of the shared socket. `link` is that of a socket to the parent process: the worker
    writes there once it answers, and its end means the end of the server. `folder` is where the workers share their
    counts.
    """

    number: int
    count: int
    serial: int
    listener: int
    link: int
    folder: str

    @classmethod
    def taken(cls, environ: MutableMapping[str, str] = os.environ) -> WorkerPart | None:
        """The part of this process, taken out of the environment; None when it is no worker."""
        given = environ.pop(VARIABLE, "")
        return cls(**json.loads(given)) if given else None

    def environment(self) -> dict[str, str]:
        """The variable that hands the part over.

        >>> part = WorkerPart(1, 2, 7, 3, 4, "/tmp/x")
        >>> WorkerPart.taken(part.environment()) == part
        True
        """
        return {VARIABLE: json.dumps(asdict(self))}

    @property
    def connections(self) -> Path:
        """The file where each worker keeps how many connections it has, 4 bytes a worker."""
        return Path(self.folder, "connections")

    @property
    def living(self) -> Path:
        """The file with the serials of the workers that live now, as JSON."""
        return Path(self.folder, "living")
