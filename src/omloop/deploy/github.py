"""Workflows of GitHub Actions: tests, images, deployments, and what happens when data or the champion changes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from omloop.core import OmloopError
from omloop.deploy.google.files import server_variables
from omloop.deploy.service import IMAGES, Service, secret_names
from omloop.deploy.templates import render_folder

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Versions of Python with releases of omloop and its dependencies, the oldest first."""


def github_files(service: Service) -> dict[str, str]:
    """The files of a project on GitHub, texts by their paths in the repository.

    Workflows of one project begin with its name, so that those of several projects stand side by side; shared files are
    the same for each. A workflow deploys images only from Google's registry. Raises OmloopError for a folder or a
    preset whose name would need quotes in a workflow.
    """
    for what, name in (("folder", service.folder), *(("preset", name) for name in service.presets)):
        if not re.fullmatch(r"[\w./-]+", name, re.ASCII):
            told = f"The {what} '{name}' of {service.project} cannot stand in a workflow"
            raise OmloopError(f"{told}: letters, digits, '.', '_', '-' and '/' can. Rename it.")
    values = _values(service)
    ours = render_folder("github/project", **values)
    return {**_shared(made_by="omloop deploy github", **_of_repository(values)), **_placed(ours, service)}


def own_files() -> dict[str, str]:
    """The files of omloop's own repository, of the same templates: its tests and checks go through run.py."""
    values: dict[str, Any] = {"python": PYTHONS[1], "pythons": json.dumps([PYTHONS[0], PYTHONS[2]]), "projects": ""}
    return _shared(made_by="python docs/make_workflows.py", own=True, **values)


def _shared(*, own: bool = False, **values: Any) -> dict[str, str]:
    """What belongs to a repository, whatever its projects; `own` for omloop's."""
    paths = ["docs/**", "mkdocs.yml", *(["src/**"] if own else [])]
    return render_folder("github/repository", own=own, docs_paths=json.dumps(paths), **values)


def _placed(texts: Mapping[str, str], service: Service) -> dict[str, str]:
    """A project's files where they belong: workflows with its name, and the rest in its folder of generated files."""
    workflows = ".github/workflows/"
    return {
        f"{workflows}{service.host}-{path.removeprefix(workflows)}"
        if path.startswith(workflows)
        else f"{service.place}/github/{path.removeprefix('place/')}": text
        for path, text in texts.items()
    }


def _of_repository(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("python", "pythons", "projects")}


def _values(service: Service) -> dict[str, Any]:
    """All that the templates of a project name."""
    registry = service.settings.registry
    host = registry.partition("/")[0]
    extras = service.extras.get("train", ())
    return {
        "own": False,
        "made_by": f"omloop deploy github {service.project}",
        "project": service.project,
        "host": service.host,
        "source": service.folder,
        "projects": PurePosixPath(service.folder).parent.as_posix(),
        "place": service.place,
        "python": service.python,
        "pythons": json.dumps(_two_pythons(service.python)),
        "torch": "torch" in extras,
        "images": json.dumps(list(IMAGES)),
        "image": service.image("serve"),
        "registry": registry,
        "registry_host": host,
        "registry_kind": _registry_kind(host),
        "settings": service.settings,
        "store": json.dumps(service.variables.get("OMLOOP_STORE", "files")),
        "environment": json.dumps(
            "^|^" + "|".join(f"{name}={value}" for name, value in server_variables(service).items())
        ),
        "secrets": ",".join(f"{name}={secret}:latest" for name, secret in secret_names(service).items()),
        "presets": {name: shlex.quote(words) for name, words in service.presets.items()},
        "requirements": _requirements(service),
    }


def _two_pythons(python: str) -> list[str]:
    """The version of the images and the next one, since a repository may refuse older ones.

    >>> _two_pythons("3.12"), _two_pythons("3.14")
    (['3.12', '3.13'], ['3.14'])
    """
    return list(PYTHONS[PYTHONS.index(python) :][:2]) if python in PYTHONS else [python]


def _registry_kind(host: str) -> str:
    if host == "ghcr.io":
        return "github"
    return "google" if host.endswith("-docker.pkg.dev") else "other"


def _requirements(service: Service) -> list[str]:
    """The packages that train and watch, DVC with its bucket's client, and PyTorch if the project uses it."""
    extras = sorted({"dvc", *service.extras.get("train", ()), *service.extras.get("watch", ())})
    reach = [f"dvc-{kind}" for kind, extra in (("gs", "gcs"), ("s3", "s3")) if extra in extras]
    return [
        with_extras(service.wheel or service.omloop, extras),
        *reach,
        *([service.torch] if "torch" in extras else []),
    ]


def with_extras(requirement: str, extras: Sequence[str]) -> str:
    """A requirement of omloop with extras of it.

    >>> with_extras("omloop==1.0", ["dvc", "train"]), with_extras("wheels/omloop-1.0-py3-none-any.whl", ["dvc"])
    ('omloop[dvc,train]==1.0', './wheels/omloop-1.0-py3-none-any.whl[dvc]')
    """
    named = f"[{','.join(extras)}]"
    if requirement.endswith(".whl") and "://" not in requirement:
        return f"./{requirement}{named}"
    if "://" in requirement and "@" not in requirement.partition("://")[0]:
        return f"omloop{named} @ {requirement}"
    return re.sub(r"^omloop(\[[^]]*\])?", f"omloop{named}", requirement)
