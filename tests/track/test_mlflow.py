import json
from pathlib import Path
from typing import Any

import pytest

from omloop.core import Annotation, ConfigError, VersionLine
from omloop.testing.mirror import MirrorContract, MirroredRun, ReadBack, a_version

pytest.importorskip("mlflow")

from omloop.track.mlflow import MlflowMirror, _is_away, _key


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mlflow")


@pytest.fixture(scope="module")
def shared(folder: Path) -> MlflowMirror:
    """One database for all: its tables take seconds."""
    return MlflowMirror.of("", folder)


def read(mirror: MlflowMirror, project: str, run: str) -> MirroredRun:
    client: Any = mirror.client
    experiment = client.get_experiment_by_name(project)
    (found,) = client.search_runs([experiment.experiment_id], f"tags.`omloop.run` = '{run}'")
    root = Path(found.info.artifact_uri.removeprefix("file://"))
    paths = [path for path in root.rglob("*") if path.is_file()]
    return MirroredRun(
        {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed"}.get(found.info.status, found.info.status),
        {key: [one.value for one in client.get_metric_history(found.info.run_id, key)] for key in found.data.metrics},
        {path.relative_to(root).as_posix(): path.read_bytes() for path in paths},
        {**found.data.params, **found.data.tags},
    )


class TestMlflowMirror(MirrorContract):
    @pytest.fixture
    def mirror(self, shared: MlflowMirror) -> MlflowMirror:
        return shared

    @pytest.fixture
    def read_back(self, mirror: MlflowMirror) -> ReadBack:
        return lambda project, run: read(mirror, project, run)


def test_a_run_that_is_begun_twice_is_one(shared: MlflowMirror) -> None:
    for _ in range(2):
        run = shared.start("twice", "a", "seed: 1\n", {})
    run.finish("finished", {})
    shared.annotate("twice", "a", Annotation({"for": "paper"}, "late"))
    found = read(shared, "twice", "a")
    assert found.texts["for"] == "paper" and found.texts["mlflow.note.content"] == "late"


def test_a_run_whose_process_died_is_closed_by_the_next(shared: MlflowMirror) -> None:
    from omloop.core import this_process

    shared.start("dead", "a", "", {})
    experiment = shared._experiment("dead")
    died = json.dumps({**this_process(), "since": 1})
    shared.client.set_tag(str(shared._find(experiment, "a")), "omloop.process", died)
    shared.start("dead", "b", "", {}).finish("finished", {})
    assert read(shared, "dead", "a").status == "killed"


def test_versions_and_their_champion_are_mended_whatever_was_missed(shared: MlflowMirror) -> None:
    shared.start("line", "r1", "", {}).finish("finished", {})
    versions = {"aaaa": "r1", "bbbb": "r0"}
    line = VersionLine("line", tuple(versions), "bbbb", lambda version: a_version(version, versions[version]))
    for _ in range(2):
        shared.register(line)
    model: Any = shared.client.get_registered_model("line")
    there = {one.tags["omloop_version"]: one for one in shared.client.search_model_versions("name='line'")}
    assert sorted(there) == ["aaaa", "bbbb"] and model.aliases["champion"] == there["bbbb"].version
    assert Path(there["aaaa"].source.removeprefix("file://"), "variants/a.onnx").read_bytes() == b"\x00onnx"
    assert read(shared, "line", "r1").files["bundles/aaaa/manifest.json"] == b"{}"
    shared.register(VersionLine("line", tuple(versions), "aaaa", line.read))
    assert str(shared.client.get_registered_model("line").aliases["champion"]) == str(there["aaaa"].version)


def test_a_password_in_the_address_is_refused_and_not_told(tmp_path: Path) -> None:
    for address in ("http://ada:hunter22@host", "postgresql://host/x?password=hunter22"):
        with pytest.raises(ConfigError, match="MLFLOW_TRACKING_PASSWORD") as refused:
            MlflowMirror.of(address, tmp_path)
        assert "hunter22" not in str(refused.value)


def test_a_server_that_is_not_there_is_out_of_reach(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError, match=r"cannot be reached .*refused"):
        MlflowMirror.of("http://127.0.0.1:9", tmp_path).start("toy", "a", "", {})
    assert not _is_away(ValueError("no such name"))


def test_names_fit_what_mlflow_takes() -> None:
    assert _key("x" * 300) == "x" * 250
    assert _key("//") == "_"
