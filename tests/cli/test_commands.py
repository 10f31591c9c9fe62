"""Every command as a user types it: what it prints, as text and as JSON, and its exit code."""

import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omloop.bundle import Bundle
from omloop.cli.commands import COMMANDS
from omloop.cli.main import main
from omloop.core import Estimate, Project
from omloop.loop import Workspace
from omloop.loop.records.last_look import newest_look
from omloop.testing.bundles import tiny_bundle

NAME = "student_performance"
Say = Callable[..., tuple[int, str, str]]
SayJson = Callable[..., Any]


@pytest.fixture
def rows_csv(student: Project, tmp_path: Path) -> Path:
    """Three rows that the model accepts."""
    records = student.inputs.render(student.inputs.encode(student.simulate(3, 8, 0.0)))
    lines = [",".join(records[0]), *(",".join(str(value) for value in row.values()) for row in records)]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "rows.csv"


def test_threads_sleep_while_they_wait_unless_the_environment_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    main([])
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
    monkeypatch.delenv("OMP_WAIT_POLICY")
    main([])
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


def test_projects_are_listed_with_their_champion(omloop: Say, omloop_json: SayJson, turned: Workspace) -> None:
    (found,) = [p for p in omloop_json("projects") if p["name"] == NAME]
    assert found["champion"] == turned.registry(NAME).champion()
    assert NAME in omloop("projects")[1]


def test_data_describes_what_would_be_learned(omloop: Say, omloop_json: SayJson) -> None:
    found = omloop_json("data", NAME, "data.rows=300")
    assert found["rows"] == 300 and len(found["fingerprint"]) == 64
    assert len(found["columns"]) == 23
    code, out, _ = omloop("data", NAME, "data.rows=300")
    assert code == 0 and "sleep_hours" in out


def test_data_writes_a_report_for_people(omloop: Say, omloop_json: SayJson, tmp_path: Path) -> None:
    code, out, err = omloop("data", NAME, "data.rows=300", "--report", tmp_path / "new" / "report")
    assert code == 0 and "report.html" in out, err
    page, text = ((tmp_path / "new" / "report" / name).read_text() for name in ("report.html", "report.md"))
    fingerprint = omloop_json("data", NAME, "data.rows=300")["fingerprint"]
    for word in (fingerprint, "sleep_hours", "12 training examples"):
        assert word in page
    assert fingerprint in text and "| sleep_hours |" in text
    (kept,) = (tmp_path / "ws" / "pages" / NAME).glob("data-*.html")
    assert kept.read_text() == page


