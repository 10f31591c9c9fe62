"""One look at a server from outside: is it alive, is it ready, and does it answer as its model must."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from omloop.probe.check.agree import TOLERANCE, agrees
from omloop.probe.connection import Answer, BrokenConnection, ask
from omloop.probe.target import Target

State = Literal["ok", "slow", "wrong", "refused", "silent", "down"]
STATES: tuple[State, ...] = get_args(State)
CHECKS = ("health", "ready", "prediction")
OK, NOT_FOUND = 200, 404
USUAL, OUTSIDE = ("/healthz", "/readyz"), ("/v1/health", "/v1/ready")
"""Where to ask for health and readiness; the second ones where a platform keeps the first to itself."""
MOST_WORDS = 200  # characters of a server's own message, in a line of ours


@dataclass(frozen=True)
class Example:
    """A row as a client sends it, and the answer that a model must give."""

    row: object
    answer: Mapping[str, object]


class ExampleSource(Protocol):
    """Where examples of a version come from."""

    def __call__(self, version: str) -> Sequence[Example]:
        """The examples of `version`; none for an unknown version."""


@dataclass(frozen=True)
class Check:
    """What one question came to: in `seconds`, with the HTTP status (0 for none), and a word on what is wrong."""

    name: str
    state: State
    seconds: float
    status: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Round:
    """One look, begun at `moment` (seconds since 1970). `version` is the one that was ready, empty when none was."""

    moment: float
    checks: tuple[Check, ...]
    version: str = ""

    @property
    def state(self) -> State:
        """The worst state of all checks."""
        return max((check.state for check in self.checks), key=STATES.index)

    @property
    def detail(self) -> str:
        """What is wrong, with the check that found it; empty when nothing is."""
        return "; ".join(f"{check.name}: {check.detail}" for check in self.checks if check.state != "ok")


@dataclass
class Prober:
    """Asks one server, round after round, with another of the examples each time.

    An answer is `slow` after `slow_s` seconds; the prober gives up after `timeout_s`. Where `known` has no examples of
    the version that serves, the prober takes the one in the server's own description, if that describes `project`.
    """

    target: Target
    project: str
    known: ExampleSource
    slow_s: float = 1.0
    timeout_s: float = 5.0
    tolerance: float = TOLERANCE
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self._rounds = 0
        self._addresses = USUAL
        self._examples: tuple[str, Sequence[Example]] = ("", ())

    async def look(self) -> Round:
        """One round: health, readiness and a prediction, one after the other for as long as there are answers.

        Never raises for what a server may do.
        """
        moment = self.clock()
        health, _ = await self._ask("health", self.target.get(self._addresses[0]))
        if health.status == NOT_FOUND and self._addresses is USUAL:
            self._addresses = OUTSIDE
            health, _ = await self._ask("health", self.target.get(self._addresses[0]))
        if health.status == 0:
            return Round(moment, (health,))
        ready, told = await self._ask("ready", self.target.get(self._addresses[1]))
        version = str(told.get("version", "")) if isinstance(told, Mapping) else ""
        if ready.status != OK:
            return Round(moment, (health, ready))
        self._rounds += 1
        return Round(moment, (health, ready, await self._predicted(version)), version)

    async def _predicted(self, version: str) -> Check:
        found = await self._found(version)
        if isinstance(found, Check):
            return found
        example = found[self._rounds % len(found)]
        request = self.target.post("/v1/predict", json.dumps({"rows": [example.row]}).encode())
        check, told = await self._ask("prediction", request)
        if check.status != OK:
            return check
        answered = told.get("predictions") if isinstance(told, Mapping) else None
        if isinstance(told, Mapping) and told.get("version") != version:
            return check  # another version was swapped in meanwhile; its answers are for the next round
        if isinstance(answered, list) and len(answered) == 1 and agrees(answered[0], example.answer, self.tolerance):
            return check
        detail = f"answered {_short(answered)}, and must answer {_short([example.answer])}"
        return Check(check.name, "wrong", check.seconds, check.status, detail)

    async def _found(self, version: str) -> Sequence[Example] | Check:
        """Examples of `version`, or what is wrong where there are none to be had."""
        if self._examples[0] != version or not self._examples[1]:
            examples = self.known(version)
            if not examples:
                check, told = await self._ask("prediction", self.target.get("/openapi.json"))
                if check.status != OK:
                    return check
                described = _described(told, self.project)
                if isinstance(described, str):
                    return Check(check.name, "wrong", check.seconds, check.status, described)
                examples = [described]
            self._examples = (version, examples)
        return self._examples[1]

    async def _ask(self, name: str, request: bytes) -> tuple[Check, Any]:
        """What one request came to, with the decoded answer; None where there is none."""
        try:
            answer = await ask(self.target, request, timeout_s=self.timeout_s)
        except TimeoutError:
            return Check(name, "silent", self.timeout_s, detail=f"no answer in {self.timeout_s:g} s"), None
        except BrokenConnection as error:
            return Check(name, "down", 0.0, detail=str(error)), None
        except OSError as error:
            return Check(name, "down", 0.0, detail=f"no connection ({error.strerror or error})"), None
        return self._judged(name, answer)

    def _judged(self, name: str, answer: Answer) -> tuple[Check, Any]:
        try:
            told = json.loads(answer.body)
        except ValueError:
            told = None
        if answer.status != OK:
            detail = f"status {answer.status}{_said(told)}"
            return Check(name, "refused", answer.seconds, answer.status, detail), told
        if told is None:
            return Check(name, "wrong", answer.seconds, answer.status, "the answer is no JSON"), told
        if answer.seconds > self.slow_s:
            detail = f"{answer.seconds * 1000:.0f} ms, more than {self.slow_s * 1000:g} ms"
            return Check(name, "slow", answer.seconds, answer.status, detail), told
        return Check(name, "ok", answer.seconds, answer.status), told


def described_project(document: Any) -> tuple[str, Example]:
    """The project that an OpenAPI document describes, and its example of a prediction.

    Raises LookupError, TypeError, ValueError or AttributeError for a document that is no such one.
    """
    post = document["paths"]["/v1/predict"]["post"]
    row = post["requestBody"]["content"]["application/json"]["example"]["rows"][0]
    (answer,) = post["responses"]["200"]["content"]["application/json"]["example"]["predictions"]
    return str(document["info"]["title"]), Example(row, {name: value for name, value in answer.items() if name != "id"})


def _described(document: object, project: str) -> Example | str:
    """The example of the document, or why there is none of `project`."""
    try:
        title, example = described_project(document)
    except (LookupError, TypeError, ValueError, AttributeError):
        return "the server describes no example"
    return example if title == project else f"'{title:.80}' is served there, not '{project}'"


def _said(told: object) -> str:
    """What a refusal says, in a few words."""
    error = told.get("error") if isinstance(told, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else None
    return f": {' '.join(message.split())[:MOST_WORDS]}" if isinstance(message, str) else ""


def _short(told: object) -> str:
    text = json.dumps(told[0] if isinstance(told, list) and told else told)
    return text if len(text) <= MOST_WORDS else text[:MOST_WORDS] + "…"
