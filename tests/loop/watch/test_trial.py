"""What a trial showed so far, from the memories alone."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omloop.bundle import Bundle
from omloop.core import Decision, Label, Prediction, Shadow, Trial, TrialMode
from omloop.loop import Workspace
from omloop.loop.bench.traffic import Client
from omloop.loop.watch.trial import FAILURES, TrialProgress, judge_trial, stop_if_worse
from omloop.monitor import new_id
from omloop.register import Registry
from omloop.serve import Champion, ServerOptions, create_app, running
from omloop.serve.http.asgi import Front
from omloop.testing.bundles import tiny_bundle

NUMBERS = (tiny_bundle(1.0), tiny_bundle(2.0))
MOODS = tuple(tiny_bundle(weight, classes=("happy", "sad")) for weight in (1.0, 2.0))
Say = Callable[..., tuple[int, str, str]]
SayJson = Callable[..., Any]


def begun(workspace: Workspace, bundles: Sequence[Bundle], mode: TrialMode, share: float = 1.0) -> Trial:
    """The first version is champion, the second is tried."""
    registry = workspace.registry("tiny")
    champion, candidate = (registry.add(bundle, by="ada") for bundle in bundles)
    registry.promote(champion, expected=None, by="ada", reason="first")
    return registry.begin_trial(candidate, mode, share=share, by="ada")


def record(
    workspace: Workspace,
    trial: Trial,
    given: Sequence[tuple[str, Any, Any, Any]],
    *,
    before: float = 0.0,
    again: bool = False,
) -> None:
    """Log (version, output, shadow, label) each; a shadow of None is none, "failed" one that could not answer.

    Each is another row, or all are the same one that is sent `again`.
    """
    log = workspace.predictions("tiny")
    for number, (version, output, shadow, label) in enumerate(given):
        name, moment = f"{number:08}{before:g}", trial.since + number - before
        log.record([Prediction(name, moment, version, {"hours": -1 if again else number}, output, 2.0)])
        if shadow is not None:
            log.record_shadows([Shadow(name, moment, trial.version, None if shadow == "failed" else shadow, 3.0)])
        if label is not None:
            log.feedback([Label(name, label, moment + 5)])
    log.close()


def mood(name: str) -> dict[str, Any]:
    sure = {"happy": 0.9, "sad": 0.1} if name == "happy" else {"happy": 0.1, "sad": 0.9}
    return {"label": name, "probabilities": sure}


def found(workspace: Workspace) -> TrialProgress:
    result = judge_trial("tiny", workspace)
    assert result is not None
    return result


def test_without_a_trial_there_is_nothing_to_judge(workspace: Workspace) -> None:
    assert judge_trial("tiny", workspace) is None


def test_a_threshold_may_be_tried_as_a_shadow_and_is_judged_by_what_it_answers(workspace: Workspace) -> None:
    """Both give `sad` a probability of 0.4; the candidate answers it from 0.3 on, and is right."""
    careful = tiny_bundle(2.0, classes=("happy", "sad"), threshold=0.3)
    trial = begun(workspace, (MOODS[0], careful), "shadow")
    shares = {"happy": 0.6, "sad": 0.4}
    happy, sad = ({"label": label, "probabilities": shares} for label in shares)
    record(workspace, trial, [(MOODS[0].version, happy, sad, "sad")] * 40)
    result = found(workspace)
    assert (result.agreement, result.candidate["accuracy"].value, result.theirs["accuracy"].value) == (0.0, 1.0, 0.0)
    assert result.decision is not None and result.decision.promote and not result.worse


@pytest.mark.parametrize("mode", ["shadow", "canary"])
@pytest.mark.parametrize("bundles", [NUMBERS, MOODS], ids=["numbers", "classes"])
def test_a_trial_that_just_began_says_nothing(workspace: Workspace, bundles: Any, mode: TrialMode) -> None:
    trial = begun(workspace, bundles, mode)
    result = found(workspace)
    assert (result.trial, result.answered, result.failed, result.labelled, result.chance) == (trial, 0, 0, 0, 1.0)
    assert (result.agreement, result.difference, result.times_slower, result.worse) == (None, None, None, "")


def test_a_shadow_of_numbers_differs_by_so_much_and_takes_so_long(workspace: Workspace) -> None:
    trial = begun(workspace, NUMBERS, "shadow")
    champion = NUMBERS[0].version
    record(workspace, trial, [(champion, {"value": 10.0}, {"value": 10.0 + n}, None) for n in range(5)])
    result = found(workspace)
    assert (result.answered, result.difference, result.agreement) == (5, 2.0, 0.2)
    assert result.times_slower == 1.5 and result.labelled == 0 and result.candidate == {}


def test_a_shadow_of_classes_agrees_in_a_share(workspace: Workspace) -> None:
    trial = begun(workspace, MOODS, "shadow")
    answers = ["happy", "sad", "sad", "sad"]
    record(workspace, trial, [(MOODS[0].version, mood("sad"), mood(name), None) for name in answers])
    assert found(workspace).agreement == 0.75


def test_a_shadow_is_judged_by_the_gate_on_the_rows_of_the_champion(workspace: Workspace) -> None:
    trial = begun(workspace, NUMBERS, "shadow")
    noise = np.random.default_rng(1).normal(size=(60, 2))
    given = [(NUMBERS[0].version, {"value": 50 + 5 * old}, {"value": 50 + new}, 50.0) for old, new in noise.tolist()]
    record(workspace, trial, given)
    result = found(workspace)
    assert result.decision is not None and result.decision.verdict == "better"
    assert result.candidate["rmse"].high < result.theirs["rmse"].low and result.labelled == 60
    assert result.worse == "" and not stop_if_worse(result, workspace, by="watch")
    assert workspace.registry("tiny").trial() == trial


def test_a_shadow_that_is_worse_has_to_go(workspace: Workspace) -> None:
    trial = begun(workspace, MOODS, "shadow")
    given = [(MOODS[0].version, mood("sad"), mood("happy" if n % 3 else "sad"), "sad") for n in range(40)]
    record(workspace, trial, given)
    result = found(workspace)
    assert result.chance < 0.01 and "its answers are worse than the champion's" in result.worse
    assert stop_if_worse(result, workspace, by="watch")
    registry = workspace.registry("tiny")
    event = registry.history()[-1]
    assert registry.trial() is None and (event.kind, event.by, event.reason) == ("stop", "watch", result.worse)
    assert stop_if_worse(result, workspace, by="another watch")


def test_one_bad_row_that_is_sent_again_and_again_does_not_end_a_shadow(workspace: Workspace) -> None:
    trial = begun(workspace, MOODS, "shadow")
    record(workspace, trial, [(MOODS[0].version, mood("sad"), mood("happy"), "sad")] * 200, again=True)
    result = found(workspace)
    assert (result.answered, result.labelled, result.candidate, result.worse) == (200, 1, {}, "")
    usual = [(MOODS[0].version, mood("sad" if n % 4 else "happy"), mood("sad"), "sad") for n in range(40)]
    record(workspace, trial, usual, before=-300)
    result = found(workspace)
    assert result.labelled == 41 and result.decision is not None and result.decision.verdict == "better"
    assert result.worse == "" and not stop_if_worse(result, workspace, by="watch")


def test_a_shadow_that_is_worse_on_many_rows_goes_whatever_is_sent_again(workspace: Workspace) -> None:
    trial = begun(workspace, NUMBERS, "shadow")
    record(workspace, trial, [(NUMBERS[0].version, {"value": 9.0}, {"value": 1.0}, 1.0)] * 200, again=True)
    worse = [(NUMBERS[0].version, {"value": 50.0}, {"value": 51.0 + n % 3}, 50.0) for n in range(40)]
    record(workspace, trial, worse, before=-300)
    assert "its answers are worse than the champion's" in found(workspace).worse


def test_what_the_shadow_said_beside_another_champion_or_before_does_not_count(workspace: Workspace) -> None:
    trial = begun(workspace, NUMBERS, "shadow")
    record(workspace, trial, [(NUMBERS[0].version, {"value": 1.0}, {"value": 2.0}, None)] * 3, before=100)
    record(workspace, trial, [("c0ffee123456", {"value": 1.0}, {"value": 2.0}, None)] * 3)
    assert found(workspace).answered == 0


@pytest.mark.parametrize("mode", ["shadow", "canary"])
def test_what_only_the_champion_could_answer_a_few_times_has_to_go(workspace: Workspace, mode: TrialMode) -> None:
    trial = begun(workspace, NUMBERS, mode)
    given = [(NUMBERS[0].version, {"value": 1.0}, "failed", None)] * FAILURES
    record(workspace, trial, given[:-1])
    assert (found(workspace).failed, found(workspace).worse) == (FAILURES - 1, "")
    record(workspace, trial, given, before=-50)
    assert "where the champion answered" in found(workspace).worse


def canary(rows: int, wrong: float, wrong_old: float, seed: int = 1) -> list[tuple[str, Any, Any, Any]]:
    """Every fifth answer is the canary's; either version is wrong so often."""
    chance = np.random.default_rng(seed)
    given: list[tuple[str, Any, Any, Any]] = []
    for number in range(rows):
        ours = number % 5 == 4
        name = "sad" if chance.random() < (wrong if ours else wrong_old) else "happy"
        given.append((MOODS[1 if ours else 0].version, mood(name), None, "happy"))
    return given


