"""The verdict on real live predictions of a real champion."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.bundle import Bundle
from omloop.core import BundleError, Movement, Project, Window
from omloop.drift import detect
from omloop.loop import Workspace
from omloop.loop.project.scoring import metrics_in
from omloop.loop.watch.evidence import rise_of
from omloop.loop.watch.live import LivePredictions, estimated_error
from omloop.loop.watch.verdict import evidently_of, make_verdict, write_verdict
from omloop.report import Verdict

GoLive = Callable[..., None]


def champion(workspace: Workspace, name: str) -> Bundle:
    registry = workspace.registry(name)
    return registry.load(registry.champion() or "")


def window_of(workspace: Workspace, name: str, *, labelled: bool = False) -> Window:
    log = workspace.predictions(name)
    try:
        return log.window(labelled=labelled)
    finally:
        log.close()


def verdict_of(workspace: Workspace, name: str) -> Verdict:
    bundle, window = champion(workspace, name), window_of(workspace, name)
    drift = detect(bundle.reference, LivePredictions(bundle, window).observed)
    ever = window_of(workspace, name, labelled=True)
    metrics = metrics_in(bundle, workspace.settings)
    return make_verdict(name, bundle, window, drift.columns or None, ever=ever, metrics=metrics, now=1.8e9)


def test_a_turn_packages_what_a_verdict_needs(student: Project, turned: Workspace) -> None:
    bundle = champion(turned, student.name)
    baseline, sample = bundle.baseline, bundle.sample
    assert baseline is not None and baseline.error == "mean absolute error" and 0 < baseline.highest < 1
    mae = bundle.manifest.variants["model.onnx"].metrics["mae"]
    assert baseline.tested.value == pytest.approx(mae.value)
    assert sample is not None and {*sample.columns, "outcome"} == bundle.reference.columns.keys()
    assert len(bundle.files["sample.json"]) < 100_000


def test_the_usual_traffic_is_told_as_usual(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 400, drift=0.0, seed=5)
    verdict = verdict_of(turned, student.name)
    assert verdict.headline == "Nothing moved; the mean absolute error did not rise, by 400 labels."
    assert verdict.hurt.live is not None and verdict.hurt.labelled == 400 and len(verdict.hurt.scores) == 3


def test_a_moved_cohort_is_told_with_its_columns_and_its_loss(
    student: Project, turned: Workspace, go_live: GoLive, tmp_path: Path
) -> None:
    go_live(turned, 200, drift=0.0, seed=5)
    go_live(turned, 600, drift=1.0, seed=6)
    verdict = verdict_of(turned, student.name)
    assert "assignment_scores_avg" in [column.column for column in verdict.moved]
    assert sum(column.share for column in verdict.moved) == pytest.approx(1)
    assert verdict.hurt.since and len(verdict.examples) == 12 and verdict.wrong
    assert all(pair.columns and pair.truth and not pair.live for pair in verdict.examples)
    page = write_verdict(verdict, tmp_path)
    assert page.stat().st_size < 1_000_000 and (tmp_path / "verdict.md").is_file()
    assert json.loads((tmp_path / "verdict.json").read_text())["moved"][0]["column"] == verdict.moved[0].column


def test_without_labels_nothing_is_said_to_hurt(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 300, drift=1.0, seed=5, labelled=False)
    verdict = verdict_of(turned, student.name)
    assert verdict.moved and verdict.hurt.live is None and not verdict.hurt.since
    assert verdict.headline.endswith("whether it hurts is not known yet: no labels came.")
    rise = rise_of(champion(turned, student.name), window_of(turned, student.name, labelled=True))
    assert rise is not None and rise.labels == 0


def test_an_older_bundle_still_gets_a_verdict(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 150, drift=0.0, seed=5)
    bundle, window = champion(turned, student.name), window_of(turned, student.name)
    kept = {name: content for name, content in bundle.files.items() if name not in ("baseline.json", "sample.json")}
    older = Bundle.seal(replace(bundle.manifest, files={}), kept)
    verdict = make_verdict(student.name, older, window, None, ever=window, now=1.8e9)
    assert not verdict.examples and verdict.hurt.tested is None and not verdict.judged
    assert estimated_error(older, window) == (None, "an older omloop packaged the version; package it again")
    with pytest.raises(BundleError, match=r"holds no sample\.json"):
        evidently_of(older, window)


def test_no_prediction_at_all_is_a_verdict_too(student: Project, turned: Workspace) -> None:
    verdict = verdict_of(turned, student.name)
    assert verdict.rows == 0 and not verdict.judged and not verdict.examples


def test_columns_that_moved_only_together_are_told_by_their_shifts(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    go_live(turned, 150, drift=0.0, seed=5)
    bundle, window = champion(turned, student.name), window_of(turned, student.name)
    joint = Movement("embedding", 1e-9, 0.5, True, {"distance": 0.5, "one": 0.1, "two": -0.9})
    (moved,) = make_verdict(student.name, bundle, window, (joint,), ever=window, now=1.8e9).moved
    assert moved.how == "two -0.90 sd, one +0.10 sd" and moved.since == "" and moved.cells == ()
