import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from omloop.probe import Example, Prober, Round, Target, described_project, run
from omloop.serve import document
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle

Start = Callable[..., AbstractContextManager[Any]]
Say = Callable[..., bytes]


def look(target: Target, examples: Sequence[Example] = (), project: str = "tiny", **more: Any) -> Round:
    return run(Prober(target, project, lambda version: examples, **more).look())


def test_a_server_that_answers_as_its_model_must_is_ok(serve: Start, example: Example) -> None:
    with serve() as server:
        found = look(server.target, [example], slow_s=60.0)
        assert found.version == server.champion.serving.version
    assert found.state == "ok" and found.detail == ""
    assert [check.name for check in found.checks] == ["health", "ready", "prediction"]
    assert all(check.seconds > 0 and check.status == 200 for check in found.checks)


@pytest.mark.parametrize("bundle", [tiny_bundle(classes=("a", "b")), tiny_image_bundle(), tiny_text_bundle()])
def test_without_an_example_of_its_own_it_takes_the_servers(serve: Start, bundle: Any) -> None:
    with serve(bundle) as server:
        assert look(server.target, slow_s=60.0).state == "ok"


def test_a_wrong_answer_is_told(serve: Start, example: Example) -> None:
    with serve() as server:
        found = look(server.target, [replace(example, answer={"value": 45.0})], slow_s=60.0)
    assert found.state == "wrong"
    assert '"value": 44.0' in found.detail and '"value": 45.0' in found.detail


def test_another_project_is_wrong(serve: Start) -> None:
    with serve() as server:
        found = look(server.target, project="other", slow_s=60.0)
    assert found.state == "wrong" and "'tiny' is served there, not 'other'" in found.detail


def test_a_server_without_a_version_refuses(serve: Start) -> None:
    with serve(empty=True) as server:
        found = look(server.target)
    assert found.state == "refused" and "ready: status 503: no version is champion yet" in found.detail
    assert len(found.checks) == 2


def test_an_answer_that_cannot_be_recorded_is_refused(serve: Start, example: Example) -> None:
    with serve() as server:
        server.predictions.failing = OSError("full")
        found = look(server.target, [example], slow_s=60.0)
    assert found.state == "refused" and found.checks[-1].status == 503


def test_a_slow_answer_is_told(serve: Start, example: Example) -> None:
    with serve() as server:
        found = look(server.target, [example], slow_s=1e-9)
    assert found.state == "slow" and "more than" in found.detail


def test_an_answer_both_slow_and_wrong_is_wrong(serve: Start, example: Example) -> None:
    with serve() as server:
        assert look(server.target, [replace(example, answer={"value": 1.0})], slow_s=1e-9).state == "wrong"


def test_nobody_there_is_down(nobody: Target) -> None:
    found = look(nobody)
    assert (found.state, found.version) == ("down", "") and "health: no connection" in found.detail


def test_no_answer_in_time_is_silent(stub: Start, slowly: Any) -> None:
    with stub(slowly(1.0)) as server:
        found = look(server.target, timeout_s=0.1)
    assert found.state == "silent" and found.detail == "health: no answer in 0.1 s"


def test_a_server_that_hangs_up_is_down(stub: Start) -> None:
    with stub(lambda number, line: b"") as server:
        assert look(server.target).state == "down"


def test_a_platform_that_keeps_health_to_itself_is_asked_elsewhere(stub: Start, say: Say, example: Example) -> None:
    def answer(number: int, line: str) -> bytes:
        if "z HTTP" in line:
            return say(b"<h1>Not Found</h1>").replace(b" 200 ", b" 404 ")
        return say(b'{"version": "v"}')

    with stub(answer) as server:
        prober = Prober(server.target, "tiny", lambda version: [example])
        first, second = run(prober.look()), run(prober.look())
        asked = [line.split()[1] for line in server.asked]
    assert [check.status for check in (*first.checks, *second.checks)] == [200] * 6
    assert asked == ["/healthz", *["/v1/health", "/v1/ready", "/v1/predict"] * 2]


@pytest.mark.parametrize("body", [b"hello", b"[]", b"{}", b'{"paths": 1}', b"\xff"])
def test_a_server_of_something_else_is_no_bug_of_ours(stub: Start, say: Say, body: bytes) -> None:
    with stub(lambda number, line: say(body)) as server:
        assert look(server.target).state == "wrong"


@pytest.mark.parametrize(
    "body", [b"{}", b'{"version": "v", "predictions": {}}', b'{"version": "v", "predictions": [1]}']
)
def test_a_prediction_of_another_form_is_wrong_or_of_another_version(
    stub: Start, say: Say, example: Example, body: bytes
) -> None:
    def answer(number: int, line: str) -> bytes:
        return say(body if "predict" in line else b'{"version": "v"}')

    with stub(answer) as server:
        state = look(server.target, [example]).state
    assert state == ("wrong" if b"version" in body else "ok")


def test_another_version_swapped_in_meanwhile_is_not_wrong(serve: Start, example: Example) -> None:
    """The examples are of the version that was ready; the prediction comes from the next."""
    with serve() as server:
        later = tiny_bundle(2.0)

        def known(version: str) -> list[Example]:
            server.versions.promote(later)
            server.champion.refresh()
            return [example]

        found = run(Prober(server.target, "tiny", known, slow_s=60.0).look())
    assert found.state == "ok" and found.version != later.version


def test_each_round_asks_another_example(serve: Start, example: Example) -> None:
    examples = [Example({**example.row, "hours": hours}, {"value": 43.0 + hours}) for hours in (0, 1, 2)]
    with serve() as server:
        prober = Prober(server.target, "tiny", lambda version: examples, slow_s=60.0)

        async def thrice() -> list[str]:
            return [(await prober.look()).state for _ in range(3)]

        assert run(thrice()) == ["ok"] * 3
        assert {kept.inputs["hours"] for kept in server.predictions.kept} == {0, 1, 2}


def test_examples_are_looked_up_once_a_version(serve: Start, example: Example) -> None:
    versions: list[str] = []

    def known(version: str) -> list[Example]:
        versions.append(version)
        return [example]

    with serve() as server:
        prober = Prober(server.target, "tiny", known, slow_s=60.0)

        async def thrice() -> None:
            for _ in range(2):
                await prober.look()
            server.versions.promote(tiny_bundle(2.0))
            server.champion.refresh()
            await prober.look()

        run(thrice())
    assert len(versions) == 2


def test_the_moment_is_when_it_began(nobody: Target) -> None:
    assert look(nobody, clock=lambda: 7.0).moment == 7.0
    assert abs(look(nobody).moment - time.time()) < 60


def test_the_description_of_a_server_without_a_version_has_no_example() -> None:
    with pytest.raises(LookupError):
        described_project(json.loads(json.dumps(document(None))))
