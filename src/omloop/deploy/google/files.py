"""The target `google`: what a project needs in Google Cloud, a file for each part of it, and the build of images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omloop.core import OmloopError, SettingError
from omloop.deploy.docker import open_variables
from omloop.deploy.schedules import schedule
from omloop.deploy.service import IMAGES, Service, secret_names
from omloop.deploy.shared import require_shared
from omloop.deploy.templates import render_file, render_folder

LONGEST_HOST = 23
"""Characters of a project's name: those of accounts have 30 at most, and `-reader` is the longest of their endings."""
APIS = ("artifactregistry", "iam", "logging", "monitoring", "run", "secretmanager", "storage")
"""Services of Google Cloud that every delivery needs; see `_apis` for the others."""
MEGABYTES_PER_CPU: Mapping[int, tuple[int, int]] = {
    1: (512, 4096),
    2: (512, 8192),
    4: (2048, 16384),
    6: (4096, 24576),
    8: (4096, 32768),
}
"""What memory an instance of the second generation has at least and at most, by its CPUs, in MB:
https://docs.cloud.google.com/run/docs/configuring/services/cpu and .../memory-limits.
"""
SIDE_CAR = {"OMLOOP_LOCAL_METRICS": "1"}
"""What lets the side-car read the metrics of a server that asks others for a key. Requests come from elsewhere."""
LOOK = (
    'mkdir -p "$(dirname "$0")"; if omloop watch {} --once --fail-on drift; then printf nothing > "$0"; '
    'else code=$?; [ "$code" -eq 3 ] || exit "$code"; printf drift > "$0"; fi'
)
"""The first step of a pipeline: its verdict goes into the file `$0`, which Vertex AI names."""
VERDICT = "{{$.outputs.parameters['verdict'].output_file}}"
_REGISTRY = re.compile(
    r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[a-z0-9:.-]+)/(?P<repository>[a-z0-9-]+)"
)


@dataclass(frozen=True)
class CloudPlace:
    """Where a delivery lies: project and region, and the repository of images with its location.

    A repository that `is_elsewhere` is another project's: omloop uses it, but makes and changes nothing of it.
    """

    project: str
    region: str
    repository: str
    location: str
    is_elsewhere: bool = False

    @classmethod
    def of(cls, service: Service) -> CloudPlace:
        """The place that the settings name. Raises SettingError where they name none that Cloud Run could use."""
        registry, settings = service.settings.registry, service.google
        found = _REGISTRY.fullmatch(registry)
        if found is None:
            works = 'registry = "europe-west4-docker.pkg.dev/PROJECT/omloop"'
            raise SettingError(
                f"Cloud Run takes images from Artifact Registry, but 'deploy_registry' is '{registry}'. Set it in "
                f"omloop.toml: [deploy] {works}",
                key="deploy_registry",
            )
        location, region = found["location"], settings.region or found["location"]
        if not re.fullmatch(r"[a-z]+-[a-z]+\d+", region):
            given = f"'google_region' is '{region}'" if settings.region else f"'{registry}' names none"
            raise SettingError(
                f'A server needs a region, but {given}. Set it in omloop.toml: [google] region = "europe-west4"',
                key="google_region",
            )
        project = settings.project or found["project"]
        return cls(project, region, found["repository"], location, found["project"] != project)

    def account(self, name: str) -> str:
        """The address of a service account.

        >>> CloudPlace("rides-1", "europe-west4", "omloop", "europe-west4").account("rides-serve")
        'rides-serve@rides-1.iam.gserviceaccount.com'
        """
        return f"{name}@{self.project}.iam.gserviceaccount.com"


def google_files(service: Service) -> dict[str, str]:
    """Accounts, buckets, the server, the watch, alerts and GitHub's login, as files that `apply` reads, and the build.

    Raises SettingError if the settings name no place, or ask for something that Cloud Run does not have. Raises
    OmloopError if versions or predictions lie in a folder, and for a name that is too long for an account.
    """
    require_shared(service, "Instances share no folder")
    if len(service.host) > LONGEST_HOST:
        told = f"'{service.host}' has {len(service.host)} characters"
        raise OmloopError(f"{told}, and names of accounts leave room for {LONGEST_HOST}. Rename the project.")
    _require_instance(service)
    _require_pipeline(service)
    texts = render_folder("google", **_values(service, CloudPlace.of(service)))
    return {f"{service.place}/google/{name}": text for name, text in texts.items()}


def server_variables(service: Service) -> dict[str, str]:
    """The variables of a server on Cloud Run, but for secrets, whoever deploys it."""
    return {**open_variables(service, "serve"), **(SIDE_CAR if service.google.metrics else {})}


