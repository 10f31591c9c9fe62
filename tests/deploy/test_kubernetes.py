"""The manifests, by the schemas of Kubernetes and by what they say of each other."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from omloop.core import OmloopError
from omloop.deploy import Service
from omloop.deploy.kubernetes import kubernetes_files


def _manifests(service: Service) -> list[dict[str, Any]]:
    return [one for text in kubernetes_files(service).values() for one in yaml.safe_load_all(text)]


def test_every_manifest_fits_the_schema_of_its_kind(service: Service) -> None:
    validate = pytest.importorskip("kubernetes_validate").validate
    others = ("kustomize.config.k8s.io", "monitoring.coreos.com")
    checked = [one for one in _manifests(service) if not one["apiVersion"].startswith(others)]
    for one in checked:
        validate(one, "1.37", strict=True)
    assert {one["kind"] for one in checked} == {
        *("ServiceAccount", "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"),
        *("NetworkPolicy", "CronJob", "PersistentVolumeClaim"),
    }


@pytest.mark.parametrize("folder", ["kubernetes", "kubernetes/ui"])
def test_a_kustomization_names_every_file_beside_it(service: Service, folder: str) -> None:
    place = f"{service.place}/{folder}/"
    files = {name.removeprefix(place): text for name, text in kubernetes_files(service).items()}
    beside = {name for name in files if "/" not in name}
    assert {"kustomization.yaml", *yaml.safe_load(files["kustomization.yaml"])["resources"]} == beside


def test_the_page_asks_the_server_and_is_found_by_its_service(service: Service) -> None:
    page = [one for one in _manifests(service) if one.get("metadata", {}).get("name") == "bike-rides-ui"]
    pod, labels = page[0]["spec"]["template"], page[1]["spec"]["selector"]
    assert page[0]["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"] == labels
    told = {one["name"]: one["value"] for one in pod["spec"]["containers"][0]["env"]}
    assert told == {"OMLOOP_UI_SERVERS": "bike_rides=http://bike-rides"}


def test_every_selector_finds_the_pods_of_the_server(service: Service) -> None:
    by_kind = {one["kind"]: one for one in _manifests(service) if one.get("metadata", {}).get("name") == "bike-rides"}
    labels = by_kind["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert by_kind["Deployment"]["spec"]["selector"]["matchLabels"] == labels == by_kind["Service"]["spec"]["selector"]
    assert by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert by_kind["ServiceMonitor"]["spec"]["selector"]["matchLabels"] == by_kind["Service"]["metadata"]["labels"]
    assert by_kind["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "bike-rides"


def test_no_pod_runs_as_root_or_writes_to_its_image(service: Service) -> None:
    specs = [one["spec"].get("jobTemplate", {"spec": one["spec"]})["spec"]["template"]["spec"]
             for one in _manifests(service) if one["kind"] in ("Deployment", "CronJob")]  # fmt: skip
    assert len(specs) == 4
    assert all(spec["securityContext"]["runAsNonRoot"] for spec in specs)
    assert all(spec["containers"][0]["securityContext"]["readOnlyRootFilesystem"] for spec in specs)


def test_the_watch_looks_by_the_clock_and_one_at_a_time(service: Service) -> None:
    watch = next(one for one in _manifests(service) if one["kind"] == "CronJob")["spec"]
    assert (watch["schedule"], watch["concurrencyPolicy"]) == ("*/15 * * * *", "Forbid")


def test_a_log_in_postgresql_may_be_asked(service: Service) -> None:
    there = replace(service, secrets=("OMLOOP_PREDICTIONS",), variables={"OMLOOP_STORE": "s3://rides/versions"})
    policy = next(one for one in _manifests(there) if one["kind"] == "NetworkPolicy")
    assert {"protocol": "TCP", "port": 5432} in policy["spec"]["egress"][0]["ports"]


@pytest.mark.parametrize("name", ["STORE", "PREDICTIONS"])
def test_memories_in_a_folder_are_refused_with_what_would_do(service: Service, name: str) -> None:
    variables = {key: value for key, value in service.variables.items() if key != f"OMLOOP_{name}"}
    with pytest.raises(OmloopError, match=f'{name.lower()} = "gs://BUCKET/{name.lower()}"'):
        kubernetes_files(replace(service, variables=variables))
