"""Composes a project's configuration: Hydra's compose over typed dataclasses, and nothing else of Hydra.

No change of working directory, no output folders, no `instantiate`: the project maps names to functions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from omloop.core import (
    HIDDEN,
    ConfigError,
    Metric,
    OmloopError,
    Output,
    Project,
    UnknownNameError,
    without_secret_values,
)
from omloop.data import POLICIES, Data, Source, require_fraction
from omloop.evaluate import metric
from omloop.loop.project.explain import explain, place_of
from omloop.loop.project.schema import CALIBRATIONS, CHOICES, MAPS, PASTS, REFITS, Optimise, Split, check_files, compose
from omloop.optimise import VARIANTS, Budget
from omloop.promote import Rules

if TYPE_CHECKING:
    from omegaconf import DictConfig


MOST_FOLDS = 20
BY_CONTENT = "content"
"""The `split.by` that deals records by their content where the project names a column of times."""


@dataclass(frozen=True)
class VariantPlan:
    """Which variants of a model to make, how to measure them, and how to choose one; see `schema.Optimise`.

    `student` is a model of the project with its configuration.
    """

    variants: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    unmet: str = "plain"
    rows: int = 1000
    batch: int = 8
    prune: float = 0.0
    student: tuple[str, Any] | None = None

    @property
    def anything(self) -> bool:
        """Whether a turn makes any variant at all."""
        return bool(self.variants or self.prune or self.student)


@dataclass(frozen=True)
class Configuration:
    """A composed configuration. `models` maps each model to train to its configuration, the baseline first.

    The gate compares `metric` by its `rules`; reports also show `metrics`. `map` is how to draw a network's features.
    `calibration` is the calibration of probabilities, `interval` the level of a number's interval. `choose`, `folds`
    and `refit` say how to choose a model, and whether it learns once more. `overrides` are the words on top of the
    project's files. `yaml` is all of it as text. It has no secrets, since runs and versions keep it: an address stands
    there without its query.
    """

    data: Source
    models: Mapping[str, object]
    seed: int
    split: Split
    metric: str
    rules: Rules
    promote: str
    overrides: tuple[str, ...]
    yaml: str
    optimise: VariantPlan = field(default_factory=VariantPlan)
    metrics: tuple[str, ...] = ()
    map: str = "pca"
    choose: str = "auto"
    folds: int = 5
    refit: str = "auto"
    calibration: str = "auto"
    interval: float = 0.9


def configure(project: Project, overrides: Sequence[str] = ()) -> Configuration:
    """Compose the project's `conf/` with `overrides` such as `model=mlp` or `data.rows=500`.

    Raises ConfigError for an unknown key or option, and for a value that does not fit. It names the nearest right one,
    and the line of the project's file.
    """
    check_files(project)
    try:
        return _configuration(project, overrides)
    except ConfigError as error:
        if error.place or not error.key or not (place := place_of(project, overrides, error.key)):
            raise
        raise ConfigError(error.reason, place, error.key) from (error.__cause__ or error)


def _configuration(project: Project, overrides: Sequence[str]) -> Configuration:
    from omegaconf import OmegaConf

    _require_no_hidden(overrides)
    composed = _composed(project, overrides)
    _require_choices(composed)
    chosen = composed.model.name
    names = list(composed.model.among) or list(project.models) if chosen == "best" else [chosen]
    for name in names:
        if name not in project.models:
            raise UnknownNameError("model", name, project.models)
    kept = [word for word in overrides if not word.lstrip("+~").startswith(("model=", "model."))]
    models = {}
    # Each is composed by itself: a value for one model is no key of another.
    for name in dict.fromkeys([project.baseline, *names]):
        one = composed if name == chosen else _composed(project, [*kept, f"model={name}"])
        models[name] = _limited(_value(one.model), composed.most_epochs)
    student = None
    if smaller := composed.optimise.student:
        if smaller not in project.models:
            raise UnknownNameError("model", smaller, project.models)
        student = _limited(_value(_composed(project, [*kept, f"model={smaller}"]).model), composed.most_epochs)
    if not 0 <= composed.data.live_days < math.inf:
        raise ConfigError(
            f"data.live_days={composed.data.live_days} is no number of days; 0 takes all.", key="data.live_days"
        )
    if not 0 <= composed.data.live_since < math.inf:
        raise ConfigError(
            f"data.live_since={composed.data.live_since} is no moment; give seconds since 1970, 0 for all.",
            key="data.live_since",
        )
    if project.time:
        composed.split.by = {"": project.time, BY_CONTENT: ""}.get(composed.split.by, composed.split.by)
    if composed.split.by == project.target:
        raise ConfigError(
            f"split.by={composed.split.by} is the target. Name a column of times, or leave it empty.", key="split.by"
        )
    if composed.calibration not in ("auto", "none") and not project.outputs.classes:
        raise ConfigError(
            f"calibration={composed.calibration} is for probabilities, and '{project.target}' is a number. Leave it "
            "out, and set the level of its interval: interval=0.9",
            key="calibration",
        )
    require_fraction(composed.data.fraction)
    whole: Any = OmegaConf.to_container(composed)
    kept = without_secret_values({**whole, "overrides": list(overrides)})
    gate, data = asdict(_value(composed.gate)), _value(composed.data)
    asked = {"gate.metric": [gate["metric"]], "metrics": [*composed.metrics], "gate.floors": [*gate["floors"]]}
    _require_metrics(asked, project.outputs.select(data.classes), project.metrics)
    return Configuration(
        data=data,
        models=models,
        seed=composed.seed,
        split=_value(composed.split),
        metric=gate.pop("metric"),
        rules=Rules(**gate),
        promote=composed.promote,
        overrides=tuple(overrides),
        yaml=OmegaConf.to_yaml(OmegaConf.create(kept)),
        optimise=_wanted(_value(composed.optimise), student),
        metrics=tuple(composed.metrics),
        map=composed.map,
        choose=composed.choose,
        folds=composed.folds,
        refit=composed.refit.lower(),
        calibration=composed.calibration,
        interval=composed.interval,
    )


def _require_choices(composed: DictConfig) -> None:
    """Let a word pass that is one of a few; raises ConfigError for another."""
    if composed.promote not in ("auto", "ask"):
        raise ConfigError(f"promote={composed.promote} is not known; it is auto or ask.", key="promote")
    if composed.map not in MAPS:
        raise ConfigError(f"map={composed.map} is not known; it is {' or '.join(MAPS)}.", key="map")
    if composed.choose not in CHOICES:
        raise ConfigError(f"choose={composed.choose} is not known; it is {', '.join(CHOICES)}.", key="choose")
    if composed.refit.lower() not in REFITS:
        raise ConfigError(f"refit={composed.refit} is not known; it is {', '.join(REFITS)}.", key="refit")
    if not 2 <= composed.folds <= MOST_FOLDS:
        raise ConfigError(f"folds={composed.folds} does not fit; give 2 to {MOST_FOLDS}.", key="folds")
    if composed.calibration not in CALIBRATIONS:
        raise ConfigError(
            f"calibration={composed.calibration} is not known; it is {', '.join(CALIBRATIONS)}.", key="calibration"
        )
    if not 0 <= composed.interval < 1:
        raise ConfigError(
            f"interval={composed.interval:g} is no share of cases below 1; 0.9 is usual, and 0 gives no interval.",
            key="interval",
        )
    for key in ("on_problem", "unlabelled"):
        if composed.data[key] not in ("block", "drop"):
            raise ConfigError(f"data.{key}={composed.data[key]} is not known; it is block or drop.", key=f"data.{key}")
    if composed.data.quality not in POLICIES:
        known = ", ".join(POLICIES)
        raise ConfigError(
            f"data.quality={composed.data.quality} is not known; it is {known}. In a file quote 'off'.",
            key="data.quality",
        )
    if composed.data.past not in PASTS:
        raise ConfigError(f"data.past={composed.data.past} is not known; it is {', '.join(PASTS)}.", key="data.past")


def _require_no_hidden(overrides: Sequence[str]) -> None:
    """Let the words of a stored configuration pass, even addresses without their query, which a source may know.

    Raises ConfigError for any other hidden value that no later word gives again.
    """
    for key, value in {word.partition("=")[0]: word.partition("=")[2] for word in overrides}.items():
        if HIDDEN in value and "://" not in value:
            step = f"Give it again as {key}=..., or write it in conf/ as ${{oc.env:NAME}}."
            raise ConfigError(f"{key}={value} stands for a secret, which no run and no version keeps. {step}", key=key)


def _require_metrics(asked: Mapping[str, Sequence[str]], output: Output, own: Mapping[str, Metric]) -> None:
    """Check names of metrics, under their key; raises ConfigError for an unknown one."""
    for key, names in asked.items():
        for name in names:
            try:
                metric(name, output, own)
            except OmloopError as error:
                raise ConfigError(f"{key}={name} is no metric of what is answered. {error}", key=key) from error


def overrides_in(yaml: str) -> list[str]:
    """The overrides of a stored configuration.

    An older omloop split the records by `seed`: its configurations get the same seed for the split.
    """
    from omegaconf import OmegaConf

    stored: Any = OmegaConf.create(yaml)
    words = list(stored.get("overrides", []))
    before = "split" in stored and "seed" not in stored.split and stored.seed != Split.seed
    return [*words, f"split.seed={stored.seed}"] if before else words


def overrides_with(yaml: str, given: Sequence[str]) -> list[str]:
    """The overrides of a stored configuration and those `given`, which win.

    If they take another source of data, the stored one's own keys go, such as `data.rows` of simulated records; keys
    that every source has stay.
    """
    stored = overrides_in(yaml)
    sources = [[word for word in words if word.startswith("data=")][-1:] for words in (stored, given)]
    if sources[1] and sources[0] != sources[1]:
        common = {f"data.{key.name}" for key in fields(Data)}
        keys = {word: word.lstrip("+~").partition("=")[0] for word in stored}
        stored = [word for word in stored if keys[word].partition(".")[0] != "data" or keys[word] in common]
    return [*stored, *given]


def learns_again(yaml: str) -> bool:
    """Whether a turn of a stored configuration learned up to its test part; an older omloop never did."""
    from omegaconf import OmegaConf

    stored: Any = OmegaConf.create(yaml)
    return bool(stored.get("split", {}).get("again", False))


def with_decision(config: Configuration, choose: str, refit: bool) -> Configuration:
    """The configuration whose `yaml` also has the result of `auto`.

    It depends on the time of a training too, so making the version again needs the result. Another turn with the same
    words decides again.
    """
    from omegaconf import OmegaConf

    stored: Any = OmegaConf.create(config.yaml)
    stored.decided = {"choose": choose, "refit": refit}
    return replace(config, yaml=OmegaConf.to_yaml(stored))


def decided_in(yaml: str) -> dict[str, Any]:
    """What `auto` came to in the turn that kept this configuration: `choose` and `refit`, or nothing."""
    from omegaconf import OmegaConf

    stored: Any = OmegaConf.create(yaml)
    return dict(stored.get("decided", {}))


def _composed(project: Project, overrides: Sequence[str]) -> DictConfig:
    """The composition without open values; raises ConfigError, which suggests the right word."""
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        composed = compose(project, overrides)
        OmegaConf.resolve(composed)
    except (HydraException, OmegaConfBaseException) as error:
        raise explain(project, overrides, error) from error
    missing = sorted(OmegaConf.missing_keys(composed))
    if missing:
        raise ConfigError(f"{missing[0]} has no value. Give it as {missing[0]}=...", key=missing[0])
    return composed


def _wanted(optimise: Optimise, student: object) -> VariantPlan:
    """What to make of the model besides; raises ConfigError for a variant, a word or a number that makes no sense."""
    for name in optimise.variants:
        if name not in VARIANTS.names():
            raise UnknownNameError("variant", name, VARIANTS.names())
    if optimise.unmet not in ("plain", "refuse"):
        raise ConfigError(f"optimise.unmet={optimise.unmet} is not known; it is plain or refuse.", key="optimise.unmet")
    if optimise.rows < 2 or optimise.batch < 1:
        raise ConfigError("optimise.rows must be 2 at least, and optimise.batch 1.", key="optimise.rows")
    if not 0 <= optimise.prune <= 0.9:
        raise ConfigError(
            f"optimise.prune={optimise.prune} is no share of channels that leaves a network: 0 to 0.9.",
            key="optimise.prune",
        )
    return VariantPlan(
        variants=tuple(optimise.variants),
        budget=Budget(**asdict(optimise.budget)),
        unmet=optimise.unmet,
        rows=optimise.rows,
        batch=optimise.batch,
        prune=optimise.prune,
        student=(optimise.student, student) if optimise.student else None,
    )


def _limited(model: Any, most: int | None) -> Any:
    """A model's configuration with no more than `most` epochs, where it trains by epochs at all."""
    if most is not None and most < 1:
        raise ConfigError(f"most_epochs={most} leaves nothing to train; give 1 at least.", key="most_epochs")
    if most is None or not hasattr(model, "epochs"):
        return model
    return replace(model, epochs=min(model.epochs, most))


def _value(node: object) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.to_object(node)