def _values(service: Service, place: CloudPlace) -> dict[str, Any]:
    """All that the templates name."""
    secrets = secret_names(service)
    buckets = _buckets(service)
    return {
        "project": service.project,
        "summary": service.summary[:500],
        "host": service.host,
        "source": service.folder,
        "place": service.place,
        "mark": f"omloop:{service.host}",
        "cloud": place.project,
        "region": place.region,
        **{name: place.account(f"{service.host}-{name}") for name in ("serve", "watch", "reader")},
        "deployer": place.account(f"{service.host}-deploy"),
        "settings": service.google,
        "deploy": service.settings,
        "repository": service.settings.repository,
        "images": {
            "repository": place.repository,
            "elsewhere": place.is_elsewhere,
            "named": {kind: service.image(kind) for kind in IMAGES},
        },
        "image": lambda kind: f"{service.image(kind)}:latest",
        "kinds": list(IMAGES),
        "buckets": buckets,
        "first_bucket": next(iter(buckets), ""),
        "server_variables": server_variables(service),
        "watch_variables": open_variables(service, "train"),
        "secrets": secrets,
        "trainer": _trainer(service),
        "schedule": schedule(service.settings.watch_minutes),
        "apis": _apis(service, secrets),
        "rules": _rules(service) if service.google.metrics else [],
        "steps": {
            "look": [LOOK.format(service.project), VERDICT],
            "turn": [f"omloop watch {service.project} --once --retrain"],
        },
    }


def _apis(service: Service, secrets: Mapping[str, str]) -> list[str]:
    further = {
        "cloudscheduler": service.google.watch == "job",
        "aiplatform": service.google.watch == "vertex" or bool(service.settings.repository),
        "billingbudgets": bool(service.google.billing_account and service.google.budget),
        "cloudbuild": service.google.build == "cloud",
        "cloudresourcemanager": True,
        "iamcredentials": bool(service.settings.repository),
        "sts": bool(service.settings.repository),
    }
    return sorted({*APIS, *(name for name, needed in further.items() if needed)})


def _buckets(service: Service) -> dict[str, dict[str, int]]:
    """Every bucket of the memories, and by prefix the days after which it removes objects.

    A segment of the log goes a day after omloop forgets it, so that no server misses what it still knows of.
    """
    days = int(service.variables.get("OMLOOP_LOG_DAYS", 0))
    found: dict[str, dict[str, int]] = {}
    for name in ("STORE", "TRACK", "PREDICTIONS", "SHARED_CACHE"):
        for address in service.variables.get(f"OMLOOP_{name}", "").split(","):
            if address.strip().startswith("gs://"):
                bucket, _, prefix = address.strip().removeprefix("gs://").strip("/").partition("/")
                rules = found.setdefault(bucket, {})
                if name == "PREDICTIONS" and days and prefix:
                    rules[f"{prefix}/"] = days + 1
    return found


def _require_instance(service: Service) -> None:
    cpus, megabytes = service.settings.cpus, service.settings.memory_megabytes
    if cpus not in MEGABYTES_PER_CPU:
        told = f"Cloud Run has instances of {', '.join(map(str, MEGABYTES_PER_CPU))} CPUs"
        raise SettingError(f"{told}, but 'deploy_cpus' is {cpus}.", key="deploy_cpus")
    least, most = MEGABYTES_PER_CPU[cpus]
    if not least <= megabytes <= most:
        told = f"An instance of Cloud Run with {cpus} CPUs has {least} to {most} MB"
        raise SettingError(
            f"{told}, but 'deploy_memory_megabytes' is {megabytes}. Set it, or 'deploy_cpus'.",
            key="deploy_memory_megabytes",
        )


def _require_pipeline(service: Service) -> None:
    if service.google.watch != "vertex":
        return
    if secrets := secret_names(service):
        told = f"A pipeline of Vertex AI gets no secrets, but {', '.join(secrets)} are some"
        raise SettingError(f'{told}. Let the watch run as a job: [google] watch = "job"', key="google_watch")
    if not _buckets(service):
        told = "A pipeline of Vertex AI keeps what its steps tell each other in a bucket of Google's"
        raise SettingError(f'{told}. Set one: store = "gs://BUCKET/store"', key="store")


def _trainer(service: Service) -> dict[str, int]:
    """What the watch takes, as it trains too: four times the server's memory, and the CPUs that go with that."""
    megabytes = min(4 * service.settings.memory_megabytes, max(most for _, most in MEGABYTES_PER_CPU.values()))
    enough = min(cpus for cpus, (_, most) in MEGABYTES_PER_CPU.items() if most >= megabytes)
    return {"megabytes": megabytes, "cpus": max(enough, service.settings.cpus)}


def _rules(service: Service) -> list[dict[str, Any]]:
    """Prometheus's rules as policies take them.

    The side-car writes the service's name as the label `namespace`. That nobody answers is no fault of a service that
    scales to zero.
    """
    import yaml

    groups = yaml.safe_load(render_file("compose/prometheus/rules.yml", service=service))["groups"]
    return [
        {
            "id": re.sub(r"(?<=[a-z])(?=[A-Z])", "-", rule["alert"].removeprefix("Omloop")).lower(),
            "name": rule["alert"],
            "query": " ".join(rule["expr"].split()).replace(f'job="{service.host}"', f'namespace="{service.host}"'),
            "seconds": 60 * int(str(rule.get("for", "0m")).removesuffix("m")),
            "severity": rule["labels"]["severity"].upper(),
            "action": rule["annotations"]["action"],
        }
        for rule in (one for group in groups for one in group["rules"])
        if rule["alert"] != "OmloopServerDown"
    ]
