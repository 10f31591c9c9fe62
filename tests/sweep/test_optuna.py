"""Studies that are asked and told, and gone on with by whoever comes next."""

from collections.abc import Callable
from pathlib import Path

import pytest

from omloop.core import ConfigError, StoreError
from omloop.sweep import SearchRules, SweepTrial, best_of, read_space
from omloop.sweep.optuna import OptunaStudy

SPACE = read_space(["lr=log:1e-4,1", "width=8,16,32", "seed=3"])


RANDOM = SearchRules("random")


def open_study(path: Path | str, rules: SearchRules = RANDOM, words: str = "") -> OptunaStudy:
    return OptunaStudy.open(str(path), "a/b", read_space(words.split()) if words else SPACE, rules, {"metric": "r2"})


def run(
    study: OptunaStudy, count: int, score: Callable[[SweepTrial], float] = lambda trial: 1.0
) -> list[dict[str, str]]:
    found = []
    for _ in range(count):
        proposal = study.ask()
        found.append(dict(proposal.words))
        study.tell(proposal, score(study.trials()[proposal.number]))
    return found


def gone(noted: object) -> bool:
    return True


@pytest.mark.parametrize("method", ["random", "tpe", "grid"])
def test_a_study_that_is_opened_again_goes_on_as_one_that_never_ended(tmp_path: Path, method: str) -> None:
    words = "width=8,16,32 depth=int:1,3" if method == "grid" else ""
    rules = SearchRules(method)
    whole = run(open_study(tmp_path / "whole", rules, words), 9)
    parts = [one for _ in range(3) for one in run(open_study(tmp_path / "parts", rules, words), 3)]
    assert parts == whole and len({str(one) for one in whole}) == 9


def test_tpe_finds_what_is_better(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study", SearchRules("tpe", higher_is_better=False))
    run(study, 30, lambda trial: abs(float(trial.words["lr"]) - 0.1) + int(trial.words["width"]))
    best = best_of(study.trials(), higher_is_better=False)
    assert best is not None and best.words["width"] == "8" and abs(float(best.words["lr"]) - 0.1) < 0.05
    assert next(iter(study.importance())) == "width"


def test_a_trial_that_is_worse_than_others_at_its_step_is_pruned(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study")
    for number in range(8):
        proposal = study.ask()
        steps = [proposal.report(step, 0.9 - 0.5 * (number == 7)) for step in range(6)]
        study.tell(proposal, None if proposal.pruned else 0.9)
    assert steps[:3] == [True] * 3 and steps[-1] is False
    assert [trial.state for trial in study.trials()] == ["done"] * 7 + ["pruned"]


def test_what_a_killed_process_left_is_tried_again_and_not_for_ever(tmp_path: Path) -> None:
    first = open_study(tmp_path / "study").ask()
    for attempt in (2, 3):
        study = open_study(tmp_path / "study")
        study.release(gone)
        again = study.ask()
        assert (again.words, again.attempt, again.origin) == (first.words, attempt, first.number)
    study.release(gone)
    assert [trial.state for trial in study.trials()] == ["killed", "killed", "failed"]
    assert "killed each of the 3 times" in study.trials()[-1].reason and study.ask().words != first.words


def test_an_interrupted_trial_waits_without_a_word_against_it(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study")
    first = study.ask()
    study.put_back(first)
    again = study.ask()
    assert (again.words, again.attempt) == (first.words, 1)


def test_another_space_under_the_same_name_is_refused(tmp_path: Path) -> None:
    open_study(tmp_path / "study")
    with pytest.raises(ConfigError, match=r"begun with another parameters.*--name"):
        open_study(tmp_path / "study", words="lr=log:1e-3,1")


def test_a_line_that_a_kill_cut_is_taken_off_and_other_damage_named(tmp_path: Path) -> None:
    path = tmp_path / "study"
    run(open_study(path), 2)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert len(open_study(path).trials()) == 2
    going_on = open_study(path)
    path.write_bytes(path.read_bytes() + b'{"op_code":')  # another writer is killed while this one is at it
    run(going_on, 1)
    assert len(open_study(path).trials()) == 3
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"\x00garbage\n", *lines[1:]]))
    with pytest.raises(StoreError, match=r"damaged in line 2.*move the file away"):
        open_study(path)


def test_a_database_keeps_a_study_too_and_its_password_is_told_to_nobody(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'study.db'}"
    run(open_study(address), 2)
    assert [trial.state for trial in open_study(address).trials()] == ["done"] * 2
    with pytest.raises(StoreError, match="cannot be used") as refused:
        open_study("postgresql://omloop:hunter2@127.0.0.1:1/omloop")
    assert "hunter2" not in str(refused.value)


def test_a_grid_ends_and_takes_no_range_without_steps(tmp_path: Path) -> None:
    assert open_study(tmp_path / "study", SearchRules("grid"), "width=8,16 share=uniform:0,1,0.25").most == 10
    with pytest.raises(ConfigError, match=r"single values of lr"):
        open_study(tmp_path / "other", SearchRules("grid"))
