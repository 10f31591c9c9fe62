"""From a fitted model, examples and targets to the input of a turn: a project of one model, and its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, ConfigError, DataError, ExportError, Fitted, Kind, Output, Project, TrainError, some
from omloop.loop.turn.given import labels
from omloop.loop.turn.given.estimator import Read, answers_of, fitted_of, read_by
from omloop.loop.turn.given.examples import GivenExamples, examples_of
from omloop.loop.turn.given.network import LOOKED_AT, classes_learned, network_fitted, read_by_network

if TYPE_CHECKING:
    from omloop.bundle import Session
    from omloop.loop.turn.given.options import AddOptions

LEAST = 20
"""Fewer examples judge nothing: the gate compares on no fewer rows either."""
APART, MOST_APART = 1e-3, 0.01
"""The difference from which on an answer counts as changed, and the share of examples that may change."""


@dataclass(frozen=True)
class GivenModel:
    """A fitted model with its inputs and outputs, and the examples to judge it by, as records.

    `as_given` are its answers to the original examples; None if it does not read their form.
    """

    name: str
    fitted: Fitted
    kind: Kind
    outputs: Output
    target: str
    records: Columns
    as_given: NDArray[np.float64] | None
    notes: tuple[str, ...]

    def project(self, name: str) -> Project:
        """A project that has this model and learns nothing."""
        return Project(
            name=name,
            summary=f"{self.name}, which was trained elsewhere and added.",
            inputs=self.kind,
            outputs=self.outputs,
            target=self.target,
            models={},
            baseline="",
            simulate=_no_records,
        )

    def require_as_given(self, session: Session, outputs: NDArray[np.float64]) -> tuple[str, ...]:
        """Check that the answers equal the model's answers to the original examples; gives a note of the others.

        Raises ExportError if more than a hundredth differ.
        """
        if self.as_given is None:
            return ()
        scale = 1.0 if session.outputs.classes else float(np.abs(self.as_given).max()) or 1.0
        difference = np.abs(self.as_given - outputs).reshape(len(outputs), -1).max(axis=1) / scale
        apart = ~(difference <= APART)
        if not apart.any():
            return ()
        told = f"{apart.sum():,} of {len(apart):,} examples are answered otherwise than by the model as given"
        if apart.mean() > MOST_APART:
            raise ExportError(
                f"{told}, by up to {np.nanmax(difference):.3g}: a version reads numbers as float32, pictures as "
                "8 bits, and words that the model does not know as one. Round the data so before training, or give "
                "`inputs`."
            )
        return (f"{told}: they lie where float32 decides otherwise",)


def given_model(model: Any, examples: Any, targets: Any, options: AddOptions) -> GivenModel:
    """Infer the model's inputs and outputs.

    Raises DataError for examples or targets that do not fit it, TrainError for a model that omloop cannot add.
    """
    found = examples_of(examples, options.names)
    if len(found) < LEAST:
        raise DataError(f"{len(found)} examples judge nothing. Give {LEAST} or more that the model did not learn from.")
    values = labels.target_values(targets, len(found))
    target = labels.target_name(targets, [*found.columns])
    if hasattr(model, "forward") and hasattr(model, "state_dict"):
        return _of_network(model, found, (target, values), options)
    if hasattr(model, "predict") and hasattr(model, "get_params"):
        return _of_estimator(model, found, (target, values), options)
    raise TrainError(
        f"Something of the type '{type(model).__name__}' cannot be added. Give a fitted estimator or pipeline "
        "of scikit-learn, or of a library like it, or a torch.nn.Module."
    )


def _of_estimator(
    model: Any, examples: GivenExamples, targets: tuple[str, Sequence[Any]], options: AddOptions
) -> GivenModel:
    from omloop.package.sklearn.given import require_fitted

    target, values = targets
    require_fitted(model)
    read = read_by(model, examples, options.inputs)
    learned = getattr(model, "classes_", None)
    if isinstance(learned, list):
        raise TrainError("The model answers several targets at once. Train one for each, and add them by names.")
    if learned is None:
        output, told = labels.number(options.outputs, target, values)
        places: list[int] = []
        raw: Sequence[Any] = told.tolist()
    else:
        if not hasattr(model, "predict_proba"):
            raise TrainError(
                f"{type(model).__name__} cannot give probabilities, which classes need. Choose an estimator that has "
                "predict_proba, or wrap it in sklearn.calibration.CalibratedClassifierCV before it is fitted."
            )
        output, places, raw = labels.classes(options.outputs, target, list(learned), values)
    count = len(output.classes)
    fitted = fitted_of(model, read, places, count)
    records = _records(read, target, raw)
    as_given = answers_of(model, _as_given(examples), places, count) if _reads_as_given(model, examples) else None
    return GivenModel(_title(model), fitted, read.kind, output, target, records, as_given, read.notes)


def _of_network(
    model: Any, examples: GivenExamples, targets: tuple[str, Sequence[Any]], options: AddOptions
) -> GivenModel:
    target, values = targets
    read = read_by_network(examples, options.inputs)
    few = read.kind.encode({name: examples.columns[name][:LOOKED_AT] for name in _fields(read)})
    learned = classes_learned(model, read, few, values)
    raw: Sequence[Any]
    if learned is None:
        output, told = labels.number(options.outputs, target, values)
        raw = told.tolist()
    else:
        output, _, raw = labels.classes(options.outputs, target, learned, values)
    fitted = network_fitted(model, read, few, classes=learned is not None, answers=options.answers)
    return GivenModel(_title(model), fitted, read.kind, output, target, _records(read, target, raw), None, ())


def _fields(read: Read) -> tuple[str, ...]:
    """The columns that the model reads; raises DataError if the examples lack one."""
    columns = read.examples.columns
    lacking = [name for name in read.kind.fields if name not in columns]
    if lacking:
        raise DataError(f"`inputs` reads '{lacking[0]}', which the examples do not have: {some(list(columns))}.")
    return read.kind.fields


def _records(read: Read, target: str, targets: Sequence[Any]) -> Mapping[str, Any]:
    return {**{name: read.examples.columns[name] for name in _fields(read)}, target: list(targets)}


def _reads_as_given(model: Any, examples: GivenExamples) -> bool:
    """Whether the model reads the examples in their original form."""
    if examples.what != "table":
        return examples.what == "text" or hasattr(examples.given, "reshape")
    framed = bool(len(getattr(model, "feature_names_in_", ())))
    return examples.frame is not None if framed else hasattr(examples.given, "reshape")


def _as_given(examples: GivenExamples) -> Any:
    return examples.given.reshape(len(examples), -1) if examples.what == "image" else examples.given


def _title(model: Any) -> str:
    """The name of what answers: of a pipeline that of its last step."""
    model = getattr(model, "best_estimator_", model)
    steps = getattr(model, "steps", None)
    return type(steps[-1][1] if steps else model).__name__


def _no_records(rows: int, seed: int, drift: float) -> Columns:
    raise ConfigError("A model that was added has no source of records. Make a project: omloop new NAME --from DATA.")
