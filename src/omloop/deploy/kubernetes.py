"""The target `kubernetes`: manifests for any cluster, put together by Kustomize."""

from __future__ import annotations

from urllib.parse import urlsplit

from omloop.core import OmloopError
from omloop.deploy.service import Service
from omloop.deploy.templates import render_file, render_folder

POSTGRES = 5432
SHARED = {"STORE": ("gs://", "s3://"), "PREDICTIONS": ("gs://", "s3://", "postgres")}
"""Memories that every pod must reach, and how their addresses begin."""


def kubernetes_files(service: Service) -> dict[str, str]:
    """Deployment, Service, scaling, network policies, the watch as a CronJob, and its monitoring.

    Raises OmloopError where versions or predictions are kept in a folder, which pods do not share.
    """
    for name, schemes in SHARED.items():
        value = service.variables.get(f"OMLOOP_{name}", "")
        if f"OMLOOP_{name}" not in service.secrets and not value.startswith(schemes):
            kept = f"'{name.lower()}' is '{value or 'files'}'"
            raise OmloopError(
                f"Pods share no folder, but {kept}. Keep it where all of them reach it, in omloop.toml: "
                f'{name.lower()} = "{schemes[0]}BUCKET/{name.lower()}"'
            )
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


def schedule(minutes: int) -> str:
    """Every so many minutes as cron has it: at a divisor of an hour, or of a day in hours, the next one below.

    >>> schedule(15), schedule(50), schedule(240), schedule(1440)
    ('*/15 * * * *', '*/30 * * * *', '0 */4 * * *', '0 0 * * *')
    """
    if minutes < 60:
        return f"*/{max(n for n in range(1, 31) if 60 % n == 0 and n <= max(1, minutes))} * * * *"
    hours = max(n for n in range(1, 25) if 24 % n == 0 and n <= minutes // 60)
    return "0 0 * * *" if hours == 24 else f"0 */{hours} * * *"


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
