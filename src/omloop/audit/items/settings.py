"""Items about versions of data, command lines and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.hydra_files import absent_files, roots
from omloop.audit.items.ask import first, omloop_projects, only_declared, some, spots_of
from omloop.audit.modules import has_module
from omloop.audit.named_files import absent_from_tasks
from omloop.audit.repository import Repository

_BUCKET = re.compile(r"url\s*=\s*((?:gs|s3|azure|oss|gcs)://\S+)")
_CONFIG = re.compile(
    r"(?i)(?:^|/)(conf|confs|config|configs|configuration|hydra)/.*\.(ya?ml|toml|json)$|(?:^|/)(config|configs|params|hparams|settings)\.(ya?ml|toml)$"
)
_LOADS = (
    "yaml.safe_load",
    "yaml.load",
    "omegaconf.OmegaConf.load",
    "tomllib.load",
    "tomllib.loads",
    "hydra.compose",
    "hydra.main",
    "json.load",
    "configparser.ConfigParser",
    "toml.load",
    "dynaconf.Dynaconf",
)
_TASKS = ("Makefile", "justfile", "Justfile", "tasks.py", "Taskfile.yml")
_COMMANDS = ("click.", "hydra.main", "typer.Typer().", "invoke.task")
_PARSERS = (
    "typer.", "argparse.ArgumentParser", "click.", "fire.Fire", "hydra.main", "tyro.cli", "cyclopts.",
    "simple_parsing.",
)  # fmt: skip


def data_versions(repository: Repository) -> Evidence:
    """DVC with a remote, and something that it tracks."""
    config = ".dvc/config"
    tracked = [path for path in repository.paths if path.endswith(".dvc") and not path.startswith(".dvc/")]
    tracked += [path for path in repository.paths if re.search(r"(?:^|/)dvc\.(lock)$", path)]
    if not tracked and config not in repository.paths:
        if "filter=lfs" in repository.texts.get(".gitattributes", ""):
            return found("git's large file storage", repository.line_of(".gitattributes", "filter=lfs"))
        return only_declared(repository, "dvc", "dvc-gs", "dvc-s3")
    if not tracked:
        return weak("DVC was begun, but tracks nothing", Spot(config))
    if "url" not in repository.texts.get(config, ""):
        return weak("DVC tracks files, but has no remote to keep them in", Spot(tracked[0]))
    return found("DVC tracks files and has a remote", Spot(tracked[0], 1), repository.line_of(config, r"^\s*url\s*="))


def bucket_of_dvc(repository: Repository) -> Evidence:
    """A remote of DVC's in a bucket."""
    text = repository.texts.get(".dvc/config", "")
    if hit := _BUCKET.search(text):
        return found(
            f"DVC's remote is {hit[1].partition('://')[0]}://…",
            repository.line_of(".dvc/config", r"url\s*=\s*(gs|s3|azure|oss|gcs)://"),
        )
    if "url" in text:
        return weak("DVC's remote is no bucket", repository.line_of(".dvc/config", r"url\s*="))
    return missing()


def command_lines(repository: Repository) -> Evidence:
    """Code that parses arguments, or tasks with names."""
    root = repository.toml.get("pyproject.toml", {})
    if broken := _broken_scripts(repository, "pyproject.toml", root):
        return weak("a script names a module that is not there", *first(broken))
    if absent := list(absent_from_tasks(repository)):
        names = some([name for name, _ in absent])
        told = weak(f"tasks name what is not there: {names}", *first(spot for _, spot in absent))
        return replace(told, next_step="mend what the tasks name, or take them out")
    scripts = [repository.line_of("pyproject.toml", r"^\[project\.scripts\]")] if _scripts(root) else []
    tasks = [Spot(path, 1) for path in _TASKS if path in repository.paths]
    if spots := first([*scripts, *_parsers(repository), *tasks]):
        return found("command lines or tasks", *spots)
    if projects := omloop_projects(repository):
        return found("`omloop turn`, `train`, `serve` take the project", *projects)
    mains = [Spot(one.path, one.main_line) for one in repository.code if one.main_line]
    return weak("scripts that take no arguments", *first(mains)) if mains else missing()


def _parsers(repository: Repository) -> Iterator[Spot]:
    """Where code parses arguments: functions that a library turns into commands, and parsers."""
    for facts in repository.code:
        for one in facts.functions:
            if any(name.startswith(_COMMANDS) or name == "task" for name in one.decorators):
                yield Spot(facts.path, one.line)
    for facts, call in repository.calls(*_PARSERS):
        if call.last not in ("echo", "secho", "Option", "Argument"):
            yield Spot(facts.path, call.line)


def _scripts(read: object) -> dict[str, str]:
    project = read.get("project") if isinstance(read, dict) else None
    scripts = project.get("scripts") if isinstance(project, dict) else None
    return {key: str(value) for key, value in scripts.items()} if isinstance(scripts, dict) else {}


def _broken_scripts(repository: Repository, path: str, read: object) -> list[Spot]:
    """Scripts of modules that no file of the repository is."""
    broken = []
    for name, target in _scripts(read).items():
        if not has_module(repository, target.partition(":")[0]):
            broken.append(repository.line_of(path, rf"^\s*[\"']?{re.escape(name)}[\"']?\s*="))
    return broken


def config_files(repository: Repository) -> Evidence:
    """Files of settings, and code that reads them."""
    composed = [one for one in roots(repository) if one[1] in repository.paths]
    folders = tuple(f"{root}/" for root, _, _ in composed if root != ".")
    named = [path for path in repository.paths if _CONFIG.search(path) and not path.startswith(".")]
    named += [path for path in repository.yaml if path.startswith(folders or ("\0",))]
    files = [Spot(path, 1) for path in dict.fromkeys([*(path for _, path, _ in composed), *named])]
    reading = [spot for _, _, spot in composed] + spots_of(repository.calls(*_LOADS)) + hydra_mains(repository)
    reading += omloop_projects(repository)
    if files and reading:
        told = f"{len(files)} {'file' if len(files) == 1 else 'files'} of settings, which code reads"
        return found(told, files[0], reading[0])
    if files:
        return weak("files of settings that no code reads", *first(files))
    frozen = [
        Spot(f.path, one.line)
        for f in repository.code
        for one in f.classes
        if re.search(r"Config$|Settings$", one.name)
    ]
    return weak("settings stand in code, not in files", *first(frozen)) if frozen else missing()


def hydra_mains(repository: Repository) -> list[Spot]:
    """Functions that Hydra starts."""
    return [Spot(f.path, one.line) for f in repository.code for one in f.functions if "hydra.main" in one.decorators]


def hydra(repository: Repository) -> Evidence:
    """Hydra composes what is there."""
    if absent := next(absent_files(repository), None):
        return weak(f"it reads {absent[0]}, which is not there", absent[1])
    names = ("hydra.main", "hydra.initialize", "hydra.initialize_config_dir", "hydra.compose")
    if calls := spots_of(repository.calls(*names)):
        return found("Hydra composes the configuration", *calls)
    projects = omloop_projects(repository)
    composed = [
        Spot(path, trees[0].pairs["defaults"].line)
        for path, trees in repository.yaml.items()
        if trees and "defaults" in trees[0].pairs and "conf" in path
    ]
    if projects and composed:
        return found("omloop composes the project's conf/ by Hydra", *first(composed))
    if loads := spots_of(repository.calls("omegaconf.OmegaConf.load")):
        return weak("OmegaConf reads settings, and Hydra composes none", *loads)
    return only_declared(repository, "hydra-core", "omegaconf")
