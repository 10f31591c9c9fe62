"""A comparison is held on rows that neither side learned from: proven by the rows themselves, not by their keys."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from omloop.bundle import TRAINING_KEYS, Bundle
from omloop.core import Columns, DataError, Dataset, Project
from omloop.data import features_of
from omloop.loop import Workspace
from omloop.loop.project.configure import Configuration, configure
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import Records, gather, split, without_learned
from omloop.loop.records.unseen import learned_by
from omloop.loop.rehearsal.backtest import backtest
from omloop.loop.turn.gate import Opponent, find_opponent
from omloop.loop.turn.turn import turn
from omloop.loop.version.optimise import optimise_version
from omloop.loop.version.rescore import judge_version, remade
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.proving import probation
from omloop.loop.watch.snapshot import snapshot

SMALL = ["data.rows=600", "model=linear"]
FEW = "data.features=[last_exam_score,assignment_scores_avg]"
GoLive = Callable[..., None]


@dataclass(frozen=True)
class Met:
    """A candidate's records, its parts, and the champion that it meets on them."""

    records: Records
    dataset: Dataset
    opponent: Opponent

    @property
    def compared(self) -> list[int]:
        """Positions of the records that both are compared on."""
        assert self.opponent.rows is not None
        return [self.dataset.test.rows[row] for row in self.opponent.rows]


def meet(project: Project, workspace: Workspace, words: Sequence[str]) -> Met:
    config = configure(project, words)
    kind = features_of(project, config.data.features)
    records = gather(Plan(project, kind, config, workspace))
    dataset = split(Plan(project, kind, config, workspace), records)
    return Met(records, dataset, find_opponent(Plan(project, kind, config, workspace), records, dataset))


def learned(dataset: Dataset) -> set[int]:
    return {*dataset.train.rows, *dataset.validation.rows}


def crowned(project: Project, workspace: Workspace, words: Sequence[str]) -> str:
    """The version of a turn, champion now whatever the gate said."""
    turned = turn(Plan.of(project, words, workspace))
    if not turned.promoted:
        workspace.registry(project.name).promote(turned.version, expected=turned.champion, by="test", reason="a test")
    return turned.version


@pytest.mark.parametrize("words", [["seed=3"], [FEW], [FEW, "seed=3"], ["data.features=[age]"]])
def test_no_seed_and_no_choice_of_columns_deals_a_row_anew(
    student: Project, turned: Workspace, words: list[str]
) -> None:
    champion = meet(student, turned, SMALL)
    other = meet(student, turned, [*SMALL, *words])
    assert list(other.dataset.test.rows) == list(champion.dataset.test.rows) == other.compared
    assert other.opponent.told == ""


def test_rows_that_the_champion_learned_from_judge_nobody(student: Project, turned: Workspace) -> None:
    champion = meet(student, turned, SMALL)
    other = meet(student, turned, [*SMALL, "split.seed=5"])
    assert learned(champion.dataset) & set(other.dataset.test.rows)
    assert set(other.compared) == set(other.dataset.test.rows) - learned(champion.dataset)
    gone = len(other.dataset.test) - len(other.compared)
    assert f"{gone} of {len(other.dataset.test)} test rows were left out" in other.opponent.told
    assert "split.seed=42 deals the records as its own were" in other.opponent.told


def test_too_few_rows_that_are_left_are_no_evidence(student: Project, turned: Workspace) -> None:
    """Boosting on other parts would look better or worse by rows that the champion knows by heart."""
    candidate = turn(Plan.of(student, [*SMALL, "split.seed=5"], turned))
    assert candidate.decision.verdict == "not enough evidence" and not candidate.promoted
    assert candidate.beside is not None and candidate.opponent is not None
    assert candidate.beside.rows == candidate.opponent.rows < candidate.report.rows
    assert "test rows were left out: the champion" in candidate.decision.reason


def test_a_version_is_scored_again_on_rows_that_it_did_not_learn_from(student: Project, turned: Workspace) -> None:
    own = meet(student, turned, SMALL)
    again = remade(student, ["split.seed=5"], turned, None)
    assert len(again.dataset.test) and not learned(own.dataset) & set(again.dataset.test.rows)
    judged = judge_version(student, ["split.seed=5"], turned)
    assert judged.report.rows == len(again.dataset.test)
    assert any("test rows were left out" in note for note in judged.notes)


def test_where_a_version_learned_from_all_there_is_nothing_to_score_it_on(student: Project, turned: Workspace) -> None:
    met = meet(student, turned, SMALL)
    with pytest.raises(DataError, match=r"it learned from them\. None is left to judge on"):
        without_learned(student, met.dataset, met.records, np.ones(600, bool), by="it learned from them")


