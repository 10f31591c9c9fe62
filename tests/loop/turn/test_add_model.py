"""A model that was trained elsewhere goes from export to the gate, without a project."""

from pathlib import Path

import numpy as np
import polars
import pytest
import torch
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import omloop
from omloop.loop import Workspace

CHANCE = np.random.default_rng(0)
HOURS = CHANCE.gamma(2, 2, 200).round(1)
PASSED = np.where(HOURS + CHANCE.normal(size=200) > 4, "pass", "fail")
FRAME = polars.DataFrame({"hours": HOURS, "sex": CHANCE.choice(["f", "m"], 200)})
WORDS = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["sex"]), remainder="passthrough")


@pytest.fixture
def ws(workspace: Workspace, tmp_path: Path) -> omloop.Workspace:
    return omloop.Workspace(workspace.root, projects=tmp_path)


def test_a_model_is_added_judged_served_and_beaten_without_a_project(ws: omloop.Workspace) -> None:
    poor = make_pipeline(WORDS, DummyClassifier(strategy="prior")).fit(FRAME[:100], PASSED[:100])
    good = make_pipeline(WORDS, LogisticRegression()).fit(FRAME[:100], PASSED[:100])
    first = ws.add_model("students", good, FRAME[100:], PASSED[100:], tags={"for": "paper"})
    assert first.promoted and first.decision.verdict == "better" and first.parity.verified
    second = ws.add_model("students", poor, FRAME[100:], PASSED[100:])
    assert second.decision.verdict == "worse" and second.before == second.champion == first.version
    assert len(ws.predict("students", FRAME[100:103], record=True)) == 3
    assert ws.replay("students", newest=3).count("equal") == 3
    assert ws.watch("students").action.startswith("collecting")
    run = ws.runs("students")[-1]
    assert (run.status, run.kind, run.version, run.metric) == ("finished", "add", first.version, "roc_auc")
    files = {*ws.places.tracker().files("students", run.name)}
    assert {"packages.txt", "card.md", "mistakes.html", "samples.html", "plots/importance.png"} <= files
    with pytest.raises(omloop.UnknownNameError, match="'students' has versions, which can be served, watched"):
        ws.turn("students")


@pytest.mark.slow
def test_a_network_is_added_and_waits_for_a_person(ws: omloop.Workspace) -> None:
    rows, truth = FRAME[["hours"]].to_numpy(), (PASSED == "pass").astype(int)
    network = torch.nn.Linear(1, 1)
    with torch.no_grad():
        network.weight.fill_(1.0)
        network.bias.fill_(-4.0)
    added = ws.add_model("students", network, rows, truth, outputs=("fail", "pass"), names=["hours"], promote="ask")
    assert added.decision.verdict == "better" and added.champion is None
    ws.promote("students", added.version)
    assert ws.predict("students", [{"hours": 9.0}])[0]["label"] == "pass"


def test_what_cannot_be_packaged_is_a_failed_run_and_no_version(ws: omloop.Workspace) -> None:
    from sklearn.preprocessing import FunctionTransformer

    rows = FRAME[["hours"]].to_numpy()
    model = make_pipeline(FunctionTransformer(lambda given: given * 2), LogisticRegression()).fit(rows, PASSED)
    with pytest.raises(omloop.OmloopError, match="is Python, which ONNX cannot run"):
        ws.add_model("students", model, rows, PASSED)
    assert [run.status for run in ws.runs("students")] == ["failed"]
    assert ws.places.registry("students").versions() == ()


def test_a_name_that_no_folder_can_have_is_refused(ws: omloop.Workspace) -> None:
    with pytest.raises(omloop.OmloopError, match="Give a name, such as 'b'"):
        ws.add_model("a/b", None, [], [])
