"""skl2onnx as it is used here: at our opset, without advice, and with the converters that it lacks."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import skl2onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

from omloop.optimise import clusters, dummy, selectors

OPSET = {"": 18, "ai.onnx.ml": 3}


def convert(model: Any, name: str, width: int, answers: Sequence[str] = ()) -> Any:
    """The ONNX graph of a fitted estimator, pipeline or step.

    It takes a matrix called `name` with rows of `width`, of float64 where the model needs that, and gives `answers`, or
    what skl2onnx calls them. Raises whatever the converters meet.
    """
    for lacking in (clusters, dummy, selectors):
        lacking.register()
    matrix = DoubleTensorType if needs_float64(model) else FloatTensorType
    with warnings.catch_warnings(), _without_transform(model):
        warnings.simplefilter("ignore", FutureWarning)  # skl2onnx reads what scikit-learn will rename
        return skl2onnx.convert_sklearn(
            model,
            name="model",
            initial_types=[(name, matrix([None, width]))],
            target_opset=OPSET,
            options={"zipmap": False} if hasattr(model, "predict_proba") else None,
            final_types=[(answer, None) for answer in answers] or None,
        )


@contextmanager
def _without_transform(model: Any) -> Iterator[None]:
    """Let votes be converted: skl2onnx refuses how they flatten what `transform` answers, which nobody asks for."""
    votes = [step for _, step in steps_of(model) if getattr(step, "flatten_transform", False)]
    for step in votes:
        step.flatten_transform = False
    try:
        yield
    finally:
        for step in votes:
            step.flatten_transform = True


def needs_float64(model: Any) -> bool:
    """Whether float32 is too coarse: a Gaussian process takes differences of kernels that are nearly alike."""
    return any(type(step).__name__.startswith("GaussianProcess") for _, step in steps_of(model))


def steps_of(model: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every named estimator inside pipelines, column transformers and unions, depth first, or the model itself."""
    inner = (
        getattr(model, "steps", None)
        or getattr(model, "transformers_", None)
        or getattr(model, "transformer_list", None)
    )
    if not inner:
        return [(name, model)]
    return [found for label, step, *_ in inner if hasattr(step, "get_params") for found in steps_of(step, label)]
