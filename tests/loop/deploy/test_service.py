import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.core import OmloopError, Settings, UnknownNameError
from omloop.deploy import IMAGES
from omloop.loop import Workspace
from omloop.loop.deploy.files import deploy_files
from omloop.loop.deploy.service import container_settings, service_of, with_locks
from omloop.loop.settings import SETTINGS

ROOT = Path(__file__).parents[3]


def test_a_service_says_what_its_images_need(workspace: Workspace) -> None:
    service = service_of("student_performance", workspace, ROOT)
    assert service.folder == "projects/student_performance"
    assert service.python == "{}.{}".format(*sys.version_info[:2])
    assert service.extras["serve"] == service.extras["probe"] == ()
    assert {"train", "torch"} <= set(service.extras["train"])


def test_an_image_that_carries_the_champion_tells_how_it_came(turned: Workspace) -> None:
    assert service_of("student_performance", turned, ROOT).version == ""
    baked = Workspace(replace(turned.settings, rooms={"deploy": {"bake": 1}}))
    service = service_of("student_performance", baked, ROOT)
    champion = turned.registry("student_performance").champion()
    assert service.version == champion == service.labels["io.omloop.version"]


def test_there_is_nothing_to_carry_without_a_champion(settings: Settings, tmp_path: Path) -> None:
    there = replace(settings, workspace=str(tmp_path), rooms={"deploy": {"bake": 1}})
    with pytest.raises(OmloopError, match="no champion"):
        service_of("student_performance", Workspace(there), ROOT)


def test_texts_that_an_encoder_may_read_are_served_with_its_tokenizer(workspace: Workspace) -> None:
    assert service_of("imdb", workspace, ROOT).extras["serve"] == ("text",)


def test_pictures_are_decoded_by_the_fastest_decoder_there_is(workspace: Workspace) -> None:
    """Also where they are trained on: pixels are the same, and so is what reads them."""
    extras = service_of("emotion", workspace, ROOT).extras
    assert extras["serve"] == ("fast",) and "fast" in extras["train"]


def test_a_server_that_takes_tokens_has_what_checks_them(settings: Settings) -> None:
    there = replace(
        settings, rooms={"oidc": {"issuer": "https://login.example.com"}, "serve": {"traces": "http://otel"}}
    )
    service = service_of("student_performance", Workspace(there), ROOT)
    assert {"oidc", "otel"} <= set(service.extras["serve"])
    assert {"oidc", "ui", "watch"} <= set(service.extras["ui"]), "a page takes the tokens that the server takes"
    assert not {"oidc", "otel"} & set(service.extras["watch"])


def test_a_further_extra_must_be_one_of_ours(settings: Settings) -> None:
    there = replace(settings, rooms={"deploy": {"extras": "openvino, lightgmb"}})
    with pytest.raises(UnknownNameError, match="lightgbm"):
        service_of("student_performance", Workspace(there), ROOT)


def test_addresses_say_which_extra_reaches_them(workspace: Workspace) -> None:
    there = replace(workspace.settings, store="gs://rides/versions", predictions="postgres://db/log")
    service = service_of("student_performance", Workspace(there), ROOT)
    assert all({"gcs", "postgres"} <= set(service.extras[kind]) for kind in IMAGES)


def test_a_secret_is_named_and_never_told() -> None:
    found = container_settings(Settings(predictions="postgres://ada:geheim@db/log", store="files"))
    assert list(found) == ["OMLOOP_PREDICTIONS"]


def test_a_password_in_an_address_becomes_a_secret(workspace: Workspace) -> None:
    there = replace(workspace.settings, store="gs://rides/versions", predictions="postgres://ada:geheim@db/log")
    service = service_of("student_performance", Workspace(there), ROOT)
    assert service.secrets == ("OMLOOP_PREDICTIONS",)
    assert "geheim" not in repr(service)


def test_settings_of_rooms_go_along_but_where_a_server_listens_here() -> None:
    settings = SETTINGS.load(
        {"port": 9000, "threads": 2, "log_days": 30, "deploy_most": 9, "compute_gpus": 1, "ui_remote": "http://a"},
        environ={},
    )
    assert container_settings(settings) == {"OMLOOP_THREADS": "2", "OMLOOP_LOG_DAYS": "30"}


def test_a_project_outside_of_the_repository_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(OmloopError, match="omloop new NAME --like student_performance"):
        service_of("student_performance", workspace, tmp_path)


def test_a_wheel_that_is_not_there_is_refused(settings: Settings) -> None:
    there = replace(settings, rooms={"deploy": {"omloop": "wheels/omloop.whl"}})
    with pytest.raises(OmloopError, match="no such file"):
        service_of("student_performance", Workspace(there), ROOT)


def test_a_lock_in_the_repository_stays_while_its_requirements_do(
    turned: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def compiled(*given: object) -> str:
        asked.append(given)
        return f"numpy==2.{len(asked)}\n"

    monkeypatch.setattr("omloop.deploy.lock._compiled", compiled)
    shutil.copytree(ROOT / "projects/student_performance", tmp_path / "projects/student_performance")
    there = Workspace(replace(turned.settings, projects=str(tmp_path / "projects")))
    first = with_locks(service_of("student_performance", there, tmp_path), tmp_path)
    for kind, text in first.locks.items():
        path = tmp_path / first.place / "locks" / f"{kind}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    begun = len(asked)
    assert with_locks(first, tmp_path).locks == first.locks
    done = deploy_files("hpc", "student_performance", there, tmp_path)
    assert [Path(one.path).name for one in done if one.state == "same"] == ["train.txt"]
    assert len(asked) == begun
    assert with_locks(first, tmp_path, update=True).locks != first.locks


def test_keys_in_a_variable_are_told_to_a_container_and_keys_in_a_file_are_not() -> None:
    def told(keys: str) -> dict[str, str]:
        return container_settings(Settings(rooms={"serve": {"keys": keys}}))

    assert told("env:SERVER_KEYS") == {"OMLOOP_KEYS": "env:SERVER_KEYS"}
    assert told("/home/ann/keys.jsonl") == {}
