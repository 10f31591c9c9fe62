"""A fitted estimator without what answers nothing: a search around its best, samplers, a wrapper of its target."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

INVERSES: dict[Any, tuple[str, ...]] = {
    np.expm1: ("Exp", "-1"),
    np.exp: ("Exp",),
    np.square: ("Square",),
    np.sqrt: ("Sqrt",),
    np.log: ("Log",),
    np.log1p: ("+1", "Log"),
    np.negative: ("Neg",),
    np.reciprocal: ("Reciprocal",),
}
"""Functions that bring an answer back from how the target was transformed, as ONNX operators."""


@dataclass(frozen=True)
class Plainer:
    """The estimator that answers, and the changes to its answer: operators, and before them `scale` and `shift`."""

    model: Any
    scale: float = 1.0
    shift: float = 0.0
    operators: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything changes the answer."""
        return bool(self.operators) or (self.scale, self.shift) != (1.0, 0.0)


def plainer(model: Any) -> Plainer:
    """The estimator inside searches, samplers and target transformers.

    Raises NotImplementedError for a transformation of the target without a known inverse in ONNX.
    """
    model = _without_wrappers(model)
    *before, last = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    if type(last).__name__ != "TransformedTargetRegressor":
        return Plainer(model)
    inner = _without_wrappers(last.regressor_)
    if before:
        inner = Pipeline([*model.steps[:-1], (model.steps[-1][0], inner)])
    return _undone(last, inner)


def every_estimator(model: Any) -> Iterator[Any]:
    """A fitted estimator and all estimators within it, each once."""
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple) or (isinstance(one, np.ndarray) and one.dtype == object):
            waiting += list(np.ravel(one)) if isinstance(one, np.ndarray) else one
        elif id(one) not in seen and not isinstance(one, type) and hasattr(one, "get_params"):
            seen.add(id(one))
            yield one
            waiting += vars(one).values()


def _without_wrappers(model: Any) -> Any:
    while hasattr(model, "best_estimator_"):
        model = model.best_estimator_
    if not hasattr(model, "steps") or type(model).__name__ != "Pipeline":
        return model
    steps = [(name, step if step == "passthrough" else _without_wrappers(step)) for name, step in model.steps]
    steps = [(name, step) for name, step in steps if not hasattr(step, "fit_resample")]
    same = type(model) is Pipeline and [id(step) for _, step in steps] == [id(step) for _, step in model.steps]
    return model if same else Pipeline(steps)


def _undone(wrapper: Any, inner: Any) -> Plainer:
    transformer = wrapper.transformer_
    kind = type(transformer).__name__
    if kind == "StandardScaler":
        scale = 1.0 if transformer.scale_ is None else float(transformer.scale_[0])
        return Plainer(inner, scale, 0.0 if transformer.mean_ is None else float(transformer.mean_[0]))
    if kind == "MinMaxScaler" and not transformer.clip:
        return Plainer(inner, 1 / float(transformer.scale_[0]), -float(transformer.min_[0] / transformer.scale_[0]))
    if kind == "MaxAbsScaler":
        return Plainer(inner, float(transformer.scale_[0]))
    if kind == "RobustScaler":
        scale = float(transformer.scale_[0]) if transformer.with_scaling else 1.0
        return Plainer(inner, scale, float(transformer.center_[0]) if transformer.with_centering else 0.0)
    if kind == "FunctionTransformer":
        back = transformer.inverse_func
        if back is None:
            return Plainer(inner)
        if back in INVERSES:
            return Plainer(inner, operators=INVERSES[back])
        name = getattr(back, "__name__", "a function")
        known = ", ".join(one.__name__ for one in INVERSES)
        raise NotImplementedError(f"its inverse '{name}' is Python, which ONNX cannot run; it has NumPy's {known}")
    raise NotImplementedError(
        f"ONNX cannot undo what {kind} does to the target; use StandardScaler, MinMaxScaler, or func=np.log1p with "
        "inverse_func=np.expm1"
    )
