"""How omloop uses skl2onnx: at our opset, without advice, and with the converters that skl2onnx lacks."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import skl2onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

from omloop.package.boosting.boosting import register_boosting
from omloop.package.sklearn import clusters, dummy, exact, extended, functions, selectors
from omloop.package.sklearn.encoder import register_encoder
from omloop.package.sklearn.plainer import every_estimator

OPSET = {"": 18, "ai.onnx.ml": 3}


def convert(model: Any, name: str, width: int, answers: Sequence[str] = (), *, scaled: bool = False) -> Any:
    """The ONNX graph of a fitted estimator, pipeline or step.

    It takes a matrix called `name` with rows of `width`, of float64 where the model needs that. It names its outputs
    `answers`, or else as skl2onnx does. With `scaled` it scales in float64, for a model that learned from float64.
    Raises whatever the converters meet.
    """
    matrix = DoubleTensorType if needs_float64(model) else FloatTensorType
    return convert_inputs(model, [(name, matrix([None, width]))], answers, scaled=scaled and not needs_float64(model))


def convert_inputs(
    model: Any,
    inputs: Sequence[tuple[str, Any]],
    answers: Sequence[str] = (),
    *,
    scaled: bool = True,
    options: Mapping[object, Any] | None = None,
) -> Any:
    """The same for `inputs` of any name and type of skl2onnx, and with its `options` for steps by their `id`."""
    made, shapes = exact.converters() if scaled else (None, None)
    for lacking in (clusters, dummy, extended, functions, selectors):
        lacking.register()
    register_boosting(model)
    register_encoder(model)
    with warnings.catch_warnings(), _as_skl2onnx_reads_them(model):
        warnings.simplefilter("ignore", FutureWarning)  # skl2onnx reads what scikit-learn will rename
        return skl2onnx.convert_sklearn(
            model,
            name="model",
            initial_types=list(inputs),
            target_opset=OPSET,
            options={**(options or {}), id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else options,
            final_types=[(answer, None) for answer in answers] or None,
            custom_conversion_functions=made,
            custom_shape_calculators=shapes,
        )


@contextmanager
def _as_skl2onnx_reads_them(model: Any) -> Iterator[None]:
    """Replace settings by equal ones that skl2onnx reads: it refuses some, or takes only one of several spellings.

    Votes flatten what `transform` answers, which nobody asks for; their weights may be a list; bins may come sparse.
    """
    changed = []
    for step in every_estimator(model):
        for name, value in vars(step).copy().items():
            other = _READ_AS.get((name, value) if isinstance(value, str | bool) else (name, type(value)))
            if other is not None:
                changed.append((step, name, value))
                setattr(step, name, other(value))
    try:
        yield
    finally:
        for step, name, value in changed:
            setattr(step, name, value)


_READ_AS: dict[tuple[str, object], Callable[[Any], Any]] = {
    ("flatten_transform", True): lambda _: False,
    ("weights", list): np.asarray,
    ("weights", tuple): np.asarray,
    ("encode", "onehot"): lambda _: "onehot-dense",
    ("handle_unknown", "infrequent_if_exist"): lambda _: "ignore",  # that is what it is where no word is rare
}
"""A parameter with a value, or with a type of it, and what skl2onnx is shown instead."""


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
