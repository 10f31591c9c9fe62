"""Generated workflows in folders, and what is read out of them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from omloop.deploy import DeploySettings, Service

GOOGLE = "europe-west4-docker.pkg.dev/my-project/images"
SERVICE = Service("rides", "How long rides take.", "projects/rides", "3.12", "omloop==0.1.0")
SERVICES = {
    "github": SERVICE,
    "google": Service(
        "city_rides",
        "How long rides take.",
        "projects/city_rides",
        "3.13",
        "omloop==0.1.0",
        extras={"train": ("gcs", "torch", "train"), "watch": ("gcs", "watch")},
        torch="torch==2.13.0",
        variables={"OMLOOP_STORE": "gs://models/versions", "OMLOOP_LOG_DAYS": "30"},
        secrets=("OMLOOP_PREDICTIONS",),
        settings=DeploySettings(registry=GOOGLE),
        presets={"full": "", "small": "model=linear data.fraction=0.1"},
    ),
    "elsewhere": Service(
        "rides",
        "How long rides take.",
        "projects/rides",
        "3.11",
        "wheels/omloop-0.1.0-py3-none-any.whl",
        wheel="wheels/omloop-0.1.0-py3-none-any.whl",
        settings=DeploySettings(registry="registry.example/team"),
    ),
}


@dataclass(frozen=True)
class Script:
    """A `run:` of a workflow or an action: where it stands, its text, and the variables that the workflow sets."""

    where: str
    text: str
    variables: Mapping[str, str]


def workflows(texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The workflows among some files, parsed, by their names."""
    found = {path: text for path, text in texts.items() if path.startswith(".github/workflows/")}
    return {path: parsed(text) for path, text in found.items()}


@cache
def parsed(text: str) -> dict[str, Any]:
    """A file in YAML whose values are texts, so that `on` is not taken for a truth."""
    found: dict[str, Any] = yaml.load(text, yaml.CBaseLoader)  # noqa: S506  it makes texts alone
    return found


def jobs(texts: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every job, by the workflow and its name."""
    for path, workflow in workflows(texts).items():
        for name, job in workflow["jobs"].items():
            yield f"{path}: {name}", job


def steps(texts: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every step of workflows and actions, with where it stands and its job."""
    for where, job in jobs(texts):
        yield from ((where, job, step) for step in job.get("steps", ()))
    for path, text in texts.items():
        if path.endswith("action.yml"):
            action = parsed(text)
            yield from ((path, action, step) for step in action["runs"]["steps"])


def scripts(texts: Mapping[str, str]) -> list[Script]:
    """Every script, with the variables of its step and its job."""
    return [
        Script(where, step["run"], {**job.get("env", {}), **step.get("env", {})})
        for where, job, step in steps(texts)
        if "run" in step
    ]


def expressions(part: object) -> list[str]:
    """What stands between `${{` and `}}`, and conditions, anywhere in a part of a workflow."""
    found = re.findall(r"\$\{\{(.*?)\}\}", json.dumps(part))
    return [*found, *re.findall(r'"if": "(.*?)"', json.dumps(part))]


def write_all(texts: Mapping[str, str], folder: Path) -> Path:
    """The texts as files."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    return folder
