"""Stages of DVC that call omloop's own commands, for who wants `dvc repro` to skip what did not change."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from omloop.core import ConfigError, as_store_error, without_secrets, write_whole

if TYPE_CHECKING:
    from omloop.loop.project.plan import Plan

FILE = "dvc.yaml"
MARK = "# Stages of omloop's commands, written by: omloop data-version stages NAME\n"
Stages = Mapping[str, Mapping[str, Any]]


def stages_of(plan: Plan, name: str, words: Sequence[str], options: Sequence[str] = ()) -> Stages:
    """The stages data, turn and evaluate of the project `name`, by their names for DVC.

    `words` are configuration, `options` those of every command. A turn depends on the data's fingerprint, which the
    first stage writes. DVC cannot see changes of a source that is no file, so there that stage runs each time. Raises
    ConfigError for a word with a secret in it.
    """
    for word in (*words, *options):
        if without_secrets(word) != word:
            raise ConfigError(f"{without_secrets(word)} holds a secret, which dvc.yaml would keep. Write it in conf/.")
    project, data = plan.project.name, plan.config.data
    written = {stage: f"{project}.{stage}.json" for stage in ("data", "turn", "evaluate")}
    code = _code(plan.project.folder or Path())
    path = str(getattr(data, "path", "")) if data.source == "file" else ""
    settings = [{_shown((plan.project.folder or Path()) / "conf" / "config.yaml"): None}]

    def stage(command: str, deps: Sequence[str], given: Sequence[str] = words) -> dict[str, Any]:
        called = shlex.join(["omloop", command, name, *given, *options, "--json"])
        made = written[command]
        return {"cmd": f"{called} > {made}", "deps": [*deps], "metrics": [{made: {"cache": False}}]}

    first = stage("data", [*([_shown(Path(path).expanduser())] if path else []), *code])
    first["outs"] = first.pop("metrics")
    if not path and data.origin.real:
        first["always_changed"] = True
    return {
        f"{project}-data": first,
        f"{project}-turn": {**stage("turn", [written["data"], *code]), "params": settings},
        f"{project}-evaluate": stage("evaluate", [written["turn"]], ()),
    }


def write_stages(path: Path, stages: Stages) -> None:
    """Write stages to `path`, beside those of other projects.

    Raises ConfigError for a file that somebody else wrote, and leaves it alone.
    """
    text = ""
    if path.exists():
        with as_store_error("read", path):
            text = path.read_text(encoding="utf-8")
        if not text.startswith(MARK):
            told = f"{path} is there already, and was not written by omloop."
            raise ConfigError(f"{told} Move it away, or copy the stages into it that --json prints.")
    try:
        known = msgspec.yaml.decode(text, type=dict[str, dict[str, Any]])["stages"] if text else {}
    except (msgspec.DecodeError, KeyError) as error:
        raise ConfigError(f"{path} holds no stages that can be read. Move it away.") from error
    write_whole(path, MARK.encode() + msgspec.yaml.encode({"stages": {**known, **stages}}))


def _code(folder: Path) -> list[str]:
    """The files of a project, without its tests and its README."""
    files = [*folder.glob("*.py"), *folder.glob("*.json"), *folder.glob("*.parquet")]
    return [_shown(path) for path in (*sorted(files), folder / "conf") if not path.name.startswith("test_")]


def _shown(path: Path) -> str:
    """A path from here where it lies below, else whole."""
    whole = path.resolve()
    return whole.relative_to(Path.cwd()).as_posix() if whole.is_relative_to(Path.cwd()) else str(whole)
