"""The keys of a project's configuration and their types, and Hydra's compose over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core import ConfigError, Model, Project, is_installed
from omloop.data import SOURCES
from omloop.optimise import Budget as Limits
from omloop.promote import Rules

if TYPE_CHECKING:
    from omegaconf import DictConfig


MAPS = ("pca", "tsne")
"""How to draw a network's features."""
CALIBRATIONS = ("auto", "none", "temperature", "isotonic")
"""How to calibrate probabilities; see `omloop.package.calibrate`."""
PASTS = ("all", "balanced", "none")
"""How many of a source's own records to learn from beside live ones."""
CHOICES = ("auto", "validation", "cross-validation")
"""By what a turn chooses its model."""
REFITS = ("auto", "true", "false")
"""Whether the chosen model learns once more, from all but the test part."""


@dataclass
class Split:
    """The shares of records to choose models by (`validation`) and to judge them by (`test`).

    `seed` deals the records to the parts. It is one of its own, so that another `seed` deals no record anew. `by` names
    a column of times, numbers or dates to split by instead. The newest records are the test part, the next newest the
    validation part. Empty, it is the project's `time`, if that names one; `content` then deals records by their content
    after all. Where time splits, the chosen model learns once more from all that is older than the test part, unless
    `again` is false.
    """

    validation: float = 0.1
    test: float = 0.1
    seed: int = 42
    by: str = ""
    again: bool = True


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
class BudgetLimits:
    """The limits of `omloop.optimise.Budget`."""

    max_drop: float = Limits.max_drop
    p99_ms: float = Limits.p99_ms
    size_mb: float = Limits.size_mb


@dataclass
class Optimise:
    """Which variants of the model a turn also makes, and the budget for choosing the served one.

    A network may also lose the share `prune` of its channels, and the model called `student` may learn from the chosen
    one. It scores all on up to `rows` test rows, and times them on one row and on `batch`. If nothing keeps within the
    budget, it registers the model as packaged (`plain`), or the turn ends there (`refuse`).
    """

    variants: list[str] = field(default_factory=list)
    budget: BudgetLimits = field(default_factory=BudgetLimits)
    unmet: str = "plain"
    rows: int = 1000
    batch: int = 8
    prune: float = 0.0
    student: str = ""


@dataclass
class Root:
    """The root of every project's configuration.

    `promote` is `auto` or `ask`. `metrics` are built-in ones to report beside those of the output. No network trains
    for more than `most_epochs`, however many its model asks for. `map` is how a run draws a network's features: by
    principal components (`pca`) or by neighbours (`tsne`). `calibration` says how to make probabilities of classes come
    true as often as they say: `auto`, `none`, `temperature` or `isotonic`. `interval` is the share of cases in which a
    number's interval holds the truth; 0 gives none.

    `choose` compares models on the `validation` part, or by `cross-validation` with `folds` folds; `auto` takes the
    second for few records. The chosen one learns once more, from all but the test part, with `refit`; `auto` does so
    after cross-validation.
    """

    model: Any = "???"
    data: Any = "???"
    seed: int = 42
    split: Split = field(default_factory=Split)
    gate: Gate = field(default_factory=Gate)  # type: ignore[valid-type]
    promote: str = "auto"
    metrics: list[str] = field(default_factory=list)
    optimise: Optimise = field(default_factory=Optimise)
    most_epochs: int | None = None
    map: str = "pca"
    choose: str = "auto"
    folds: int = 5
    refit: str = "auto"
    calibration: str = "auto"
    interval: float = 0.9


def check_files(project: Project) -> None:
    """Raise ConfigError, with the line, for a file of the project's `conf/` that is no plain YAML."""
    from omloop.alert.plain_yaml import read_plain

    for path in sorted(((project.folder or Path()) / "conf").rglob("*.yaml")):
        read_plain(path)


def compose(project: Project, overrides: Sequence[str]) -> DictConfig:
    """The project's `conf/config.yaml` with `overrides`; raises Hydra's and OmegaConf's own errors."""
    import hydra
    from hydra.core.global_hydra import GlobalHydra

    folder = (project.folder or Path()) / "conf"
    if project.folder is None or not (folder / "config.yaml").is_file():
        raise ConfigError(f"The project '{project.name}' has no conf/config.yaml in {project.folder}.")
    _register(project, folder)
    GlobalHydra.instance().clear()
    try:
        with hydra.initialize_config_dir(str(folder), version_base="1.3"):
            return hydra.compose("config", overrides=list(overrides))
    finally:
        GlobalHydra.instance().clear()


def _register(project: Project, folder: Path) -> None:
    """Tell Hydra's store the typed schema: the root, every source, and every model of this project and no other.

    Sources and models without a file in `conf/data` or `conf/model` work by name too, with the defaults of their type.
    """
    from hydra.core.config_store import ConfigNode, ConfigStore
    from omegaconf import OmegaConf

    store = ConfigStore.instance().repo

    def node(name: str, group: str | None, schema: DictConfig) -> ConfigNode:
        return ConfigNode(name=f"{name}.yaml", node=schema, group=group, package=None, provider=None)

    store["omloop_base.yaml"] = node("omloop_base", None, _typed(Root))
    every = Best(among=[name for name, model in project.models.items() if name != project.baseline and _tried(model)])
    models = {"best": every, **{name: _named(model, name) for name, model in project.models.items()}}
    options = {
        "data": {name: _typed(SOURCES.load(name)) for name in SOURCES.names()},
        "model": {name: OmegaConf.structured(model) for name, model in models.items()},
    }
    for group, schemas in options.items():
        # The store is the process's: another project's models are in it.
        found = {f"base_{name}.yaml": node(f"base_{name}", group, schema) for name, schema in schemas.items()}
        for name, schema in schemas.items():
            if not (folder / group / f"{name}.yaml").is_file():
                found[f"{name}.yaml"] = node(name, group, schema)
        store[group] = found


@cache
def _typed(schema: type) -> DictConfig:
    """What Hydra's store keeps of a type, which takes long to make. The store hands out copies of it."""
    from omegaconf import OmegaConf

    made: DictConfig = OmegaConf.structured(schema)
    return made


def _tried(model: Model) -> bool:
    """Whether `model=best` tries it unless told."""
    return model.best == "always" or (model.best == "installed" and is_installed(model.extra))


def _named(model: Model, name: str) -> Any:
    """The model's configuration under the project's name for it, whatever its name elsewhere."""
    from omegaconf import OmegaConf

    config = OmegaConf.structured(model.config)
    if "name" in config:
        config.name = name
    return config
