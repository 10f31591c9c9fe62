"""Labels count once a row, and only as far as they come for all answers alike."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import msgspec
import numpy as np

from omloop.bundle import Baseline, Bundle
from omloop.core import Label, Prediction, Project, Window
from omloop.loop import Workspace
from omloop.loop.project.scoring import metrics_in
from omloop.loop.version.copies import distinct
from omloop.loop.watch.evidence import rise_of
from omloop.loop.watch.policy import Policy
from omloop.loop.watch.proving import probation
from omloop.loop.watch.snapshot import snapshot
from omloop.loop.watch.verdict import make_verdict
from omloop.loop.watch.watch import watch_once
from omloop.monitor import new_id
from omloop.report import ErrorEvidence

GoLive = Callable[..., None]


def champion(workspace: Workspace, name: str) -> Bundle:
    registry = workspace.registry(name)
    return registry.load(registry.champion() or "")


def windows(workspace: Workspace, name: str) -> tuple[Window, Window]:
    """The labelled predictions, and all."""
    with closing(workspace.predictions(name)) as log:
        return log.window(labelled=True), log.window()


def again(prediction: Prediction) -> Prediction:
    return replace(prediction, id=new_id())


def send_again(workspace: Workspace, name: str, times: int) -> None:
    """Log every labelled prediction so many times more, with the same label."""
    labelled, _ = windows(workspace, name)
    with closing(workspace.predictions(name)) as log:
        for _ in range(times):
            copies = {again(prediction).id: prediction for prediction in labelled.predictions}
            log.record([replace(prediction, id=id_) for id_, prediction in copies.items()])
            log.feedback([Label(id_, labelled.labels[p.id], p.time + 1) for id_, p in copies.items()])


def test_rows_that_are_sent_again_and_again_change_nothing(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    """Thirty hard rows of another population, thirty times each: no loss, and nothing to learn from."""
    go_live(turned, 30, drift=1.0, seed=5)
    once = rise_of(champion(turned, student.name), windows(turned, student.name)[0])
    send_again(turned, student.name, 29)
    found = watch_once(student.name, turned, Policy(shadow=0, pause_minutes=0.0))
    assert found.seen.rise == once and found.seen.labelled == 900
    assert found.seen.labelled_ever == 30 and not found.seen.hurt
    assert not any(event.kind == "retrain" for event in found.events)


def test_rows_that_are_sent_again_make_no_figure_surer_and_end_no_probation(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    def hurt() -> ErrorEvidence:
        labelled, window = windows(turned, student.name)
        bundle = champion(turned, student.name)
        metrics = metrics_in(bundle, turned.settings)
        return make_verdict(student.name, bundle, window, None, ever=labelled, metrics=metrics, now=1.8e9).hurt

    go_live(turned, 30, drift=1.0, seed=5)
    once = hurt()
    send_again(turned, student.name, 19)
    again, seen = hurt(), watch_once(student.name, turned, Policy()).seen
    assert (again.live, again.labelled, again.scores) == (once.live, 30, once.scores)
    assert again.estimated == once.estimated == seen.estimate
    assert {**seen.live} == {name: live for name, _, live in once.scores}
    promoted = next(event for event in turned.registry(student.name).history() if event.kind == "promote")
    assert probation(snapshot(student.name, turned), turned, promoted, Policy()).reason == "30 of 100 labelled answers"


def test_where_rows_repeat_by_themselves_each_counts(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 30, drift=0.0, seed=5)
    send_again(turned, student.name, 3)
    bundle, (labelled, _) = champion(turned, student.name), windows(turned, student.name)
    sample = {"columns": {"grade": [1.0, 2.0] * 100}, "glimpses": []}
    few = Bundle.seal(replace(bundle.manifest, files={}), {**bundle.files, "sample.json": msgspec.json.encode(sample)})
    assert distinct(bundle, labelled.predictions) == 30 and distinct(few, labelled.predictions) == 120
    rise = rise_of(few, labelled)
    assert rise is not None and rise.labels == 120


def test_labels_of_the_largest_answers_alone_do_not_count_and_that_is_said(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    go_live(turned, 600, drift=0.0, seed=5, labelled=False)
    bundle, (_, answered) = champion(turned, student.name), windows(turned, student.name)
    values = np.array([prediction.output["value"] for prediction in answered.predictions])
    with closing(turned.predictions(student.name)) as log:
        large = [p.id for p, value in zip(answered.predictions, values, strict=True) if value > np.median(values)]
        log.feedback([Label(id_, 100.0, answered.predictions[-1].time) for id_ in large])
    labelled, answered = windows(turned, student.name)
    rise = rise_of(bundle, labelled, answered)
    assert rise is not None and not rise.rings and rise.labels < 20
    assert rise.problem.startswith("labels came for 100% of answers with a hint of")
    assert "none counts until it is known whether the others follow" in rise.problem


def test_a_bundle_without_strata_takes_labels_as_they_come(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    go_live(turned, 100, drift=0.0, seed=5)
    bundle, (labelled, answered) = champion(turned, student.name), windows(turned, student.name)
    baseline = msgspec.json.decode(bundle.files["baseline.json"])
    assert msgspec.convert(baseline, Baseline).strata
    del baseline["strata"]
    files = {**bundle.files, "baseline.json": msgspec.json.encode(baseline)}
    rise = rise_of(Bundle.seal(replace(bundle.manifest, files={}), files), labelled, answered)
    assert rise is not None and rise.labels == 100 and not rise.problem
