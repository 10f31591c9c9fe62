"""The metrics for a project's answers, and for a version's if the project is missing."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from omloop.bundle import Bundle, Manifest
from omloop.core import (
    ConfigError,
    Estimate,
    ExampleArray,
    Metric,
    NumberArray,
    OmloopError,
    Output,
    Part,
    Project,
    Settings,
)
from omloop.evaluate import Thresholds, evaluate, is_built_in, metric, scores_by_threshold
from omloop.loop.project.discover import at_hand, find_project
from omloop.promote import Rules

if TYPE_CHECKING:
    from omloop.loop.project.configure import Configuration

LOG = logging.getLogger("omloop.scoring")
CONFIG = "config.yaml"
_METRIC = re.compile(rb"^gate:\n(?:  .*\n)*?  metric: *(\S+) *$", re.MULTILINE)
LEAST_LABELS = Rules.rows
"""Fewer labels than this give no metric of live answers: the gate compares on no fewer rows either."""


def metrics_of(project: Project, config: Configuration, output: Output | None = None) -> tuple[Metric, ...]:
    """The metrics of a project's answers, the main one first; `output` decides, the project's own unless given.

    They are the gate's, those of the output kind, of the configuration and of floors, and the project's own. Raises
    ConfigError and UnknownNameError for a name that is no metric of the output.
    """
    names = dict.fromkeys(
        [config.metric, *project.outputs.metrics, *config.metrics, *config.rules.floors, *project.metrics]
    )
    for name in project.metrics:
        if is_built_in(name):
            raise ConfigError(f"The project '{project.name}' has a metric called '{name}', as a built-in one is.")
    return tuple(metric(name, output or project.outputs, project.metrics) for name in names)


def metrics_in(bundle: Bundle, settings: Settings, *, output: Output | None = None) -> tuple[Metric, ...]:
    """The metrics of a version's test, the main one first; `output` decides, by default its own.

    A project's own are among them if omloop finds the project by its name.
    """
    return metrics_by(bundle.manifest, bundle.files.get(CONFIG, b"{}"), settings, output=output)


def metrics_by(
    manifest: Manifest, config: bytes, settings: Settings, *, output: Output | None = None
) -> tuple[Metric, ...]:
    """The same by a version's manifest and its config.yaml alone."""
    known_output = manifest.output()
    output = output or known_output
    tested = manifest.tested
    own: Mapping[str, Metric] = {}
    if any(not is_built_in(name) for name in tested):
        own = _own_metrics(manifest.project, settings)
    names = [name for name in dict.fromkeys([_main_in(config), *known_output.metrics, *tested]) if name in tested]
    known = [metric(name, output, own) for name in names if is_built_in(name) or name in own]
    return tuple(known) or tuple(metric(name, output) for name in known_output.metrics)


class _Gate(msgspec.Struct):
    metric: str = ""


class _Config(msgspec.Struct):
    """The parts to read of a bundle's configuration."""

    gate: _Gate = msgspec.field(default_factory=_Gate)


def _main_in(config: bytes) -> str:
    """The name of the gate's metric in a configuration; empty if unknown."""
    try:
        return msgspec.yaml.decode(config, type=_Config).gate.metric
    except msgspec.MsgspecError:
        return ""
    except ImportError:  # the base install reads no YAML, but knows how ours is written
        found = _METRIC.search(config)
        return found[1].decode("utf-8", "replace") if found else ""


def live_scores(metrics: Sequence[Metric], truth: NumberArray, outputs: NumberArray) -> dict[str, Estimate]:
    """The metrics of live answers, without undefined ones; the log reports one that fails.

    None on fewer rows than `LEAST_LABELS`.
    """
    found: dict[str, Estimate] = {}
    for one in metrics if len(truth) >= LEAST_LABELS else ():
        try:
            scored = evaluate(truth, outputs, [one], part="live", seed=len(truth)).metrics[one.name]
        except ConfigError as error:
            LOG.warning("%s", error)
            continue
        if scored.defined:
            found[one.name] = scored
    return found


def _own_metrics(name: str, settings: Settings) -> Mapping[str, Metric]:
    if not at_hand(name, settings):
        return {}
    try:
        return find_project(name, settings).metrics
    except OmloopError as error:
        LOG.warning("the metrics of '%s' itself are not at hand: %s", name, error)
        return {}


def thresholds_of(
    project: Project, config: Configuration, validation: Part, predict: Callable[[ExampleArray], NumberArray]
) -> Thresholds | None:
    """The main metric by the threshold of two classes, on the rows of the validation part.

    None unless there are two classes, or if the metric judges probabilities, whatever the answer.
    """
    known = project.outputs
    if known.positive is None or not len(validation):
        return None
    if not metric(config.metric, known, project.metrics).answered:
        return None
    looked_for = known.classes[known.positive]
    now = known.thresholds.get(looked_for, 0.5)

    def at(threshold: float) -> Metric:
        return metric(config.metric, known.with_threshold(threshold), project.metrics)

    return scores_by_threshold(at, validation.targets, predict(validation.examples), about=looked_for, now=now)
