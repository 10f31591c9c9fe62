"""Every file of the target `docker`, by the tools that read such files."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.validators import checked

import omloop.serve
from omloop.deploy import IMAGES, Service
from omloop.deploy.docker import container_variables, docker_files
from omloop.deploy.sbom import locked_packages


def _written(service: Service, folder: Path) -> Path:
    for name, text in docker_files(service).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / service.place


def test_hadolint_finds_nothing_in_any_image(service: Service, tmp_path: Path) -> None:
    files = sorted(_written(service, tmp_path).glob("*.Dockerfile"))
    assert [path.stem for path in files] == sorted(IMAGES)
    checked("hadolint", "--ignore", "DL3059", *files)  # several RUN: each is a layer that the cache keeps by itself


def test_an_image_copies_only_what_its_ignore_file_lets_through(service: Service, tmp_path: Path) -> None:
    place = _written(replace(service, wheel="wheels/omloop-0.1.0-py3-none-any.whl"), tmp_path)
    for kind in IMAGES:
        lines = (place / f"{kind}.Dockerfile").read_text().splitlines()
        copied = [line.split()[1] for line in lines if line.startswith("COPY") and "--from" not in line]
        let_through = (place / f"{kind}.Dockerfile.dockerignore").read_text().splitlines()
        assert {f"!{path}" for path in copied} <= {line.removesuffix("/**") for line in let_through}, kind


def test_a_server_carries_no_code_and_no_torch(service: Service) -> None:
    text = docker_files(service)[f"{service.place}/serve.Dockerfile"]
    assert "projects" not in text
    assert "torch" not in text
    assert "torch==2.13.0" in docker_files(service)[f"{service.place}/train.Dockerfile"]


def test_a_text_with_quotes_and_dollars_stands_for_itself(service: Service) -> None:
    text = docker_files(service)[f"{service.place}/serve.Dockerfile"]
    assert r'description="How many bikes are \"rented\" for \$5, by hour."' in text


def test_a_baked_image_serves_the_versions_that_it_carries(service: Service) -> None:
    baked = replace(service, settings=replace(service.settings, bake=1))
    text = docker_files(baked)[f"{service.place}/serve.Dockerfile"]
    assert "COPY deploy/bike_rides/versions /opt/omloop/versions" in text
    assert 'OMLOOP_STORE="files:/opt/omloop/versions"' in text


def test_the_compose_file_fits_its_schema(service: Service, tmp_path: Path) -> None:
    checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", _written(service, tmp_path) / "compose.yaml")


def test_what_the_compose_file_mounts_and_builds_is_there(service: Service, tmp_path: Path) -> None:
    place = _written(service, tmp_path)
    services = yaml.safe_load((place / "compose.yaml").read_text())["services"]
    mounted = [one.split(":")[0] for name in services for one in services[name]["volumes"] if one.startswith(".")]
    assert mounted
    assert all((place / path).is_dir() for path in mounted)
    built = [one["build"] for one in services.values() if "build" in one]
    assert all((place / one["context"] / one["dockerfile"]).resolve().is_file() for one in built)


def test_a_page_begins_by_its_profile_on_this_machine_alone_and_shares_what_the_server_writes(
    service: Service, tmp_path: Path
) -> None:
    services = yaml.safe_load((_written(service, tmp_path) / "compose.yaml").read_text())["services"]
    page, server = services["ui"], services["serve"]
    assert (page["profiles"], page["ports"]) == (["ui"], ["127.0.0.1:8081:8080"])
    assert all(page[name] == server[name] for name in ("volumes", "env_file", "read_only", "cap_drop"))


def test_a_page_knows_its_server_and_no_name_but_those_that_are_set(service: Service) -> None:
    told = container_variables(service, "ui")
    assert (told["OMLOOP_UI_SERVERS"], told["OMLOOP_HOSTS"]) == ("bike_rides=http://serve:8080", "localhost")
    named = replace(service, variables={"OMLOOP_HOSTS": "rides.example.org"})
    assert container_variables(named, "ui")["OMLOOP_HOSTS"] == "rides.example.org"


def test_prometheus_and_alertmanager_read_their_files(told: Service, tmp_path: Path) -> None:
    place = _written(told, tmp_path)
    assert "10 rules found" in checked("promtool", "check", "config", place / "prometheus/prometheus.yml")
    assert "1 receivers" in checked("amtool", "check-config", place / "alertmanager/alertmanager.yml")


def test_alerts_fire_on_what_they_are_for_and_resolve(service: Service, tmp_path: Path) -> None:
    place = _written(service, tmp_path)
    series = {
        'omloop_requests_total{job="bike-rides", status="200"}': "0+60x10 600+60x30",
        'omloop_requests_total{job="bike-rides", status="500"}': "0x10 0+6x10 60x20",
        'omloop_drift{job="bike-rides"}': "0x10 1x10 0x20",
        'up{job="bike-rides", instance="serve:8080"}': "1x40",
        'omloop_model_info{job="bike-rides", instance="serve:8080", version="0123"}': "1x40",
    }
    fires = [("OmloopErrors", 18, 1), ("OmloopErrors", 35, 0), ("OmloopDrift", 15, 1), ("OmloopDrift", 25, 0)]
    fires += [("OmloopNoVersion", 30, 0), ("OmloopServerDown", 30, 0)]
    asked = [{"expr": f'count(ALERTS{{alertname="{a}", alertstate="firing"}}) or vector(0)', "eval_time": f"{at}m",
              "exp_samples": [{"labels": "{}", "value": n}]} for a, at, n in fires]  # fmt: skip
    test = {"interval": "1m", "input_series": [{"series": s, "values": v} for s, v in series.items()]}
    path = place / "prometheus/rules.test.yml"
    path.write_text(json.dumps({"rule_files": ["rules.yml"], "tests": [{**test, "promql_expr_test": asked}]}))
    checked("promtool", "test", "rules", path)


def test_grafana_reads_the_dashboard_and_prometheus_its_expressions(service: Service, tmp_path: Path) -> None:
    sdk = pytest.importorskip("grafana_foundation_sdk.models.dashboard")
    place = _written(service, tmp_path)
    found: dict[str, Any] = json.loads((place / "grafana/dashboards/omloop.json").read_text())
    assert len(sdk.Dashboard.from_json(found).panels) == len(found["panels"])
    asked = [target["expr"] for panel in found["panels"] for target in panel["targets"]]
    rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(asked)]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    checked("promtool", "check", "rules", tmp_path / "panels.yml")


def test_the_metrics_that_are_asked_for_are_those_of_the_server(service: Service, tmp_path: Path) -> None:
    source = "".join(path.read_text() for path in Path(omloop.serve.__file__).parent.rglob("*.py"))
    declared = set(re.findall(r'"(omloop_\w+)"', source))
    place = _written(service, tmp_path)
    texts = (place / "prometheus/rules.yml").read_text() + (place / "grafana/dashboards/omloop.json").read_text()
    asked = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"omloop_\w+", texts)}
    assert asked <= declared


def test_the_bill_of_materials_names_what_the_lock_has(service: Service, tmp_path: Path) -> None:
    place = _written(service, tmp_path)
    found = json.loads((place / "sbom/serve.cdx.json").read_text())
    locked = locked_packages((place / "locks/serve.txt").read_text())
    assert (
        [(one["name"], one["version"]) for one in found["components"]]
        == locked
        == [("numpy", "2.4.0"), ("uvicorn", "0.40.0")]
    )
    validator = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    assert validator.JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(found)) is None


def test_secrets_are_in_no_file(service: Service) -> None:
    assert not [name for name, text in docker_files(service).items() if "OMLOOP_TRACK" in text]
    assert ".env" in docker_files(service)[f"{service.place}/.gitignore"]
