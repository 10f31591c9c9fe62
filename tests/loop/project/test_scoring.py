"""A project's own metrics and a threshold, from the configuration to the watch."""

import json
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import (
    ConfigError,
    Label,
    Prediction,
    Project,
    Settings,
    UnknownNameError,
    higher_is_better,
    lower_is_better,
)
from omloop.loop import Workspace, find_project
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.project.scoring import metrics_by, metrics_in, metrics_of
from omloop.loop.serving.predict import RequestBody, predict
from omloop.loop.turn.gate import Opponent, decide
from omloop.loop.turn.turn import TurnResult, turn
from omloop.loop.version.rescore import judge_version, remade
from omloop.loop.version.stress import stress_version
from omloop.loop.watch.alerting import alerts_of
from omloop.loop.watch.look import look
from omloop.loop.watch.policy import TELL
from omloop.loop.watch.snapshot import snapshot
from omloop.monitor import new_id
from omloop.testing.bundles import tiny_bundle

PROJECT = """
import numpy as np
from dataclasses import dataclass
from omloop import Classes, Column, Model, Project, Table, lower_is_better


@dataclass
class Linear:
    name: str = "linear"


@dataclass
class Usual:
    name: str = "usual"


def fit(estimator):
    from omloop.train import fit_estimator
    return lambda job: fit_estimator(estimator(), job)


def usual():
    from sklearn.dummy import DummyClassifier
    return DummyClassifier()


def linear():
    from sklearn.linear_model import LogisticRegression
    return LogisticRegression()


def simulate(rows, seed, drift):
    random = np.random.default_rng(seed)
    heat, noise = random.normal(size=(2, rows))
    burns = heat + random.normal(0, 0.5, rows) > 1.3
    return {"heat": heat, "noise": noise, "shift": np.where(noise > 0, "day", "night"),
            "state": np.where(burns, "[burns]", "cold")}


@lower_is_better
def cost(truth, shares):
    answered = shares[:, 1] >= 0.1
    return (10 * (truth & ~answered) + (1 - truth) * answered).mean()


project = Project(
    name="oven", summary="Whether it burns.", inputs=Table((Column("heat", "number"), Column("noise", "number"))),
    outputs=Classes("state", ("cold", "[burns]"), threshold=0.1), target="state",
    models={"usual": Model(Usual, fit(usual)), "linear": Model(Linear, fit(linear))}, baseline="usual",
    simulate=simulate, slices=("shift",), ignored={"shift": "reported by"}, metrics={"cost": cost},
)
"""
CONF = """
defaults: [omloop_base, {data: simulated}, {model: linear}, _self_]
data: {rows: 1200}
gate:
  metric: cost
  floors: {"recall[[burns]]": 0.5}
metrics: [brier, "recall[[burns]]"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Workspace, TurnResult]:
    """The project with a champion, after one turn."""
    root = tmp_path_factory.mktemp("oven")
    folder = root / "projects" / "oven"
    (folder / "conf").mkdir(parents=True)
    (folder / "project.py").write_text(PROJECT)
    (folder / "conf" / "config.yaml").write_text(CONF)
    workspace = Workspace(Settings(projects=str(root / "projects"), workspace=str(root / "ws")))
    project = find_project("oven", workspace.settings)
    return project, workspace, turn(Plan.of(project, [], workspace))


Made = tuple[Project, Workspace, TurnResult]


def test_metrics_of_ones_own_are_reported_with_intervals_and_by_slice_and_decide(made: Made) -> None:
    _, _, turned = made
    names = ["cost", "accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc", "pr_auc", "brier"]
    assert list(turned.report.metrics) == [*names, "recall[[burns]]"] and turned.promoted
    cost = turned.report.metrics["cost"]
    assert cost.low < cost.value < cost.high and turned.report.slices["shift"]["day"]["cost"].value > 0
    assert turned.decision.reason.startswith("cost ") and turned.chosen == "linear"


def test_a_run_keeps_the_curves_and_the_card_what_the_model_leans_on(made: Made) -> None:
    _, workspace, turned = made
    run = workspace.root / "runs" / "oven" / turned.run
    kept = {path.stem for path in (run / "plots").glob("*.png")}
    kept.discard("system")  # the machine's curves come with runs of some seconds, as this is on a busy machine
    assert kept == {"confusion", "per_class", "calibration", "roc", "precision_recall", "importance"}
    card = (run / "card.md").read_text()
    assert "What cost loses when a column is shuffled" in card and card.index("| heat |") < card.index("| noise |")


def test_what_is_served_is_decided_by_the_threshold_that_the_bundle_carries(made: Made) -> None:
    _, workspace, turned = made
    bundle = workspace.registry("oven").load(turned.version)
    session = Session.of(bundle)
    examples = session.inputs.parse([{"heat": value, "noise": 0} for value in np.linspace(0, 2, 40).tolist()])
    shares = session.predict(examples)[:, 1]
    rows = json.dumps({"rows": session.inputs.render(examples)}).encode()
    told = predict("oven", workspace, RequestBody(rows))["predictions"]
    assert [one["label"] for one in told] == ["[burns]" if share >= 0.1 else "cold" for share in shares]
    assert ((shares >= 0.1) & (shares < 0.5)).any()


def test_the_best_threshold_is_told_for_a_metric_that_hangs_on_it(made: Made) -> None:
    project, workspace, _ = made
    assert judge_version(project, [], workspace).thresholds is None, "this cost decides by itself"
    found = judge_version(project, ["gate.metric=accuracy"], workspace).thresholds
    assert found is not None and (found.about, found.now, found.metric) == ("[burns]", 0.1, "accuracy")
    assert 0.2 < found.best < 0.8 and found.score > found.score_now


def test_a_version_with_another_threshold_is_compared_by_what_each_answers(made: Made) -> None:
    project, workspace, _ = made
    again = remade(project, ["gate.metric=accuracy"], workspace, None)
    outputs = again.session.predict(again.dataset.test.examples)
    usual = replace(project, outputs=msgspec.structs.replace(project.outputs, threshold=None))  # type: ignore[type-var]
    opponent = Opponent("champion", outputs, output=again.session.outputs)
    decision = decide(replace(again.plan, project=usual), again.dataset, outputs, opponent)
    assert decision.evidence["gain"] > 0 and decision.evidence["candidate"] > decision.evidence["champion"]


def test_a_threshold_by_share_becomes_that_of_the_training_part(made: Made, tmp_path: Path) -> None:
    """The version carries it, so that whoever answers or judges later decides as the turn did."""
    outputs = msgspec.structs.replace(made[0].outputs, threshold="share")  # type: ignore[type-var]
    project = replace(made[0], outputs=outputs)
    workspace = Workspace(replace(made[1].settings, workspace=str(tmp_path)))
    overrides = ["gate.metric=balanced_accuracy", "gate.floors={}"]
    turned = turn(Plan.of(project, overrides, workspace))
    again = remade(project, [], workspace, turned.version)
    share = float((again.dataset.train.targets == 1).mean())
    assert again.bundle.output.thresholds == {"[burns]": pytest.approx(share)} and 0 < share < 0.5
    (told,) = [line for line in again.bundle.files["card.md"].decode().splitlines() if "**Thresholds**" in line]
    assert told.endswith(f" {share:.3g}")
    found = judge_version(project, [], workspace)
    assert found.report.metrics == turned.report.metrics
    assert found.thresholds is not None and found.thresholds.now == pytest.approx(share)


def test_a_watch_shows_metrics_of_ones_own_where_the_project_is_at_hand(made: Made, tmp_path: Path) -> None:
    project, workspace, turned = made
    session = Session.of(workspace.registry("oven").load(turned.version))
    records = project.simulate(60, 5, 0.0)
    examples, now = session.inputs.encode(records), time.time()
    answers, given = session.outputs.answer(session.predict(examples)), session.inputs.record(examples)
    logged = [Prediction(new_id(), now, turned.version, row, one, 1.0) for row, one in zip(given, answers, strict=True)]
    with closing(workspace.predictions("oven")) as log:
        log.record(logged)
        log.feedback([Label(one.id, str(state), now) for one, state in zip(logged, records["state"], strict=True)])
    seen = look(snapshot("oven", workspace), workspace, TELL, tell=lambda text: None)
    assert seen.main == "cost" and not seen.higher_is_better and {"cost", "brier"} <= seen.live.keys()
    away = Workspace(replace(workspace.settings, projects=str(tmp_path)))
    seen = look(snapshot("oven", away), away, TELL, tell=lambda text: None)
    assert seen.main == "accuracy" and "cost" not in seen.live and "recall[[burns]]" in seen.live


def test_an_alert_and_a_stress_test_may_be_about_them(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project, workspace, _ = made
    monkeypatch.chdir(tmp_path)
    Path("alerts.yaml").write_text(
        'rules:\n  dear: {metric: live.cost, above: 1}\n  blind: {metric: "live.brier", above: 1}\n'
    )
    assert [rule.metric for rule in alerts_of("oven", workspace).rules] == ["live.cost", "live.brier"]
    assert stress_version(project, [], workspace).metric == "cost"


def test_a_bundle_that_is_older_is_scored_by_what_it_was_tested_by(made: Made) -> None:
    _, workspace, turned = made
    bundle = workspace.registry("oven").load(turned.version)
    variants = {
        name: replace(one, metrics={"accuracy": one.metrics["accuracy"]})
        for name, one in bundle.manifest.variants.items()
    }
    older = replace(bundle, manifest=replace(bundle.manifest, variants=variants))
    assert [one.name for one in metrics_in(older, workspace.settings)] == ["accuracy"]


def _of_both(truth: Any, shares: Any) -> float:
    if len(set(truth.tolist())) < 2:
        raise ValueError("only one class")
    return 1.0


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (lambda truth, shares: 1 / 0, r"'cost' failed on 1\d\d rows: ZeroDivisionError"),
        (lambda truth, shares: shares, r"'cost' gave an array of shape \(1\d\d, 2\)"),
        (lambda truth, shares: float("nan"), "'cost' is not defined on the validation rows"),
        (_of_both, r"'cost' failed on 1 row: ValueError: only one class. .* return float\('nan'\)"),
    ],
)
def test_a_metric_that_fails_is_named_before_anything_is_trained(
    made: Made, tmp_path: Path, score: Any, told: str
) -> None:
    project, workspace, _ = made
    said: list[str] = []
    empty = replace(workspace, settings=replace(workspace.settings, workspace=str(tmp_path)))
    broken = replace(project, metrics={"cost": lower_is_better(score)})
    with pytest.raises(ConfigError, match=told):
        turn(Plan.of(broken, [], empty, tell=said.append))
    assert not any("train" in line for line in said)


def test_a_metric_says_which_way_is_better_and_has_a_name_of_its_own(made: Made) -> None:
    project, _, _ = made
    with pytest.raises(
        ConfigError, match=r"'profit' of 'oven' does not say which way is better. Write lower_is_better\(_of_both\)"
    ):
        replace(project, metrics={"profit": _of_both})  # type: ignore[dict-item]
    with pytest.raises(ConfigError, match="is 3, no function"):
        replace(project, metrics={"profit": 3})  # type: ignore[dict-item]
    taken = replace(project, metrics={"accuracy": higher_is_better(_of_both)})
    with pytest.raises(ConfigError, match="has a metric called 'accuracy', as a built-in one is"):
        metrics_of(taken, configure(project, ["gate.metric=brier"]))


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("gate.metric=csot", "gate.metric=csot is no metric of what is answered.*Did you mean 'cost'"),
        ("metrics=[rmse]", "metrics=rmse is no metric of what is answered"),
        ("+gate.floors.acuracy=0.9", "gate.floors=acuracy.*Did you mean 'accuracy'"),
        ('metrics=["recall[burns]"]', r"No class is called 'burns'. Did you mean '\[burns\]'"),
    ],
)
def test_a_name_that_is_no_metric_is_told_when_the_configuration_is_read(made: Made, word: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as raised:
        configure(made[0], [word])
    assert isinstance(raised.value.__cause__, UnknownNameError)
    assert raised.value.place is None  # an override says so, no file


def test_the_main_metric_is_known_without_a_library_for_yaml(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def absent(*_: object, **__: object) -> None:
        raise ImportError("No module named 'yaml'")

    monkeypatch.setattr(msgspec.yaml, "decode", absent)
    manifest = tiny_bundle().manifest
    for config, main in (
        (b"seed: 1\ngate:\n  by: 0.0\n  metric: r2\nmodel: {}\n", "r2"),
        (b"model:\n  metric: r2\n", "rmse"),
    ):
        assert metrics_by(manifest, config, settings)[0].name == main
