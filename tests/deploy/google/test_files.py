"""The files of a delivery, and what cannot be one."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.google.conftest import wanted
from tests.deploy.validators import checked

from omloop.core import ConfigError, OmloopError, UnknownNameError
from omloop.deploy import DeploySettings, GoogleSettings, Service
from omloop.deploy.github import github_files
from omloop.deploy.google import Resource, read_resources
from omloop.deploy.google.files import google_files


def _by_name(service: Service) -> dict[str, Mapping[str, Any]]:
    return {str(one): one.body for one in wanted(service)}


def test_the_build_fits_the_schema_of_cloud_build(rides: Service, tmp_path: Path) -> None:
    path = tmp_path / "cloudbuild.yaml"
    path.write_text(google_files(rides)["deploy/bike_rides/google/cloudbuild.yaml"])
    checked("check-jsonschema", "--builtin-schema", "vendor.cloudbuild", path)


def test_the_build_pushes_each_image_where_the_server_takes_it_from(rides: Service) -> None:
    build = yaml.safe_load(google_files(rides)["deploy/bike_rides/google/cloudbuild.yaml"])
    server = _by_name(rides)["service bike-rides"]["template"]["containers"][0]["image"]
    assert server in build["images"]
    assert set(build["images"]) == {
        step["args"][i + 1] for step in build["steps"] for i, word in enumerate(step["args"]) if word == "--tag"
    }


def test_the_server_ends_at_zero_and_has_what_the_settings_say(rides: Service) -> None:
    settings = replace(rides.settings, cpus=2, memory_megabytes=2048, concurrency=25, most=5)
    template = _by_name(replace(rides, settings=settings))["service bike-rides"]["template"]
    server = template["containers"][0]
    assert template["scaling"] == {"minInstanceCount": 0, "maxInstanceCount": 5}
    assert template["maxInstanceRequestConcurrency"] == 25
    assert server["resources"]["limits"] == {"cpu": "2", "memory": "2048Mi"}
    assert server["startupProbe"]["httpGet"]["path"] == "/readyz"


def test_images_of_another_project_are_used_as_they_are(rides: Service) -> None:
    described = _by_name(replace(rides, google=replace(rides.google, project="bikes-live")))
    assert not [name for name in described if "repository" in name]
    image = described["service bike-rides"]["template"]["containers"][0]["image"]
    assert image == "europe-docker.pkg.dev/rides/omloop/bike-rides-serve:latest"


def test_a_budget_is_in_the_currency_of_whoever_pays(rides: Service) -> None:
    assert _by_name(rides)["budget omloop:bike-rides"]["amount"] == {"specifiedAmount": {"units": "100"}}


def test_secrets_reach_the_server_by_name_alone(rides: Service) -> None:
    env = {one["name"]: one for one in _by_name(rides)["service bike-rides"]["template"]["containers"][0]["env"]}
    named = {"secret": "bike-rides-OMLOOP_API_KEY", "version": "latest"}
    assert env["OMLOOP_API_KEY"] == {"name": "OMLOOP_API_KEY", "valueSource": {"secretKeyRef": named}}
    assert "value" not in env["OMLOOP_TRACK"]


def test_the_side_car_reads_the_metrics_of_a_server_with_keys(rides: Service) -> None:
    def variables(service: Service) -> set[str]:
        return {one["name"] for one in _by_name(service)["service bike-rides"]["template"]["containers"][0]["env"]}

    assert "OMLOOP_LOCAL_METRICS" in variables(rides)
    assert "OMLOOP_LOCAL_METRICS" not in variables(replace(rides, google=replace(rides.google, metrics=0)))


def test_the_workflow_deploys_the_server_that_the_files_describe(rides: Service) -> None:
    """What the workflow sets takes the place of all that the server had."""
    server = _by_name(rides)["service bike-rides"]["template"]["containers"][0]
    workflow = yaml.safe_load(github_files(rides)[".github/workflows/bike-rides-deploy.yml"])
    step = next(one for one in workflow["jobs"]["revision"]["steps"] if one.get("id") == "deploy")
    plain = dict(pair.split("=", 1) for pair in step["env"]["ENVIRONMENT"].removeprefix("^|^").split("|"))
    secrets = dict(pair.split("=", 1) for pair in re.findall(r'--set-secrets "([^"]*)"', step["run"])[0].split(","))
    assert plain == {one["name"]: one["value"] for one in server["env"] if "value" in one}
    assert secrets == {
        one["name"]: f"{one['valueSource']['secretKeyRef']['secret']}:latest"
        for one in server["env"]
        if "valueSource" in one
    }


def test_the_log_goes_from_the_bucket_a_day_after_omloop_forgets_it(rides: Service) -> None:
    rules = _by_name(rides)["bucket rides"]["lifecycle"]["rule"]
    assert {"action": {"type": "Delete"}, "condition": {"age": 31, "matchesPrefix": ["predictions/"]}} in rules
    kept = replace(rides, variables={k: v for k, v in rides.variables.items() if k != "OMLOOP_LOG_DAYS"})
    assert "Delete" not in json.dumps(_by_name(kept)["bucket rides"])


def test_each_account_may_do_only_what_it_is_for(rides: Service) -> None:
    described = _by_name(rides)
    server = "serviceAccount:bike-rides-serve@rides.iam.gserviceaccount.com"
    roles = {name: [role for role, members in body.items() if server in members]
             for name, body in described.items() if name.startswith("access ")}  # fmt: skip
    assert {name: found for name, found in roles.items() if found} == {
        "access bucket/rides": ["roles/storage.objectUser"],
        "access project/rides": ["roles/logging.logWriter", "roles/monitoring.metricWriter"],
        "access secret/bike-rides-OMLOOP_API_KEY": ["roles/secretmanager.secretAccessor"],
        "access secret/bike-rides-OMLOOP_TRACK": ["roles/secretmanager.secretAccessor"],
    }


def test_only_the_main_branch_of_the_repository_delivers(rides: Service) -> None:
    described = _by_name(rides)
    (deployer,) = described["access service-account/bike-rides-deploy"]["roles/iam.workloadIdentityUser"]
    provider = described["identity-provider bike-rides-github/github"]
    assert deployer.endswith("/attribute.ref/refs/heads/main")
    assert provider["attributeCondition"] == "assertion.repository == 'ann/rides'"


def test_whoever_deploys_may_call_a_server_that_is_not_public(rides: Service) -> None:
    invokers = _by_name(replace(rides, google=replace(rides.google, public=0)))["access service/bike-rides"]
    assert invokers["roles/run.invoker"] == ["serviceAccount:bike-rides-deploy@rides.iam.gserviceaccount.com"]


def test_a_repository_that_is_not_known_gets_no_login(rides: Service) -> None:
    kinds = {one.kind for one in wanted(replace(rides, settings=replace(rides.settings, repository="")))}
    assert not kinds & {"identity-pool", "identity-provider", "trigger"}


def test_a_pipeline_is_one_that_vertex_reads(rides: Service) -> None:
    google = replace(rides.google, watch="vertex", secrets="")
    described = _by_name(replace(rides, google=google, secrets=()))
    spec = described["pipeline-schedule bike-rides-watch"]["createPipelineJobRequest"]["pipelineJob"]["pipelineSpec"]
    spec_pb2 = pytest.importorskip("kfp.pipeline_spec.pipeline_spec_pb2")
    json_format = pytest.importorskip("google.protobuf.json_format")
    read = json_format.ParseDict(spec, spec_pb2.PipelineSpec())
    assert set(read.root.dag.tasks) == {"look", "turn"}


def test_the_first_step_of_a_pipeline_writes_its_verdict(rides: Service, tmp_path: Path) -> None:
    google = replace(rides.google, watch="vertex", secrets="")
    described = _by_name(replace(rides, google=google, secrets=()))
    spec = described["pipeline-schedule bike-rides-watch"]["createPipelineJobRequest"]["pipelineJob"]["pipelineSpec"]
    container = spec["deploymentSpec"]["executors"]["exec-look"]["container"]
    verdict = tmp_path / "outputs" / "verdict"
    found = []
    for code in (0, 3, 1):
        (tmp_path / "omloop").write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / "omloop").chmod(0o755)
        words = [*container["command"], container["args"][0], str(verdict)]
        done = subprocess.run(words, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
        found.append((done.returncode, verdict.read_text()))
    assert found == [(0, "nothing"), (0, "drift"), (1, "drift")]


@pytest.mark.parametrize(
    ("settings", "google", "told"),
    [
        ({"registry": "ghcr.io/ann"}, {}, r"takes images from Artifact Registry, but 'deploy_registry' is 'ghcr"),
        ({}, {"region": ""}, r"needs a region, but 'europe-docker\.pkg\.dev/rides/omloop' names none\. Set it"),
        ({}, {"region": "Amsterdam"}, r"but 'google_region' is 'Amsterdam'\. Set it in omloop\.toml"),
        ({"cpus": 3}, {}, r"Cloud Run has instances of 1, 2, 4, 6, 8 CPUs, but 'deploy_cpus' is 3"),
        ({"memory_megabytes": 6000}, {}, r"with 1 CPUs has 512 to 4096 MB, but 'deploy_memory_megabytes' is 6000"),
        ({"memory_megabytes": 256}, {}, r"512 to 4096 MB, but 'deploy_memory_megabytes' is 256"),
        ({"cpus": 4}, {}, r"with 4 CPUs has 2048 to 16384 MB, but 'deploy_memory_megabytes' is 512"),
        ({}, {"secrets": "api key"}, r"'google_secrets' names the variable 'api key': capital letters"),
        ({}, {"watch": "vertex"}, r"of Vertex AI gets no secrets, but OMLOOP_API_KEY, OMLOOP_TRACK are some"),
    ],
)  # fmt: skip
def test_what_the_platform_does_not_have_is_refused(
    rides: Service, settings: dict[str, Any], google: dict[str, Any], told: str
) -> None:
    with pytest.raises(OmloopError, match=told):
        google_files(
            replace(rides, settings=replace(rides.settings, **settings), google=replace(rides.google, **google))
        )


def test_memories_in_folders_are_refused(rides: Service) -> None:
    with pytest.raises(OmloopError, match=r"Instances share no folder, but 'store' is 'files'\. Keep it where all"):
        google_files(replace(rides, variables={}))


def test_a_name_that_is_too_long_for_an_account_is_refused() -> None:
    settings = DeploySettings(registry="europe-west4-docker.pkg.dev/rides/omloop")
    variables = {"OMLOOP_STORE": "gs://a/b", "OMLOOP_PREDICTIONS": "gs://a/c"}
    name = "the_demand_of_all_bikes_there_are"
    service = Service(name, "", f"projects/{name}", "3.12", "omloop", variables=variables, settings=settings)
    with pytest.raises(OmloopError, match=r"'the-demand-of-all-bikes-there-are' has 33 characters"):
        google_files(service)


def test_a_file_changed_by_hand_is_what_is_delivered() -> None:
    text = "kind: bucket\nname: rides\nbody: {location: EU}\n"
    assert read_resources({"storage.yaml": text}) == (Resource("bucket", "rides", {"location": "EU"}),)


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        (
            "kind: buckets\nname: a\n",
            UnknownNameError,
            r"No kind of resource is called 'buckets'\. Did you mean 'bucket'\?",
        ),
        ("a: [", ConfigError, r"x\.yaml, line 1: this is no YAML\. Mend it, or write"),
        ("kind: bucket\n", ConfigError, r"x\.yaml: Each document needs a kind, a name and a body"),
        ("kind: bucket\nname: 7\n", ConfigError, r"The bucket '7' needs a text as its name"),
        ("kind: job\nname: a\n---\nkind: job\nname: a\n", ConfigError, r"The job a is described twice\."),
        ("kind: [job]\nname: a\n", UnknownNameError, r"No kind of resource is called '\['job'\]'"),
        ("kind: access\nname: bucket/a\nbody: {roles/x: ann}\n", ConfigError, r"x\.yaml: Each role of the access buck"),
        ("kind: access\nname: bucket\n", ConfigError, r"The name of the access 'bucket' needs two parts"),
        (
            "kind: metric\nname: a\nbody: {filter: '${chanel:a}'}\n",
            ConfigError,
            r"names '\${chanel:a}', and there is no",
        ),
        ("kind: secret\nname: a\nbody: {expireTime: 2026-01-01}\n", ConfigError, r"Put dates in quotes\."),
        (
            "kind: job\nname: a\n---\nkind: schedule\nname: a\n",
            ConfigError,
            r"The job a needs .* 'schedule' is missing",
        ),
        ("kind: pipeline-schedule\nname: a\n", ConfigError, r"x\.yaml: The pipeline-schedule a needs .* is missing\."),
        (
            "kind: service\nname: a\nbody: {template: {containers: [{image: a, resources: {limits: {cpu: many}}}]}}\n",
            ConfigError,
            r"x\.yaml: The service a needs its containers .* has another form\. Mend it, or write it anew",
        ),
    ],
)
def test_a_file_that_describes_nothing_is_refused(text: str, error: type[OmloopError], told: str) -> None:
    with pytest.raises(error, match=told):
        read_resources({"x.yaml": text})


def test_a_default_delivery_asks_for_little(rides: Service) -> None:
    settings = replace(rides.settings, repository="")
    plain = replace(rides, google=GoogleSettings(region="europe-west4"), secrets=(), settings=settings)
    assert "budget" not in {one.kind for one in wanted(plain)}
    assert _by_name(plain)["access service/bike-rides"]["roles/run.invoker"] == []