def test_live_rows_are_not_judged_on_after_they_were_learned_from(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    """Whichever columns the next candidate takes, and whichever of them are live again under other ids."""
    go_live(turned, 300, drift=0.5, seed=21)
    live = [*SMALL, "data.live=true"]
    crowned(student, turned, live)
    first = meet(student, turned, live)
    assert sum(row >= 600 for row in learned(first.dataset)) > 200
    go_live(turned, 300, drift=0.5, seed=21)
    go_live(turned, 100, drift=0.5, seed=22)
    for words in (live, [*live, FEW], [*live, "split.seed=9"], [*live, FEW, "split.seed=9"]):
        second = meet(student, turned, words)
        known = {row % 300 for row in learned(first.dataset) if row >= 600}
        again = {row for row in second.compared if 600 <= row < 1200}
        assert not {row % 300 for row in again} & known
        assert not learned(first.dataset) & set(second.compared)
        assert any(row >= 1200 for row in second.compared)


def test_a_live_row_that_the_source_has_too_is_one_record(student: Project, turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 600, drift=0.0, seed=1)  # as the source simulates them
    dataset = meet(student, turned, [*SMALL, "data.live=true"]).dataset
    assert not {row % 600 for row in learned(dataset)} & {row % 600 for row in dataset.test.rows}


def as_an_older_omloop_made_it(bundle: Bundle, *, seed: int) -> Bundle:
    """Without keys and source, and with a configuration whose `seed` dealt the records, too."""
    words = bundle.files["config.yaml"].decode().replace("  seed: 42\n", "").replace("\nseed: 42", f"\nseed: {seed}")
    files = {name: content for name, content in bundle.files.items() if name != TRAINING_KEYS}
    lineage = replace(bundle.manifest.lineage, source=None, seed=seed)
    return Bundle.seal(replace(bundle.manifest, lineage=lineage), {**files, "config.yaml": words.encode()})


@pytest.mark.parametrize("seed", [42, 8])
def test_what_a_version_of_an_older_omloop_learned_from_follows_from_its_seed(
    student: Project, turned: Workspace, seed: int
) -> None:
    registry = turned.registry(student.name)
    old = as_an_older_omloop_made_it(registry.load(registry.champion() or ""), seed=seed)
    now = meet(student, turned, [*SMALL, f"split.seed={seed}"])
    known = learned_by(old, student, now.records)
    assert known is not None and set(known.nonzero()[0].tolist()) == learned(now.dataset)
    registry.promote(registry.add(old, by="test"), expected=registry.champion(), by="test", reason="a test")
    other = meet(student, turned, [*SMALL, "split.seed=3"])
    assert set(other.compared) == set(other.dataset.test.rows) - learned(now.dataset)
    again = remade(student, [], turned, None)
    assert list(again.dataset.test.rows) == list(now.dataset.test.rows), "its own parts are dealt again"


def test_where_it_is_not_known_what_the_champion_learned_from_that_is_said(student: Project, turned: Workspace) -> None:
    registry = turned.registry(student.name)
    old = registry.load(registry.champion() or "")
    bare = Bundle.seal(old.manifest, {n: c for n, c in old.files.items() if n not in (TRAINING_KEYS, "config.yaml")})
    registry.promote(registry.add(bare, by="test"), expected=old.version, by="test", reason="a test")
    found = meet(student, turned, SMALL)
    assert found.compared == list(found.dataset.test.rows)
    assert found.opponent.told == f"what {bare.version} learned from is not known: it may know these rows"


def test_the_share_of_records_that_is_taken_is_the_same_for_every_seed(student: Project, workspace: Workspace) -> None:
    def taken(config: Configuration) -> dict[str, list[object]]:
        columns = gather(Plan(student, student.inputs, config, workspace)).columns
        return {name: list(values) for name, values in columns.items()}

    one, other = (taken(configure(student, [*SMALL, "data.fraction=0.3", f"seed={seed}"])) for seed in (1, 2))
    assert one == other


def test_a_copy_that_is_written_otherwise_is_known_and_an_id_is_advised(
    student: Project, workspace: Workspace, tmp_path: Path
) -> None:
    records = student.simulate(600, 3, 0.0)
    words = ["data=file", "model=linear", f"data.path={tmp_path / 'a.csv'}"]
    a_table(tmp_path / "a.csv", records)
    crowned(student, workspace, words)
    own = meet(student, workspace, words)
    a_table(tmp_path / "a.csv", {**records, "sleep_hours": [f"{float(v):.4f}" for v in records["sleep_hours"]]})
    copy = meet(student, workspace, words)
    assert set(copy.compared) == set(copy.dataset.test.rows) - learned(own.dataset)
    assert "an `id` of the project would keep them where they are" in copy.opponent.told


def test_probation_does_not_judge_by_rows_that_were_learned_from(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    """Callers that send the same rows again and again flatter a version that was retrained on them."""
    go_live(turned, 300, drift=0.5, seed=21)
    crowned(student, turned, [*SMALL, "data.live=true"])
    promoted = turned.registry(student.name).history()[-1]
    go_live(turned, 300, drift=0.5, seed=21)
    found = probation(snapshot(student.name, turned), turned, promoted, Policy())
    assert found.verdict == "wait" and "rows that neither version learned from" in found.reason
    go_live(turned, 200, drift=0.5, seed=22)
    assert "on 2" in probation(snapshot(student.name, turned), turned, promoted, Policy()).reason


def test_a_backtest_scores_no_row_that_a_version_in_it_had_learned_from(
    student: Project, turned: Workspace, go_live: GoLive
) -> None:
    go_live(turned, 600, drift=0.0, seed=1)  # the rows of the champion's own source
    go_live(turned, 250, drift=0.0, seed=4)
    known = learned(meet(student, turned, SMALL).dataset)
    found = backtest(student.name, turned, {"tell": TELL})
    assert (found.labelled, found.left_out) == (850, len(known))
    assert sum(step.labelled for step in found.replays[0].steps) == 850 - len(known)


def test_an_optimised_version_knows_what_the_model_that_it_was_made_of_learned(
    student: Project, turned: Workspace
) -> None:
    registry = turned.registry(student.name)
    old = registry.load(registry.champion() or "")
    made = optimise_version(student, ["optimise.variants=[fused]", "split.seed=4", "promote=ask"], turned)
    assert registry.load(made.version).files[TRAINING_KEYS] == old.files[TRAINING_KEYS]
    assert registry.manifest(made.version).lineage.source == old.manifest.lineage.source


def a_table(path: Path, records: Columns) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([list(records), *zip(*records.values(), strict=True)])
