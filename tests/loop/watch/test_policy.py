"""A policy is a few lines that are understood, or refused with what would work."""

from pathlib import Path

import pytest
from msgspec.structs import asdict

from omloop.core import ConfigError, Project
from omloop.loop.watch.policy import TELL, Policy, policy_of, read_policy


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_not_said_is_the_default(tmp_path: Path) -> None:
    found = read_policy(written(tmp_path, "loss: tell\nleast_labels: 50\n"))
    assert (found.loss, found.least_labels, found.drift, found.promote) == ("tell", 50, "tell", "auto")
    assert read_policy(written(tmp_path, "")) == Policy()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("promote: ask\nlos: retrain", "line 2: there is no key 'los' in a policy. Did you mean 'loss'?"),
        ("loss: perhaps", "line 1: 'loss' must be retrain or tell, but it is 'perhaps'"),
        ("broken: retrain", "line 1: .* tell, since what is broken is never learned from, but it is 'retrain'"),
        ("least_labels: 3", "'least_labels' must be a whole number, at least 20, but it is 3"),
        ("promote: ask\n\nfalse_alarms: 1.5", "line 3: 'false_alarms' must be a number, above 0 and below 0.5"),
        ("promote: ask\npromote: auto", "line 2: there are two 'promote' in the file; the other is in line 1"),
        ("least_labels: [1, many]", r"must be a whole number, at least 20, but it is \[1, 'many'\]"),
        ("false_alarms: 0", "above 0 and below 0.5, but it is 0"),
        ("- loss", "must be lines such as 'loss: retrain'"),
        ("loss: [", "is no YAML"),
        (
            "loss: tell\ndrift: retrain",
            "line 2: .*retrains for drift that does not hurt but not for a loss",
        ),
        ("shadow_minutes: 0", "leaves no time for 'shadow'"),
        ("probation_hours: 0", "leaves no time for 'probation'"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_with_the_file_and_the_reason(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told) as refused:
        read_policy(written(tmp_path, text))
    assert str(tmp_path / "policy.yaml") in str(refused.value)


def test_a_policy_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read|no UTF-8 text"):
        read_policy(tmp_path / "none.yaml")
    (tmp_path / "policy.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read|no UTF-8 text"):
        read_policy(tmp_path / "policy.yaml")


def test_a_project_may_bring_its_own(student: Project, tmp_path: Path) -> None:
    from dataclasses import replace

    assert policy_of(replace(student, folder=tmp_path)) == Policy()
    written(tmp_path, "promote: ask")
    assert policy_of(replace(student, folder=tmp_path)).promote == "ask"


def test_a_watch_that_only_looks_never_retrains() -> None:
    assert "retrain" not in asdict(TELL).values() and "retrain" in asdict(Policy()).values()