def test_a_canary_is_scored_beside_the_champion_on_callers_of_their_own(workspace: Workspace) -> None:
    trial = begun(workspace, MOODS, "canary", 0.2)
    record(workspace, trial, canary(400, 0.1, 0.1))
    result = found(workspace)
    assert (result.answered, result.labelled, result.decision) == (80, 80, None)
    assert {*result.candidate} == {*result.theirs} and result.times_slower == 1.0
    assert result.chance > 0.01 and result.worse == ""


def test_a_canary_that_is_worse_has_to_go(workspace: Workspace) -> None:
    trial = begun(workspace, MOODS, "canary", 0.2)
    record(workspace, trial, canary(400, 0.6, 0.1))
    assert "its answers are worse" in found(workspace).worse


def test_one_bad_row_that_is_sent_again_and_again_does_not_end_a_canary(workspace: Workspace) -> None:
    trial = begun(workspace, MOODS, "canary", 0.2)
    record(workspace, trial, canary(200, 0.0, 0.1))
    bad = [(MOODS[n % 2].version, mood("sad" if n % 2 else "happy"), None, "happy") for n in range(400)]
    record(workspace, trial, bad, before=-300, again=True)
    result = found(workspace)
    assert (result.answered, result.labelled, result.worse) == (240, 41, "")