def test_a_report_that_cannot_be_written_is_told_in_one_line(omloop: Say, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    code, _, err = omloop("data", NAME, "data.rows=300", "--report", tmp_path / "taken")
    *progress, told = err.splitlines()
    assert code == 1 and "taken" in told and all(line.startswith("· ") for line in progress)


@pytest.fixture
def twice_csv(student: Project, tmp_path: Path) -> Path:
    """Records of which two have the same inputs and different scores."""
    records = {name: [*values] for name, values in student.simulate(300, 8, 0.0).items()}
    for name, values in records.items():
        values[1] = (values[0] + 9) % 100 if name == student.target else values[0]
    lines = [",".join(records), *(",".join(map(str, row)) for row in zip(*records.values(), strict=True))]
    (tmp_path / "twice.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "twice.csv"


def test_what_is_odd_in_data_is_told(omloop: Say, omloop_json: SayJson, twice_csv: Path) -> None:
    words = ("data", NAME, "data=file", f"data.path={twice_csv}")
    (found,) = [f for f in omloop_json(*words)["findings"] if f["check"] == "conflicting answers"]
    assert (found["severity"], sorted(found["examples"])) == ("warning", [0, 1])
    assert "more than one answer: 1" in omloop(*words)[1]
    assert omloop_json(*words, "data.quality=off")["findings"] == []


def test_odd_data_can_be_refused(omloop: Say, twice_csv: Path) -> None:
    code, _, err = omloop("turn", NAME, "data=file", f"data.path={twice_csv}", "data.quality=refuse", "model=mean")
    assert code == 1 and "more than one answer: 1" in err and "data.quality=warn" in err


def test_a_policy_that_does_not_exist_is_told(omloop: Say) -> None:
    code, _, err = omloop("data", NAME, "data.quality=strict")
    assert code == 1 and "it is warn, refuse, off" in err


def test_a_pipeline_can_stop_at_what_the_gate_said(omloop: Say, turned: Workspace) -> None:
    small = ("turn", NAME, "data.rows=600")
    assert omloop(*small, "model=mean", "--fail-on", "worse")[0] == 3
    assert omloop(*small, "model=mean")[0] == 0
    close = ("model=linear", "model.alpha=1.001")
    assert omloop(*small, *close, "--fail-on", "worse")[0] == 0
    assert omloop(*small, *close, "--fail-on", "unsure")[0] == 3
    worse = turned.registry(NAME).history()[2:]
    version = next(event.version for event in worse if event.kind == "add")
    assert omloop("evaluate", NAME, "--version", version, "--gate", "--fail-on", "worse")[0] == 3
    code, _, err = omloop("evaluate", NAME, "--fail-on", "worse")
    assert code == 1 and "--gate" in err


def test_turn_prints_the_models_the_score_and_the_decision(omloop: Say) -> None:
    code, out, _ = omloop("turn", NAME, "data.rows=400", "model=linear")
    assert code == 0
    for word in ("mean", "linear", "r2", "parity", "gate", "better", "champion now"):
        assert word in out


def test_options_may_stand_anywhere(omloop: Say) -> None:
    code, out, _ = omloop("turn", NAME, "--json", "data.rows=400", "model=linear")
    assert code == 0 and json.loads(out)["promoted"]


def test_train_makes_no_version(omloop_json: SayJson, omloop: Say, workspace: Workspace) -> None:
    found = omloop_json("train", NAME, "data.rows=400", "model=boosting")
    assert found["best"] == "boosting"
    assert workspace.registry(NAME).versions() == ()
    assert "no version was made" in omloop("train", NAME, "data.rows=400", "model=linear")[1]


def test_evaluate_scores_the_champion_on_its_own_test_rows(
    omloop: Say, omloop_json: SayJson, turned: Workspace
) -> None:
    found = omloop_json("evaluate", NAME)
    manifest = turned.registry(NAME).manifest(found["version"])
    assert found["metrics"]["r2"]["value"] == pytest.approx(manifest.variants["model.onnx"].metrics["r2"].value)
    assert set(found["slices"]) == {"grade_level", "gender"}
    assert "3rd Year" in omloop("evaluate", NAME)[1]


def test_evaluate_can_spoil_its_test_rows(omloop: Say, omloop_json: SayJson, turned: Workspace) -> None:
    found = omloop_json("evaluate", NAME, "--stress")["stress"]
    assert found["metric"] == "r2" and {one["strength"] for one in found["results"]} == {0, 0.25, 0.5, 0.75, 1}
    told = omloop("evaluate", NAME, "--stress")[1]
    assert "unseen" in told and "refused" in told and "stress.json" in told


def test_a_version_that_waits_is_promoted_by_name(omloop: Say, omloop_json: SayJson, workspace: Workspace) -> None:
    version = omloop_json("turn", NAME, "data.rows=400", "model=linear", "promote=ask")["version"]
    assert workspace.registry(NAME).champion() is None
    code, out, _ = omloop("promote", NAME, version[:6])
    assert code == 0 and version in out
    assert workspace.registry(NAME).champion() == version


def test_what_the_gate_did_not_find_better_needs_force_and_a_reason(
    omloop: Say, omloop_json: SayJson, turned: Workspace
) -> None:
    worse = omloop_json("turn", NAME, "data.rows=400", "model=mean")["version"]
    code, _, err = omloop("promote", NAME, worse)
    assert code == 1 and "The gate said worse" in err
    assert omloop("promote", NAME, worse, "--force")[0] == 1
    assert omloop("promote", NAME, worse, "--force", "--reason", "a test")[0] == 0
    assert turned.registry(NAME).history()[-1].reason == "a test"


def test_a_version_can_be_judged_again_against_the_present_champion(
    omloop: Say, omloop_json: SayJson, turned: Workspace
) -> None:
    good = turned.registry(NAME).champion() or ""
    worse = omloop_json("turn", NAME, "data.rows=600", "model=mean")["version"]
    omloop("promote", NAME, worse, "--force", "--reason", "a test")
    code, _, err = omloop("promote", NAME, good)
    assert code == 1 and "has not judged" in err
    assert omloop_json("evaluate", NAME, "--version", good, "--gate")["verdict"] == "better"
    assert omloop("promote", NAME, good)[0] == 0


def test_rollback_puts_the_champion_before_back(omloop: Say, omloop_json: SayJson, turned: Workspace) -> None:
    good = turned.registry(NAME).champion()
    worse = omloop_json("turn", NAME, "data.rows=400", "model=mean")["version"]
    omloop("promote", NAME, worse, "--force", "--reason", "a test")
    code, out, _ = omloop("rollback", NAME, "--reason", "it was worse")
    assert code == 0 and f"champion {good} again" in out
    assert turned.registry(NAME).champion() == good


def test_versions_history_and_what_was_live_when(omloop: Say, omloop_json: SayJson, turned: Workspace) -> None:
    champion = turned.registry(NAME).champion()
    assert champion is not None and champion in omloop("versions", NAME)[1]
    assert [e["kind"] for e in omloop_json("versions", NAME, "--history")] == ["add", "decide", "promote"]
    assert "promote" in omloop("versions", NAME, "--history")[1]
    assert omloop_json("versions", NAME, "--at", "2099-01-01")["version"] == champion
    assert omloop_json("versions", NAME, "--at", "2000-01-01T00:00+00:00")["version"] is None
    assert omloop("versions", NAME, "--at", "noon")[0] == 1


def test_predict_answers_without_a_server(omloop: Say, omloop_json: SayJson, rows_csv: Path, turned: Workspace) -> None:
    answered = omloop_json("predict", NAME, "--csv", rows_csv)
    assert len(answered["predictions"]) == 3 and answered["version"] == turned.registry(NAME).champion()
    assert f"version {answered['version']}" in omloop("predict", NAME, "--csv", rows_csv)[1]
    assert turned.predictions(NAME).window().predictions == ()


def test_recorded_predictions_take_late_labels(
    omloop: Say, omloop_json: SayJson, rows_csv: Path, turned: Workspace, tmp_path: Path
) -> None:
    ids = [p["id"] for p in omloop_json("predict", NAME, "--csv", rows_csv, "--record")["predictions"]]
    (tmp_path / "labels.csv").write_text(f"id,label\n{ids[0]},50\n{ids[1]},60.5\n")
    assert omloop_json("feedback", NAME, "--csv", tmp_path / "labels.csv")["accepted"] == 2
    assert omloop("feedback", NAME, "--id", ids[2], "--label", "70")[0] == 0
    assert omloop_json("feedback", NAME, "--id", ids[0], "--label", "51")["changed"] == 1
    assert turned.predictions(NAME).window(labelled=True).labels == {ids[0]: 51, ids[1]: 60.5, ids[2]: 70}


def test_labels_of_unknown_predictions_are_told(omloop: Say, turned: Workspace) -> None:
    code, out, _ = omloop("feedback", NAME, "--id", "nobody", "--label", "70")
    assert code == 0 and "unknown ids: nobody" in out
    assert omloop("feedback", NAME, "--id", "nobody", "--label", "70", "--fail-on", "unknown")[0] == 3


def test_labels_in_a_file_that_are_unknown_said_twice_or_contradicted_are_told(
    omloop: Say, omloop_json: SayJson, rows_csv: Path, turned: Workspace, tmp_path: Path
) -> None:
    """The known ones are kept, and the last of a prediction counts."""
    ids = [p["id"] for p in omloop_json("predict", NAME, "--csv", rows_csv, "--record")["predictions"]]
    lines = [f"{ids[0]},50", f"{ids[0]},50", f"{ids[1]},60", f"{ids[1]},61", "nobody,70", ",70"]
    (tmp_path / "labels.csv").write_text("\n".join(["id,label", *lines]))
    code, out, _ = omloop("feedback", NAME, "--file", tmp_path / "labels.csv", "--json")
    told = {"accepted": 2, "repeated": 1, "changed": 1, "unknown": ["nobody", ""]}
    assert (code, json.loads(out)) == (0, told)
    assert turned.predictions(NAME).window(labelled=True).labels == {ids[0]: 50, ids[1]: 61}


def test_the_doctor_reads_the_prediction_logs(
    omloop: Say, omloop_json: SayJson, rows_csv: Path, turned: Workspace
) -> None:
    omloop_json("predict", NAME, "--csv", rows_csv, "--record")
    (segment,) = (turned.root / "predictions" / NAME / "segments").glob("*.log")

    def found() -> tuple[str, str]:
        findings = json.loads(omloop("doctor", "--json")[1])
        return next((one["state"], one["detail"]) for one in findings if one["what"] == f"predictions of {NAME}")

    assert found() == ("ok", "every record can be read")
    content = segment.read_bytes()
    segment.write_bytes(content + b"0badcafe 99 {")
    assert found()[0] == "ok" and "1 segments end within a record" in found()[1]
    segment.write_bytes(content.replace(b'"latency_ms"', b'"latency_mz"', 1))
    (turned.root / "predictions" / NAME / "index.sqlite").unlink()
    assert found() == ("broken", "1 records cannot be read")


def test_the_doctor_tries_the_database_of_the_prediction_logs_and_keeps_its_password(
    omloop: Say, omloop_json: SayJson, rows_csv: Path, turned: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens there. A prediction is recorded all the same."""
    pytest.importorskip("psycopg", reason="needs omloop[postgres]")
    monkeypatch.setenv("OMLOOP_PREDICTIONS", "postgres")
    monkeypatch.setenv("OMLOOP_POSTGRES_URL", "postgresql://ada:secret-word@127.0.0.1:9/omloop")
    omloop_json("predict", NAME, "--csv", rows_csv, "--record")
    code, out, err = omloop("doctor")
    assert code == 1 and "PostgreSQL" in out and "secret-word" not in out + err


def test_watch_says_when_there_is_too_little(omloop: Say, omloop_json: SayJson, turned: Workspace) -> None:
    assert omloop_json("watch", NAME, "--once")["action"].startswith("collecting")
    assert "collecting" in omloop("watch", NAME, "--once")[1]


def test_watch_rings_with_its_exit_code(omloop: Say, turned: Workspace, go_live: Callable[..., None]) -> None:
    go_live(turned, 800, drift=1.0, seed=5)
    code, out, _ = omloop("watch", NAME, "--once", "--fail-on", "loss")
    assert code == 3 and "ai_generated_content_percentage" in out and "it hurts" in out
    told = newest_look(NAME, turned)
    assert told is not None and told["hurt"] and told["action"].startswith("told: ")


def test_only_one_look_can_fail_on_what_it_sees(omloop: Say, turned: Workspace) -> None:
    code, _, err = omloop("watch", NAME, "--fail-on", "drift")
    assert code == 1 and "needs --once" in err


def test_a_promotion_that_is_run_again_is_done_already(omloop: Say, omloop_json: SayJson, turned: Workspace) -> None:
    champion = turned.registry(NAME).champion() or ""
    before = turned.registry(NAME).history()
    assert omloop_json("promote", NAME, champion[:6])["champion"] == champion
    assert "nothing to do" in omloop("promote", NAME, champion)[1]
    assert turned.registry(NAME).history() == before


def test_doctor_tries_everything(omloop: Say, omloop_json: SayJson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", "/nowhere")
    monkeypatch.delenv("KAGGLE_USERNAME", raising=False)
    found = {f["what"]: f for f in omloop_json("doctor")}
    assert found["workspace"]["state"] == found["extra train"]["state"] == "ok"
    assert found["Kaggle"]["state"] == "missing" and "kaggle.com/settings" in found["Kaggle"]["next_step"]
    assert found[f"project {NAME}"]["detail"] == "no version yet"
    assert "Python" in omloop("doctor")[1]


def test_doctor_tries_credentials_for_real(omloop: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing listens there: the credentials exist and are tried, and that fails."""
    monkeypatch.setenv("KAGGLE_USERNAME", "ada")
    monkeypatch.setenv("KAGGLE_KEY", "secret-key")
    monkeypatch.setenv("OMLOOP_KAGGLE_URL", "http://127.0.0.1:9")
    code, out, _ = omloop("doctor")
    assert code == 1 and "broken" in out and "secret-key" not in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(name in script for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert re.search(rf"example:\n  omloop {name}", out)


def test_a_misspelt_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trun"]) == 2
    assert "Did you mean 'turn'?" in capsys.readouterr().err


def test_no_words_print_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "omloop turn student_performance" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert re.fullmatch(r"omloop \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_versions_that_were_scored_by_other_metrics_are_listed_together(
    omloop: Say, omloop_json: SayJson, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older omloop knew no areas; and an area of rows that are all of one class is not defined."""
    registry, bundle = workspace.registry("tiny"), tiny_bundle(classes=("sad", "happy"))
    variants = bundle.manifest.variants
    for metrics in ({"accuracy": Estimate(0.9, 0.8, 1.0)}, {"roc_auc": Estimate(math.nan, math.nan, math.nan)}):
        scored = {name: replace(one, metrics=metrics) for name, one in variants.items()}
        scored["model.onnx"] = replace(next(iter(scored.values())), file="")
        registry.add(Bundle.seal(replace(bundle.manifest, files={}, variants=scored), bundle.files), by="ada")
    monkeypatch.setenv("COLUMNS", "160")
    shown = omloop("versions", "tiny")[1]
    assert "0.900 [0.800, 1.000]" in shown and "not defined" in shown
    found = [one["metrics"] for one in omloop_json("versions", "tiny")]
    assert {"roc_auc": {"value": None, "low": None, "high": None}} in found


def test_the_newest_look_is_told_without_looking_again(omloop: Say, omloop_json: SayJson, turned: Workspace) -> None:
    assert omloop_json("watch", NAME, "--last") is None and "Nobody has looked" in omloop("watch", NAME, "--last")[1]
    looked = omloop_json("watch", NAME, "--once")
    told = omloop_json("watch", NAME, "--last")
    assert (
        told["action"] == looked["action"] and told["time"] and json.loads(omloop("watch", NAME, "--last")[1]) == told
    )


def test_examples_are_rows_that_can_be_predicted(
    omloop: Say, omloop_json: SayJson, turned: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "rows.json").write_text(omloop("predict", NAME, "--examples", 2)[1])
    assert len(omloop_json("predict", NAME, "--rows", tmp_path / "rows.json")["predictions"]) == 2
    code, _, err = omloop("predict", NAME, "--examples", 0)
    assert code == 1 and "--examples 0 is no number of rows" in err


def test_progress_can_be_told_beside_json(omloop: Say) -> None:
    words = ("data", NAME, "data.rows=300", "--json")
    code, _, err = omloop(*words, "--progress")
    assert code == 0 and json.loads(err)["progress"].startswith("data: simulated")
    assert omloop(*words)[2] == ""
