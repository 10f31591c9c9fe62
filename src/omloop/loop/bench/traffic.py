"""Live traffic over real sockets: rows in, answers and failures counted, labels sent later."""

from __future__ import annotations

import http.client
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from omloop.core import API_KEY

TIMEOUT_S = 10.0
FEEDBACK_BATCH = 500


@dataclass
class Tally:
    """The results of some requests: ids and answers in the order of the rows, failures, answers by version."""

    ids: list[str] = field(default_factory=list)
    answers: list[dict[str, object]] = field(default_factory=list)
    failed: int = 0
    versions: Counter[str] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        """The number of requests sent."""
        return self.failed + sum(self.versions.values())


class Client:
    """One client with one keep-alive connection."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT_S)
        key = os.environ.get(API_KEY, "").strip()
        self._headers = {"Content-Type": "application/json", **({"X-API-Key": key} if key else {})}

    def post(self, path: str, body: object) -> tuple[int, Any]:
        """Send JSON and return the status with the decoded answer; status 0 when there was none."""
        try:
            self._connection.request("POST", path, json.dumps(body), self._headers)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
            return 0, None

    def predict(self, row: object, tally: Tally) -> None:
        """Send one row and count its result."""
        status, answer = self.post("/v1/predict", {"rows": [row]})
        if status != 200:
            tally.failed += 1
            return
        (prediction,) = answer["predictions"]
        tally.ids.append(prediction["id"])
        tally.answers.append(prediction)
        tally.versions[answer["version"]] += 1


def send(address: str, rows: Sequence[object]) -> Tally:
    """Send every row once, one after the other."""
    tally, client = Tally(), Client(address)
    for row in rows:
        client.predict(row, tally)
    return tally


def label(address: str, tally: Tally, labels: Sequence[object]) -> int:
    """Send the labels of a tally's predictions, as they come late; return how many the server accepted."""
    client, accepted = Client(address), 0
    pairs = [{"id": i, "label": truth} for i, truth in zip(tally.ids, labels, strict=True)]
    for start in range(0, len(pairs), FEEDBACK_BATCH):
        status, answer = client.post("/v1/feedback", {"labels": pairs[start : start + FEEDBACK_BATCH]})
        accepted += answer["accepted"] if status == 200 else 0
    return accepted


@contextmanager
def steady(address: str, rows: Sequence[object], *, pause_s: float = 0.005) -> Iterator[Tally]:
    """Keep sending rows, round and round, for as long as the context lasts."""
    tally, client, over = Tally(), Client(address), threading.Event()

    def work() -> None:
        for row in cycle(rows):
            if over.wait(pause_s):
                return
            client.predict(row, tally)

    thread = threading.Thread(target=work, name="omloop-traffic", daemon=True)
    thread.start()
    try:
        yield tally
    finally:
        over.set()
        thread.join()
