"""What Cloud Run adds to a service or job, and what it refuses beyond its description."""

import re
import string
from typing import Any

from tests.deploy.google_fake.cloud import Cloud
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.operations import Call, now

# https://cloud.google.com/run/docs/container-contract: names that Cloud Run sets itself.
RESERVED = {
    "PORT",
    "K_SERVICE",
    "K_REVISION",
    "K_CONFIGURATION",
    "CLOUD_RUN_JOB",
    "CLOUD_RUN_EXECUTION",
    "CLOUD_RUN_TASK_INDEX",
    "CLOUD_RUN_TASK_ATTEMPT",
    "CLOUD_RUN_TASK_COUNT",
}
# https://cloud.google.com/run/docs/configuring/services/memory-limits: GiB that a number of CPUs needs, and may have.
MEMORY = {1: (0, 4), 2: (0, 8), 4: (2, 16), 6: (4, 24), 8: (4, 32)}
_SYSTEM = re.compile(r"(run|cloud)\.googleapis\.com|(serving|autoscaling)\.knative\.dev")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMG]i?)?")
_UNITS = {None: 1, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def service(cloud: Cloud, call: Call, body: Body, old: Body | None) -> Body | None:
    """A service with Cloud Run's defaults. Answers how its revision will fail, if it will."""
    template, short = body["template"], body["name"].rpartition("/")[2]
    _bounded(template, "service.template", 3600)
    account = _account(cloud, template)
    _containers(template, "service.template", serves=True)
    template.setdefault("maxInstanceRequestConcurrency", 80 if _cpus(template["containers"][0]) >= 1 else 1)
    template.setdefault("timeout", "300s")
    template.setdefault("serviceAccount", account)
    template["scaling"] = {"maxInstanceCount": 100, **template.get("scaling", {})}
    _scaled(template)
    if system := [one for one in body.get("annotations", {}) if _SYSTEM.search(one.partition("/")[0])]:
        raise bad(("service.annotations", f"Annotations of system namespaces are not supported: {system[0]}."))
    body.setdefault("ingress", "INGRESS_TRAFFIC_ALL")
    body.setdefault("launchStage", "GA")
    latest = {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}
    body["traffic"] = body.get("traffic") or [latest]
    if sum(one.get("percent", 0) for one in body["traffic"]) != 100:
        raise bad(("service.traffic", "Traffic percents must add up to 100."))
    revision = _revision(cloud, body, old)
    wrong = _failure(cloud, template, template["serviceAccount"], f"Revision '{revision}'")
    created = f"{body['name']}/revisions/{revision}"
    ready = (old or {}).get("latestReadyRevision", "") if wrong else created
    uri = f"https://{short}-abcdefghij-ez.a.run.app"
    body |= _standing(cloud, old) | {"latestCreatedRevision": created, "latestReadyRevision": ready}
    body |= {"uri": uri, "urls": [f"https://{short}-{cloud.number}.{call.location}.run.app", uri]}
    body["trafficStatuses"] = [one | {"uri": uri} if "tag" in one else one for one in body["traffic"]]
    return wrong


def _scaled(template: Body) -> None:
    if template["scaling"].get("minInstanceCount", 0) > template["scaling"]["maxInstanceCount"]:
        raise bad(("service.template.scaling", "scaling: min_instance_count must be at most max_instance_count."))
    if min(map(_cpus, template["containers"])) < 1 < template["maxInstanceRequestConcurrency"]:
        text = "Total cpu < 1 is not supported with concurrency > 1."
        raise bad(("service.template.containers[0].resources.limits.cpu", text))


def _revision(cloud: Cloud, body: Body, old: Body | None) -> str:
    """The name of the revision that the template makes, which no other template may have had."""
    given = body["template"].get("revision")
    if given and old and given == old["template"].get("revision") and body["template"] != old["template"]:
        raise Refused(409, f"Revision named '{given}' with different configuration already exists.")
    suffix = "".join(string.ascii_lowercase[int(one)] for one in f"{cloud.fresh():03}"[-3:])
    return given or f"{body['name'].rpartition('/')[2]}-{int(body['generation']):05}-{suffix}"


def job(cloud: Cloud, call: Call, body: Body, old: Body | None) -> Body | None:
    """A job with Cloud Run's defaults. Answers how its creation will fail, if it will."""
    task = body["template"]["template"]
    _bounded(task, "job.template.template", 7 * 24 * 3600)
    account = _account(cloud, task)
    _containers(task, "job.template.template", serves=False)
    body["template"].setdefault("taskCount", 1)
    task.setdefault("timeout", "600s")
    task.setdefault("maxRetries", 3)
    task.setdefault("serviceAccount", account)
    task.setdefault("executionEnvironment", "EXECUTION_ENVIRONMENT_GEN2")
    body.setdefault("launchStage", "GA")
    body |= _standing(cloud, old) | {"executionCount": (old or {}).get("executionCount", 0)}
    return _failure(cloud, task, task["serviceAccount"], f"Job '{body['name'].rpartition('/')[2]}'")


def _standing(cloud: Cloud, old: Body | None) -> Body:
    fine = {"type": "Ready", "state": "CONDITION_SUCCEEDED", "lastTransitionTime": now()}
    return {
        "creator": (old or {}).get("creator", cloud.caller),
        "lastModifier": cloud.caller,
        "observedGeneration": str(int((old or {}).get("generation", "0")) + 1),
        "terminalCondition": fine,
    }


def _bounded(template: Body, at: str, seconds: int) -> None:
    if float(template.get("timeout", "1s")[:-1]) > seconds:
        raise bad((f"{at}.timeout", f"timeout: must be at most {seconds}s."))


def _account(cloud: Cloud, template: Body) -> str:
    """Whom the containers run as. Cloud Run tells no difference between an account that is not there and no right."""
    email: str = template.get("serviceAccount", f"{cloud.number}-compute@developer.gserviceaccount.com")
    mine = email.endswith(f"@{cloud.project}.iam.gserviceaccount.com")
    if not cloud.allowed("iam.serviceAccounts.actAs") or (mine and not cloud.account(email)):
        raise Refused(
            403, f"Permission 'iam.serviceaccounts.actAs' denied on service account {email} (or it may not exist)."
        )
    return email


def _containers(template: Body, at: str, *, serves: bool) -> None:
    if not template.get("containers"):
        raise bad((f"{at}.containers", f"{at}.containers: must have at least one container."))
    volumes = {one["name"] for one in template.get("volumes", ())}
    if serves:
        _serving(next((one for one in template["containers"] if one.get("ports")), template["containers"][0]))
    for number, one in enumerate(template["containers"]):
        here = f"{at}.containers[{number}]"
        _variables(one, here)
        _resources(one, here, 0.125 if serves else 0.5)
        _probes(one, here)
        for mount in one.get("volumeMounts", ()):
            if mount["name"] not in volumes:
                raise bad((f"{here}.volume_mounts", f"{here}.volume_mounts: no volume is called {mount['name']}."))
    ports = [port for one in template["containers"] for port in one.get("ports", ())]
    if len(ports) > int(serves):
        raise bad(
            (f"{at}.containers", f"{at}.containers: only the container that serves may have a port, and only one.")
        )


def _serving(container: Body) -> None:
    """What Cloud Run adds to the container that answers requests."""
    container.setdefault("resources", {"cpuIdle": True})  # true by default, but only where nothing else is set
    container["ports"] = [{"name": "http1", "containerPort": 8080, **(container.get("ports") or [{}])[0]}]
    container.setdefault(
        "startupProbe",
        {
            "timeoutSeconds": 240,
            "periodSeconds": 240,
            "failureThreshold": 1,
            "tcpSocket": {"port": container["ports"][0]["containerPort"]},
        },
    )
    for name in ("startupProbe", "livenessProbe"):
        for check in ("httpGet", "tcpSocket"):
            if check in container.get(name, {}):
                container[name][check].setdefault("port", container["ports"][0]["containerPort"])
                container[name] = {"timeoutSeconds": 1, "periodSeconds": 10, "failureThreshold": 3, **container[name]}


def _variables(container: Body, at: str) -> None:
    names = [one["name"] for one in container.get("env", ())]
    if reserved := sorted(RESERVED & set(names)):
        text = (
            "The following reserved env names were provided: "
            + ", ".join(reserved)
            + ". These values are automatically set by the system."
        )
        raise bad((f"{at}.env", f"{at}.env: {text}"))
    if len(names) != len(set(names)):
        raise bad((f"{at}.env", f"{at}.env: names must be unique."))
    for one in container.get("env", ()):
        if "value" in one and "valueSource" in one:
            raise bad((f"{at}.env", f"{at}.env: {one['name']} has a value and a value source."))


def _cpus(container: Body) -> float:
    text = container.get("resources", {}).get("limits", {}).get("cpu", "1")
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def _resources(container: Body, at: str, least: float) -> None:
    """CPUs and memory that go together; jobs, which run on the second generation alone, need `least` 0.5 GiB."""
    given = container.setdefault("resources", {})
    limits = given["limits"] = {"cpu": "1000m", "memory": "512Mi", **given.get("limits", {})}
    if unknown := limits.keys() - {"cpu", "memory", "nvidia.com/gpu"}:
        raise bad((f"{at}.resources.limits", f"{at}.resources.limits: unsupported keys {sorted(unknown)}."))
    size = _SIZE.fullmatch(limits["memory"])
    if not size or not re.fullmatch(r"\d+m|\d(\.\d+)?", limits["cpu"]):
        raise bad((f"{at}.resources.limits", f"{at}.resources.limits: invalid quantity {limits}."))
    cpus, memory = _cpus(container), float(size[1]) * _UNITS[size[2]] / 2**30
    low, high = MEMORY.get(int(cpus), (99, 0)) if cpus >= 1 else (0, 4)
    if (cpus > 1 and cpus != int(cpus)) or not low <= memory <= high or memory < least:
        text = f"Invalid value specified for cpu and memory: {limits['cpu']} cpu with {limits['memory']}."
        raise bad((f"{at}.resources.limits", f"{at}.resources.limits: {text}"))


def _probes(container: Body, at: str) -> None:
    """https://cloud.google.com/run/docs/configuring/healthchecks: seconds and times that a probe may have."""
    for name, longest in (("startupProbe", 240), ("livenessProbe", 3600), ("readinessProbe", 300)):
        if probe := container.get(name):
            period, timeout = probe.get("periodSeconds", 10), probe.get("timeoutSeconds", 1)
            if timeout > period or period > longest:
                text = f"timeout_seconds must be at most period_seconds, and that at most {longest}."
                raise bad((f"{at}.{name}", f"{at}.{name}: {text}"))


def _failure(cloud: Cloud, template: Body, account: str, what: str) -> Body | None:
    """How what was asked for fails once it starts: an image that is not there, a secret that it may not read."""
    for one in template["containers"]:
        found = re.fullmatch(
            r"([a-z0-9-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)/([^@:]+)(?::(.+))?(?:@(.+))?", one["image"]
        )
        if found and found[2] == cloud.project and not image(cloud, found):
            return {"code": 5, "message": f"{what} is not ready. Image '{one['image']}' not found."}
    for secret, version in _secrets(template):
        if wrong := _unreadable(cloud, secret, version, account):
            return {"code": 9, "message": f"{what} is not ready. {wrong}"}
    return None


def image(cloud: Cloud, found: re.Match[str]) -> Body | None:
    """The image behind an address, `REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME:TAG` or `NAME@DIGEST`."""
    at = f"projects/{found[2]}/locations/{found[1]}/repositories/{found[3]}/packages/{found[4].replace('/', '%2F')}"
    place = "artifactregistry.projects.locations.repositories.packages"
    if found[6]:
        return cloud.find(f"{place}.versions", f"{at}/versions/{found[6]}")
    return cloud.find(f"{place}.tags", f"{at}/tags/{found[5] or 'latest'}")


def _secrets(template: Body) -> list[tuple[str, str]]:
    sources = [
        one.get("valueSource", {}).get("secretKeyRef") for box in template["containers"] for one in box.get("env", ())
    ]
    found = [(one["secret"], one.get("version", "latest")) for one in sources if one]
    for volume in template.get("volumes", ()):
        for item in volume.get("secret", {}).get("items", [{}] if "secret" in volume else []):
            found.append((volume["secret"]["secret"], item.get("version", "latest")))
    return found


def _unreadable(cloud: Cloud, secret: str, version: str, account: str) -> str:
    """Why a secret's value cannot be read by an account; nothing if it can."""
    name = cloud.named(secret if "/" in secret else f"projects/{cloud.project}/secrets/{secret}")
    told = f"{name.replace(cloud.project, cloud.number, 1)}/versions/{version}"
    versions = [
        one
        for (kind, path), one in cloud.resources.items()
        if kind.endswith("secrets.versions") and path.startswith(f"{name}/versions/")
    ]
    readable = [
        one
        for one in versions
        if one["state"] == "ENABLED" and (version == "latest" or one["name"].endswith(f"/{version}"))
    ]
    if not readable:
        return f"Secret {told} was not found"
    policies: list[dict[str, Any]] = [
        cloud.policies.get(("secretmanager.projects.secrets", name), {}),
        cloud.policies.get(("cloudresourcemanager.projects", f"projects/{cloud.project}"), {}),
    ]
    for binding in [one for policy in policies for one in policy.get("bindings", ())]:
        reads = binding["role"] in ("roles/secretmanager.secretAccessor", "roles/secretmanager.admin")
        if reads and f"serviceAccount:{account}" in binding["members"]:
            return ""
    return (
        f"Permission denied on secret: {told} for Revision service account {account}. The service account used "
        "must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the "
        "secret, project or higher level."
    )
