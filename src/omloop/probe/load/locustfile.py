"""The same load test as a file for Locust, for those who already run Locust, or need many machines to make the load."""

import json
import math
import re
from collections.abc import Sequence

from omloop.core import API_KEY, PROBE_KEY
from omloop.probe.load.load import LoadPlan

A_USER = 10.0
"""Requests a second of one of Locust's users, who waits for each answer: beyond 100 ms he falls behind."""
MOST_BYTES = 1_000_000
"""Of rows in the file, which people open and change."""

_TEMPLATE = '''"""A load test of {name}, written by `omloop load {name} --locust`. Run it with:

    pip install locust
    locust -f THIS_FILE --headless

It asks for {rate:g} requests a second for {seconds:g} s, and ends with exit code 3 when a request fails or p99 is
above {p99_ms:g} ms. Unlike `omloop load`, Locust measures from when a request was sent, and a user waits for each
answer: while the server stalls, fewer requests are sent, so its percentiles are too good then.
"""

import itertools
import json
import os

from locust import FastHttpUser, LoadTestShape, constant_throughput, events, task

USERS = {users}
RATE = {rate!r}  # requests a second, of all users together
SECONDS = {seconds!r}
P99_MS = {p99_ms!r}
HEADERS = {{"Content-Type": "application/json", "X-Caller-Key": {key!r}}}  # the key of what is no live prediction
if os.environ.get({variable!r}):  # of a server with keys, one with the role probe
    HEADERS["X-API-Key"] = os.environ[{variable!r}].strip()
BODIES = itertools.cycle([
{bodies}
])


class Client(FastHttpUser):
    """One of many who ask at a steady pace."""

    host = {url!r}
    wait_time = constant_throughput(RATE / USERS)

    @task
    def predict(self):
        """Ask for the next example."""
        self.client.post("/v1/predict", data=next(BODIES), headers=HEADERS)


class Steady(LoadTestShape):
    """All users from the beginning to the end."""

    def tick(self):
        """How many users there are now, and how many begin a second; None ends the test."""
        return (USERS, USERS) if self.get_run_time() < SECONDS else None


@events.quitting.add_listener
def judge(environment, **_):
    """Fail the run when a request failed, or too many were slow."""
    total = environment.stats.total
    p99 = total.get_response_time_percentile(0.99) or 0
    if total.num_requests == 0 or total.num_failures > 0 or p99 > P99_MS:
        environment.process_exit_code = 3
'''


def locustfile(name: str, url: str, rows: Sequence[object], plan: LoadPlan, *, p99_s: float) -> str:
    """The text of a Python file that sends one of `rows` a request to `url`.

    It holds as many of the rows as fit into `MOST_BYTES`, and one at least.
    """
    bodies = _bodies(rows)
    return _TEMPLATE.format(
        name=re.sub(r"[^\w.-]", "_", name),
        url=url,
        rate=float(plan.rate),
        seconds=float(plan.seconds),
        p99_ms=p99_s * 1000,
        key=PROBE_KEY,
        variable=API_KEY,
        users=max(1, math.ceil(plan.rate / A_USER)),
        bodies="\n".join(f"    {body!r}," for body in bodies),
    )


def _bodies(rows: Sequence[object]) -> list[str]:
    """Requests as JSON, until there is no room for the next."""
    bodies: list[str] = []
    room = MOST_BYTES
    for row in rows:
        body = json.dumps({"rows": [row]})
        room -= len(body)
        if bodies and room < 0:
            break
        bodies.append(body)
    return bodies
