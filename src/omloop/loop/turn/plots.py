"""What a run keeps to look at: how the answers fit, what the model leans on and sees, and its worst answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import Dataset, Estimate, ExampleArray, Fitted, Kind, NumberArray, Output, Part, Run
from omloop.evaluate import Thresholds, permutation_importance
from omloop.loop.project.plan import Plan
from omloop.loop.project.scoring import thresholds_of
from omloop.loop.records.previews import fragments
from omloop.loop.turn.menu_page import menu_page
from omloop.report import mistakes_page, samples_page
from omloop.track import PLOTS, TABLES, embedding_map, importance, menu_plot, neighbour_map, threshold_curve

if TYPE_CHECKING:
    from omloop.loop.project.configure import Configuration
    from omloop.loop.turn.packaged import Menu, Packaged

MISTAKES = SAMPLES = 24
LEAST_MAPPED = 10
"""Of fewer examples neighbours show nothing."""


def draw(
    run: Run, plan: Plan, dataset: Dataset, packaged: Packaged, apart: Fitted | None = None
) -> Mapping[str, Estimate]:
    """Keep every plot that the project's kinds have, and the page of mistakes, with the run.

    Gives how much the model leans on each column, if there are columns. If the packaged model learned from the
    validation part, `apart` is the one that did not; it makes the plots of that part.
    """
    project, config = plan.project, plan.config
    test, held_out, outputs = dataset.test, dataset.validation, project.outputs
    kind, score = packaged.session.inputs, plan.metrics[0]
    for name in outputs.plots:
        run.keep(f"plots/{name}.png", PLOTS[name](test.targets, packaged.outputs, outputs))
        if name in TABLES:
            run.keep(f"plots/{name}.json", TABLES[name](test.targets, packaged.outputs, outputs))
    if packaged.menu is not None:
        draw_menu(run, packaged.menu, config.metric)
    if packaged.test.coordinates is not None:
        run.keep("plots/embedding_map.png", _map(packaged.test.coordinates, _groups(outputs, test), config))
    predict, truth = _predict(packaged, apart), held_out.targets
    if found := thresholds_of(project, config, held_out, predict):
        run.keep("plots/threshold.png", _threshold_curve(found))
    losses = permutation_importance(predict, kind, held_out.examples, truth, score, seed=config.seed)
    if losses:
        run.keep("plots/importance.png", importance(losses, score.name))
    run.keep("mistakes.html", _mistakes(f"The worst answers of {project.name}", kind, outputs, test, packaged.outputs))
    run.keep("samples.html", _samples(f"Some answers of {project.name}", kind, outputs, test, packaged.outputs))
    return losses


def _predict(packaged: Packaged, apart: Fitted | None) -> Callable[[ExampleArray], NumberArray]:
    """What answers the validation part: the packaged model, or the one that did not learn from it, calibrated alike."""
    if apart is None:
        return packaged.session.predict
    known, calibrator = apart.predict, packaged.calibrator
    return known if calibrator is None else lambda examples: calibrator.apply(known(examples))


def draw_menu(run: Run, menu: Menu, name: str) -> None:
    """Keep the plot of a model's variants, by the time of one row and the metric called `name`, and a page on them."""
    points = {form: (found.cost.p50_ms, found.metrics[name]) for form, found in menu.variants.items() if found.cost}
    run.keep("plots/menu.png", menu_plot(points, name))
    run.keep("menu.html", menu_page(menu, name).encode())


def _mistakes(title: str, kind: Kind, outputs: Output, part: Part, answers: NumberArray) -> bytes:
    worst = outputs.worst(part.targets, answers, MISTAKES)
    shown = fragments(kind, part.examples[[row for row, _ in worst]]) if worst else []
    cards = [(said, fragment) for (_, said), fragment in zip(worst, shown, strict=True)]
    return mistakes_page(title, cards, len(part)).encode()


def _samples(title: str, kind: Kind, outputs: Output, part: Part, answers: NumberArray) -> bytes:
    rows = np.linspace(0, len(part) - 1, min(SAMPLES, len(part))).astype(np.int64)
    shown, answered, names = fragments(kind, part.examples[rows]), outputs.decide(answers[rows]), outputs.classes

    def word(value: float) -> str:
        return names[int(value)] if names else f"{value:.4g}"

    truth = part.targets[rows]
    said = [f"true {word(one)}, answered {word(other)}" for one, other in zip(truth, answered, strict=True)]
    return samples_page(title, list(zip(said, shown, strict=True)), len(part)).encode()


def _map(coordinates: NumberArray, groups: list[str], config: Configuration) -> bytes:
    if config.map == "pca" or len(groups) < LEAST_MAPPED:
        return embedding_map(coordinates, groups)
    places, rows = neighbour_map(coordinates, config.seed)
    return embedding_map(places, [groups[row] for row in rows], f"t-SNE of {len(rows):,} examples")


def _threshold_curve(found: Thresholds) -> bytes:
    return threshold_curve(
        found.values,
        found.scores,
        metric=found.metric,
        about=found.about,
        now=found.now,
        best=found.best,
        part=found.part,
    )


def _groups(outputs: Output, part: Part) -> list[str]:
    """The true class of each example; one group for all where the answer is a number."""
    classes = outputs.classes
    return [classes[index] for index in part.targets] if classes else ["examples"] * len(part)
