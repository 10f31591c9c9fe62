"""Composing a project's configuration: Hydra's compose over typed dataclasses, and nothing else of Hydra.

No change of working directory, no output folders, no `instantiate`: names are mapped to functions by the project.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, make_dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core import ConfigError, Project, UnknownNameError
from omloop.data import SOURCES, Source
from omloop.promote import Rules

if TYPE_CHECKING:
    from omegaconf import DictConfig

LOG = logging.getLogger("omloop.configure")


@dataclass
class Split:
    """The shares of records to choose models by (`validation`) and to judge them by (`test`)."""

    validation: float = 0.1
    test: float = 0.1


@dataclass
class Best:
    """Train several models and take the best on the validation part."""

    name: str = "best"
    among: list[str] = field(default_factory=list)


Gate = make_dataclass(
    "Gate",
    [
        ("metric", str, "???"),
        *((f.name, f.type, field(default_factory=partial(getattr, Rules(), f.name))) for f in fields(Rules)),
    ],
)
"""The gate's rules and the metric that they are about, as OmegaConf wants them: it cannot fill in a frozen value."""


@dataclass
class Root:
    """The root of every project's configuration. `promote` is `auto` or `ask`."""

    model: Any = "???"
    data: Any = "???"
    seed: int = 42
    split: Split = field(default_factory=Split)
    gate: Gate = field(default_factory=Gate)  # type: ignore[valid-type]
    promote: str = "auto"


@dataclass(frozen=True)
class Configured:
    """A composed configuration. `models` maps each model to be trained to its configuration, the baseline first.

    `metric` names what the gate compares, by its `rules`. `yaml` is all of it as text; `overrides` are the words that
    were given on top of the project's files.
    """

    data: Source
    models: Mapping[str, Any]
    seed: int
    split: Split
    metric: str
    rules: Rules
    promote: str
    overrides: tuple[str, ...]
    yaml: str


def configure(project: Project, overrides: Sequence[str] = ()) -> Configured:
    """Compose the project's `conf/` with `overrides` such as `model=mlp` or `data.rows=500`.

    Raises ConfigError for a key, an option or a value that does not exist or fit, naming the nearest right one.
    """
    from omegaconf import OmegaConf

    composed = _compose(project, overrides)
    chosen = composed.model.name
    names = list(composed.model.among) or list(project.models) if chosen == "best" else [chosen]
    for name in names:
        if name not in project.models:
            raise UnknownNameError("model", name, project.models)
    kept = [word for word in overrides if not word.lstrip("+~").startswith(("model=", "model."))]
    models = {}
    for name in dict.fromkeys([project.baseline, *names]):
        one = composed if name == chosen else _compose(project, [*kept, f"model={name}"])
        models[name] = _value(one.model)
    if composed.promote not in ("auto", "ask"):
        raise ConfigError(f"promote={composed.promote} is not known; it is auto or ask.")
    if composed.data.on_problem not in ("block", "drop"):
        raise ConfigError(f"data.on_problem={composed.data.on_problem} is not known; it is block or drop.")
    text = OmegaConf.to_yaml(composed) + OmegaConf.to_yaml({"overrides": list(overrides)})
    gate = asdict(_value(composed.gate))
    return Configured(
        data=_value(composed.data),
        models=models,
        seed=composed.seed,
        split=_value(composed.split),
        metric=gate.pop("metric"),
        rules=Rules(**gate),
        promote=composed.promote,
        overrides=tuple(overrides),
        yaml=text,
    )


def overrides_in(yaml: str) -> list[str]:
    """The overrides that a stored configuration was composed with."""
    from omegaconf import OmegaConf

    stored: Any = OmegaConf.create(yaml)
    return list(stored.get("overrides", []))


def _compose(project: Project, overrides: Sequence[str]) -> DictConfig:
    from hydra import compose, errors, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    if project.folder is None or not (project.folder / "conf" / "config.yaml").is_file():
        raise ConfigError(f"The project '{project.name}' has no conf/config.yaml in {project.folder}.")
    _register(project)
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(project.folder / "conf"), version_base="1.3"):
            composed = compose("config", overrides=list(overrides))
        OmegaConf.resolve(composed)
        missing = OmegaConf.missing_keys(composed)
    except errors.OverrideParseException as error:
        raise ConfigError(
            f"'{error.override}' cannot be read. Write name=value; quote a value with special characters: name='a b'."
        ) from error
    except errors.MissingConfigException as error:
        raise ConfigError(_unknown_option(error)) from error
    except (errors.HydraException, OmegaConfBaseException) as error:
        raise ConfigError(_explain(project, overrides, error)) from error
    finally:
        GlobalHydra.instance().clear()
    if missing:
        name = sorted(missing)[0]
        raise ConfigError(f"{name} has no value. Give it as {name}=...")
    return composed


def _register(project: Project) -> None:
    """Tell Hydra's store the typed schema: the root, every source, and every model of this project and no other."""
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    for group in ("data", "model"):
        store.repo.pop(group, None)
    store.store(name="omloop_base", node=Root)
    for name in SOURCES.names():
        store.store(group="data", name=f"base_{name}", node=SOURCES.load(name))
        if not ((project.folder or Path()) / "conf" / "data" / f"{name}.yaml").is_file():
            store.store(group="data", name=name, node=SOURCES.load(name))
    store.store(group="model", name="best", node=Best(among=[n for n in project.models if n != project.baseline]))
    for name, model in project.models.items():
        store.store(group="model", name=f"base_{name}", node=model.config)


def _value(node: Any) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.to_object(node)


def _unknown_option(error: Any) -> str:
    missing = str(error.missing_cfg_file or "")
    group, _, option = missing.rpartition("/")
    options = [name for name in error.options or [] if not name.startswith("base_")]
    near = difflib.get_close_matches(option, options, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"{group or 'config'}={option} is not known.{hint} There are: {', '.join(options)}."


def _explain(project: Project, overrides: Sequence[str], error: Exception) -> str:
    """Say which key was meant, or what is wrong with its value."""
    cause = error.__cause__ or error
    key = str(getattr(cause, "full_key", "") or "")
    known = sorted(_keys(project, overrides))
    words = str(cause).strip().splitlines()[0]
    wrong = [word for word in _given(overrides) if word not in known]
    if wrong:
        name = wrong[0]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else f" There are: {', '.join(known)}."
        return f"There is no configuration key '{name}'.{hint}"
    return f"{key}: {words}." if key else f"{words}."


def _given(overrides: Sequence[str]) -> list[str]:
    return [word.partition("=")[0] for word in overrides if word[:1] not in "+~"]


def _keys(project: Project, overrides: Sequence[str]) -> Iterator[str]:
    """Every key that could be set, with the groups that the overrides choose."""
    groups = [word for word in overrides if "." not in word.partition("=")[0] and "=" in word]
    for chosen in (groups, [word for word in groups if word.startswith(("model=", "data="))], []):
        try:
            composed = _compose_plain(project, chosen)
        except Exception as error:
            LOG.debug("cannot compose %s: %s", chosen, error)
            continue
        yield from _flat(composed, "")
        return


def _compose_plain(project: Project, overrides: Sequence[str]) -> dict[Any, Any]:
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    with initialize_config_dir(str((project.folder or "") / "conf"), version_base="1.3"):  # type: ignore[operator]
        found: Any = OmegaConf.to_container(compose("config", overrides=list(overrides)))
    return dict(found)


def _flat(values: Mapping[Any, Any], prefix: str) -> Iterator[str]:
    for name, value in values.items():
        yield f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