def test_a_canary_is_not_blamed_for_a_bad_hour_that_both_have(workspace: Workspace) -> None:
    """The champion's many early answers are not held against the canary's few late ones."""
    trial = begun(workspace, MOODS, "canary", 0.2)
    record(workspace, trial, [*canary(200, 0.0, 0.0), *canary(400, 0.7, 0.7, seed=2)])
    result = found(workspace)
    assert result.candidate and result.worse == ""


def test_the_command_begins_shows_and_ends_a_trial(workspace: Workspace, omloop: Say, omloop_json: SayJson) -> None:
    registry = crowned(workspace)
    assert omloop_json("trial", "tiny") is None
    assert "Nothing of 'tiny' is being tried. Try a version with" in omloop("trial", "tiny")[1]
    version = NUMBERS[1].version
    begun = omloop_json("trial", "tiny", version[:6], "--shadow", "0.5", "--reason", "to see")
    assert (begun["version"], begun["mode"], begun["share"]) == (version, "shadow", 0.5)
    assert registry.history()[-1].reason == "to see"
    trial = registry.trial()
    assert trial is not None
    given = [(NUMBERS[0].version, {"value": 50.0 + n % 7}, {"value": 50.0 + n % 5}, 50.0) for n in range(30)]
    record(workspace, trial, given)
    shown = omloop_json("trial", "tiny")
    assert (shown["answered"], shown["failed"], shown["labelled"], shown["worse"]) == (30, 0, 30, "")
    assert shown["decision"]["reason"].startswith("rmse") and "rmse" in shown["champion_metrics"]
    out = omloop("trial", "tiny")[1]
    for word in (version, "shadow", "answers  30", "differs  by", "1.50 times as long", "gate     rmse", "verdict"):
        assert word in out
    assert omloop("trial", "tiny", "--stop", "--reason", "seen enough")[0] == 0
    assert registry.trial() is None and registry.history()[-1].reason == "seen enough"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Say which version"),
        (("--shadow", "0.5"), "Say which version"),
        (("2.0", "--canary", "0.1"), "Give at least 4"),
        (("--stop",), "there is no trial to end"),
        (("VERSION", "--canary", "0.1", "--force"), "--force needs a reason"),
        (("VERSION", "--canary", "7"), "A trial's share is 7"),
        (("VERSION", "--canary", "0.1", "--shadow", "0.1"), "not allowed with"),
    ],
)
def test_what_cannot_be_done_is_said(workspace: Workspace, omloop: Say, words: tuple[str, ...], told: str) -> None:
    crowned(workspace)
    version = NUMBERS[1].version
    words = tuple(version if word == "VERSION" else word for word in words) or (version,)
    code, _, err = omloop("trial", "tiny", *words)
    assert code in (1, 2) and told in err


