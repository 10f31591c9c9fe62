"""The target `kubernetes`: manifests for any cluster, put together by Kustomize."""

from __future__ import annotations

from urllib.parse import urlsplit

from omloop.deploy.schedules import schedule
from omloop.deploy.service import Service
from omloop.deploy.shared import require_shared
from omloop.deploy.templates import render_file, render_folder

POSTGRES = 5432


def kubernetes_files(service: Service) -> dict[str, str]:
    """Deployment, Service, scaling, network policies, the watch as a CronJob, and its monitoring.

    Raises OmloopError if versions or predictions lie in a folder, which pods do not share.
    """
    require_shared(service, "Pods share no folder")
    rules = render_file("compose/prometheus/rules.yml", service=service)
    values = {
        "image": service.image,
        "schedule": schedule(service.settings.watch_minutes),
        "ports": _ports(service),
        "needs": _needs(service),
        "rules": rules[rules.index("groups:") :].rstrip(),
    }
    files = render_folder("kubernetes", service=service, **values)
    return {f"{service.place}/kubernetes/{name}": text for name, text in files.items()}


def _ports(service: Service) -> list[int]:
    """Ports that pods ask beside that of TLS: where the log is PostgreSQL's, its own."""
    value = service.variables.get("OMLOOP_PREDICTIONS", "")
    if "OMLOOP_PREDICTIONS" in service.secrets:
        return [POSTGRES]
    return [urlsplit(value).port or POSTGRES] if value.startswith("postgres") else []


def _needs(service: Service) -> str:
    keys = " ".join(f"--from-literal={name}=..." for name in service.secrets)
    if not keys:
        return "nothing else"
    return f"their secrets: kubectl create secret generic {service.host} {keys}"
