"""How sure a packaged model is: calibrated on examples that it did not learn from, and checked on the test part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from omloop.bundle import Answers, Session
from omloop.bundle.confidence import Confidence, Sureness
from omloop.core import ExportError, Fitted, NumberArray, Output, Part
from omloop.evaluate import calibration_error, calibration_error_by_chance, metric, reliability, share
from omloop.loop.turn.held_out import HeldOut
from omloop.package import prove

if TYPE_CHECKING:
    from omloop.core import Dataset
    from omloop.loop.project.plan import Plan
    from omloop.loop.turn.packaged import Packaged
    from omloop.package.calibrate import Calibrator

CONFORMAL = "split conformal"
AS_GIVEN = "The model was trained elsewhere, and answers as it was given."


def with_confidence(
    plan: Plan, dataset: Dataset, packaged: Packaged, fitted: Fitted, held_out: HeldOut | None = None
) -> Packaged:
    """The packaged model with calibrated probabilities, or with an interval around its number.

    Both come from `held_out`, by default the validation part. omloop proves a calibrated graph against the original
    with the same calibration. Raises ExportError if it answers differently and the configuration asks for the
    calibration.
    """
    held = held_out
    if held is None:
        held = HeldOut(dataset.validation, packaged.session.predict(dataset.validation.examples))
    found = replace(packaged, uncalibrated=packaged.outputs, held_out=held_out)
    if packaged.session.outputs.classes:
        found = _with_calibration(plan, dataset, found, fitted, held)
    else:
        found = with_interval(found, held, plan.config.interval)
    noted = found.confidence and replace(found.confidence, of_others=held_out is not None)
    return replace(found, confidence=noted)


def _with_calibration(plan: Plan, dataset: Dataset, packaged: Packaged, fitted: Fitted, held: HeldOut) -> Packaged:
    from omloop.package.calibrate import choose_calibration, floor_of

    found, config, floor = packaged, plan.config, floor_of(packaged.graph, packaged.session.outputs.graph_output)
    choice = choose_calibration(
        config.calibration,
        held.outputs,
        held.part.targets,
        metric=plan.metrics[0],
        seed=config.seed,
        floor=floor,
    )
    if choice.calibrator is not None:
        try:
            found = _calibrated(found, dataset, fitted, choice.calibrator)
        except ExportError as error:
            if config.calibration != "auto":
                raise
            choice = replace(choice, calibrator=None, why=f"{choice.why} It could not be packaged: {error}")
    return _noted(found, len(held), choice.calibrator, choice.why)


def with_interval(packaged: Packaged, held: HeldOut, level: float) -> Packaged:
    """The same model with an interval in its answers, if enough held-out examples exist for its level."""
    from omloop.package.calibrate import half_width, least_rows

    output, rows = packaged.session.outputs, len(held)
    if not level:
        why = "The configuration asks for no interval."
        return replace(packaged, confidence=Confidence("none", why, rows, 0))
    half = half_width(output.errors(held.part.targets, held.outputs), level)
    if half is None:
        why = f"{rows} held-out examples are too few for an interval at {level:g}; it takes {least_rows(level)}."
        return replace(packaged, confidence=Confidence("none", why, rows, 0, level=level))
    why = f"Its width is told by the errors of {rows} held-out examples."
    session = packaged.session.phrased(output.with_interval(level, half))
    noted = Confidence(CONFORMAL, why, rows, 0, level=level, half=half)
    return replace(packaged, session=session, confidence=noted)


def as_given(packaged: Packaged) -> Packaged:
    """A given model that answers classes: omloop checks its confidence, and does not change it."""
    return _noted(replace(packaged, uncalibrated=packaged.outputs), 0, None, AS_GIVEN)


def _calibrated(packaged: Packaged, dataset: Dataset, fitted: Fitted, calibrator: Calibrator) -> Packaged:
    """The model with the calibrator in its graph, proven; raises ExportError where it answers otherwise."""
    from omloop.package.calibrate import calibrated_graph
    from omloop.package.export_report import export_report

    session, test = packaged.session, dataset.test.examples
    kind, output = session.inputs, session.outputs
    graph = calibrated_graph(packaged.graph, calibrator, output.graph_output)
    whole = replace(fitted, predict=lambda examples: calibrator.apply(np.asarray(fitted.predict(examples))))
    session = Session(graph, kind, output)
    parity, answers = prove(whole, session, test, kind.edges(), tolerance=packaged.parity.tolerance)
    if not parity.verified:
        raise ExportError(
            f"With {calibrator.about} the packaged model differs from the original by up to {parity.largest:g} "
            f"(allowed {parity.tolerance:g}). Set calibration=none, or choose another model."
        )
    exported = export_report(fitted.family, graph, parity)
    return replace(
        packaged,
        graph=graph,
        session=session,
        parity=parity,
        test=answers,
        exported=exported,
        calibrator=calibrator,
    )


def _noted(packaged: Packaged, rows: int, found: Calibrator | None, why: str) -> Packaged:
    """The model with its calibration, in its answers too."""
    method, about = (found.method, found.about) if found else ("none", "")
    output = packaged.session.outputs.with_calibration(method)
    noted = Confidence(method, why, rows, 0, about=about)
    return replace(packaged, session=packaged.session.phrased(output), confidence=noted)


def checked(packaged: Packaged, test: Part, *, seed: int) -> Packaged:
    """The model with its confidence on the test part, from the answers of the served variant."""
    found, output, outputs = packaged.confidence, packaged.session.outputs, packaged.outputs
    if found is None:
        return packaged
    if not output.classes:
        ends = output.ends(outputs)
        if not ends.size:
            return replace(packaged, confidence=replace(found, rows=len(test)))
        held = (ends[:, 0] <= test.targets) & (test.targets <= ends[:, 1])
        width = float(np.diff(ends, axis=1).mean())
        return replace(packaged, confidence=replace(found, rows=len(test), coverage=share(held), width=width))
    before = outputs if packaged.uncalibrated is None else packaged.uncalibrated
    sure, right = output.hints(outputs), _right(output, test, outputs)
    noted = replace(
        found,
        rows=len(test),
        before=found.before if packaged.uncalibrated is None and found.before else _sureness(output, test, before),
        after=_sureness(output, test, outputs),
        by_chance=calibration_error_by_chance(sure, seed=seed),
        bins=tuple(reliability(sure, right)),
    )
    return replace(packaged, confidence=noted)


def _sureness(output: Output, test: Part, outputs: NumberArray) -> Sureness:
    sure, right = output.hints(outputs), _right(output, test, outputs)
    scores = {name: metric(name, output)(test.targets, outputs) for name in ("brier", "log_loss")}
    return Sureness(calibration_error(sure, right), **scores, sure=float(sure.mean()), right=float(right.mean()))


def _right(output: Output, part: Part, outputs: NumberArray) -> NumberArray:
    return np.asarray(1.0 - output.errors(part.targets, outputs))


class HeldOutAnswers(NamedTuple):
    """Held-out examples, with their final answers."""

    part: Part
    answers: Answers


def held_out_answers(packaged: Packaged, dataset: Dataset) -> HeldOutAnswers:
    """The served variant's answers to the validation part; or the held-out answers, with the same calibration."""
    held, session = packaged.held_out, packaged.session
    if held is None:
        return HeldOutAnswers(dataset.validation, session.run(dataset.validation.examples))
    outputs = held.outputs if packaged.calibrator is None else packaged.calibrator.apply(held.outputs)
    coordinates = None if packaged.test.coordinates is None else session.run(held.part.examples).coordinates
    return HeldOutAnswers(held.part, Answers(np.asarray(outputs, np.float64), coordinates))