def test_a_canary_that_the_gate_called_worse_needs_force_and_a_reason(workspace: Workspace, omloop: Say) -> None:
    registry, version = crowned(workspace), NUMBERS[1].version
    registry.decide(version, Decision("worse", "rmse rose"), against=registry.champion(), by="ada")
    code, _, err = omloop("trial", "tiny", version, "--canary", "0.1")
    assert code == 1 and "The gate said worse: rmse rose" in err
    assert omloop("trial", "tiny", version, "--canary", "0.1", "--force", "--reason", "it is urgent")[0] == 0
    assert omloop("trial", "tiny", "--stop")[0] == 0
    assert omloop("trial", "tiny", version, "--shadow", "1")[0] == 0


def crowned(workspace: Workspace) -> Registry:
    registry = workspace.registry("tiny")
    first, _ = (registry.add(bundle, by="ada") for bundle in NUMBERS)
    registry.promote(first, expected=None, by="ada", reason="first")
    return registry


@pytest.fixture
def served(workspace: Workspace) -> Iterator[tuple[Front, Client, Registry]]:
    """A real server over a real registry and a real log, that looks for news every 20 ms."""
    registry = crowned(workspace)
    with contextlib.closing(workspace.predictions("tiny")) as log:
        app = create_app(Champion(registry, threads=1), log, new_id=new_id, options=ServerOptions(poll_s=0.02))
        with running(app) as address:
            yield app, Client(address), registry


def until(happened: Callable[[], Any]) -> None:
    ends = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.01)


def ask(client: Client) -> dict[str, Any]:
    status, answer = client.post("/v1/predict", {"rows": [{"hours": 1, "age": 20, "sex": "m"}]})
    assert status == 200
    return dict(answer)


def test_a_running_server_takes_part_in_a_trial_until_the_version_is_promoted(
    workspace: Workspace, served: tuple[Front, Client, Registry]
) -> None:
    app, client, registry = served
    version = NUMBERS[1].version
    registry.begin_trial(version, "shadow", share=1.0, by="ada")
    until(lambda: app.champion.trials.candidate)
    ids = {ask(client)["predictions"][0]["id"] for _ in range(20)}
    until(lambda: found(workspace).answered == 20)
    result = found(workspace)
    assert (result.difference, result.failed) == (44.0, 0)
    log = workspace.predictions("tiny")
    assert {*log.shadowed(version).shadows} == ids and log.window(version=version).predictions == ()
    log.close()
    registry.promote(version, expected=NUMBERS[0].version, by="ada", reason="it agrees")
    until(lambda: app.champion.trials.candidate is None and ask(client)["version"] == version)


def test_a_server_ends_the_trial_of_a_canary_that_fails(served: tuple[Front, Client, Registry]) -> None:
    app, client, registry = served

    class Raises:
        def run(self, examples: object) -> None:
            raise RuntimeError("broken")

    registry.begin_trial(NUMBERS[1].version, "canary", share=1.0, by="ada")
    until(lambda: app.champion.trials.candidate)
    trials = app.champion.trials
    assert trials.candidate is not None
    broken: Any = Raises()
    trials.candidate = replace(trials.candidate, serving=replace(trials.candidate.serving, session=broken))
    assert {ask(client)["version"] for _ in range(6)} == {NUMBERS[0].version}
    until(lambda: registry.trial() is None)
    event = registry.history()[-1]
    assert (event.kind, event.by) == ("stop", "serve") and "failed 3 times" in event.reason
