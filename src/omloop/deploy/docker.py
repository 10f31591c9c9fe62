"""The target `docker`: images, their locked packages, and the whole circuit by Docker Compose."""

from __future__ import annotations

import json
from collections.abc import Mapping

from omloop.deploy.grafana import dashboard
from omloop.deploy.sbom import bill_of_materials
from omloop.deploy.service import IMAGES, Service, secret_names
from omloop.deploy.templates import render_file, render_folder

WITH_CODE = ("watch", "train", "evaluate", "ui")
"""Images that carry the project's code; a server answers from the bundle alone."""
IGNORED = "# Secrets, which no repository keeps.\n.env\nalertmanager/smtp_password\n"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "serve": ("serve", "{project}", "--log-format", "json"),
    "watch": ("watch", "{project}", "--every", "{every}", "--log-format", "json"),
    "train": ("turn", "{project}", "--log-format", "json"),
    "evaluate": ("evaluate", "{project}"),
    "probe": ("probe", "{project}", "--server", "http://serve:8080", "--log-format", "json"),
    "ui": ("ui", "--log-format", "json"),
}
"""The default command of each image."""
LISTENS: Mapping[str, Mapping[str, str]] = {
    "serve": {"OMLOOP_HOST": "0.0.0.0", "OMLOOP_PORT": "8080"},  # noqa: S104  a container's own
    "ui": {
        "OMLOOP_UI_HOST": "0.0.0.0",  # noqa: S104  a container's own
        "OMLOOP_UI_PORT": "8080",
        "OMLOOP_UI_SERVERS": "{project}=http://serve:8080",
        "OMLOOP_HOSTS": "localhost",
    },
}
"""Where an image listens. A page is for who sits at the machine, so it knows no name, and a name that was made to lead
to it is refused; a server is for other programs, which know it by whatever name."""


def docker_files(service: Service) -> dict[str, str]:
    """An image for each purpose, and `compose.yaml` with Prometheus, Alertmanager and Grafana."""
    files = {}
    for kind in IMAGES:
        lock = service.locks.get(kind, "")
        values = _image(service, kind)
        files[f"{kind}.Dockerfile"] = render_file("image/Dockerfile", **values)
        files[f"{kind}.Dockerfile.dockerignore"] = render_file("image/Dockerfile.dockerignore", **values)
        files[f"locks/{kind}.txt"] = lock
        files[f"sbom/{kind}.cdx.json"] = bill_of_materials(service, kind, lock)
    files |= render_folder("compose", service=service, image=service.image)
    files[".gitignore"] = IGNORED
    files["grafana/dashboards/omloop.json"] = dashboard(service)
    return {f"{service.place}/{name}": text for name, text in files.items()}


def container_variables(service: Service, kind: str) -> dict[str, str]:
    """omloop's settings of an image, as variables of its containers."""
    where = {name: value.format(project=service.project) for name, value in LISTENS.get(kind, {}).items()}
    code = {"OMLOOP_PROJECTS": "/opt/omloop/projects"} if kind in WITH_CODE else {}
    baked = {"OMLOOP_STORE": "files:/opt/omloop/versions"} if kind == "serve" and service.settings.bake else {}
    return {**where, **code, **service.variables, **baked}


def open_variables(service: Service, kind: str) -> dict[str, str]:
    """Those whose values are no secrets, for a platform that brings the others by itself."""
    secrets = secret_names(service)
    return {name: value for name, value in container_variables(service, kind).items() if name not in secrets}


def _image(service: Service, kind: str) -> dict[str, object]:
    words = {"project": service.project, "every": f"{service.settings.watch_minutes}m"}
    return {
        "service": service,
        "kind": kind,
        "about": IMAGES[kind],
        "code": kind in WITH_CODE,
        "baked": kind == "serve" and service.settings.bake,
        "torch": service.torch if "torch" in service.extras.get(kind, ()) else "",
        "labels": service.labels if kind == "serve" else {},
        "variables": container_variables(service, kind),
        "command": json.dumps([word.format(**words) for word in COMMANDS[kind]]),
        "quoted": _quoted,
    }


def _quoted(value: str) -> str:
    """A text in double quotes as Dockerfiles read it: `$` and quotes stand for themselves."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", " ") + '"'
