"""An estimator that reads columns, numbers and texts, as a graph of the rows in which an input kind gives them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from skl2onnx.common.data_types import FloatTensorType, StringTensorType

from omloop.package.sklearn.convert import convert_inputs, needs_float64
from omloop.package.sklearn.plainer import every_estimator

ABSENT = "nan"
"""The text that stands for an absent one in a graph: skl2onnx calls a category so that is NaN."""


def convert_columns(model: Any, words: Sequence[Sequence[str]], answers: Sequence[str]) -> Any:
    """The graph of an estimator that reads columns by their places: texts where a column has `words`, else numbers."""
    if needs_float64(model):
        raise NotImplementedError("it is computed in float64, which is known for numbers alone, not for texts")
    inputs = [
        (f"column_{place}", (StringTensorType if known else FloatTensorType)([None, 1]))
        for place, known in enumerate(words)
    ]
    with _absent_texts(model):
        return convert_inputs(model, inputs, answers)


def from_rows(model: Any, name: str, words: Sequence[Sequence[str]]) -> Any:
    """Let a graph of columns take rows called `name`, float32 of shape (n, columns), as the kind `table` has them."""
    # The prefix keeps skl2onnx's own names out of the way: one of them may be that of the rows.
    model = onnx.compose.add_prefix(model, "columns_", rename_inputs=False, rename_outputs=False)
    graph, nodes = model.graph, list[Any]()
    used = {one.name for one in graph.input}
    for place, known in enumerate(words):
        column = f"column_{place}"
        if column not in used:
            continue
        graph.initializer.append(onnx.numpy_helper.from_array(np.array([place], np.int64), f"place_{place}"))
        codes = f"code_{place}" if known else column
        nodes.append(helper.make_node("Gather", [name, f"place_{place}"], [codes], axis=1))
        if known:
            nodes += _texts(graph, column, codes, known)
    nodes += graph.node
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, len(words)]))
    return model


def by_places(model: Any, places: Mapping[int, int]) -> Any:
    """A copy of a fitted estimator whose first steps choose columns by place; `places` maps the old ones to the new.

    A ColumnTransformer fitted on a data frame knows its columns by name, and the graph has no names.
    """
    kind = type(model).__name__
    if hasattr(model, "best_estimator_"):
        return by_places(model.best_estimator_, places)
    if kind == "Pipeline":
        first = by_places(model.steps[0][1], places)
        return _with(model, "steps", [(model.steps[0][0], first), *model.steps[1:]])
    if kind == "FeatureUnion":
        return _with(
            model, "transformer_list", [(name, by_places(one, places)) for name, one in model.transformer_list]
        )
    if kind == "TransformedTargetRegressor":
        return _with(model, "regressor_", by_places(model.regressor_, places))
    if kind != "ColumnTransformer":
        return model
    chosen = model._transformer_to_input_indices
    placed = [
        (name, step, [places[place] for place in chosen[name] if place in places])
        for name, step, _ in model.transformers_
        if not (isinstance(step, str) and step == "drop")
    ]
    return _with(model, "transformers_", placed)


def chosen_places(model: Any) -> list[int] | None:
    """The columns that a fitted estimator reads at all, by place; None where it reads each."""
    if hasattr(model, "best_estimator_"):
        return chosen_places(model.best_estimator_)
    kind = type(model).__name__
    if kind == "Pipeline":
        return chosen_places(model.steps[0][1])
    if kind == "TransformedTargetRegressor":
        return chosen_places(model.regressor_)
    if kind != "ColumnTransformer":
        return None
    read = [name for name, step, _ in model.transformers_ if not (isinstance(step, str) and step == "drop")]
    return sorted({int(place) for name in read for place in model._transformer_to_input_indices[name]})


def known_words(model: Any) -> dict[int, list[object]]:
    """The categories that the encoders of a fitted estimator know, by the place of their column."""
    if hasattr(model, "best_estimator_"):
        return known_words(model.best_estimator_)
    kind = type(model).__name__
    if kind == "Pipeline":
        return known_words(next((one for _, one in model.steps if hasattr(one, "transformers_")), None)) or _of_step(
            model, None
        )
    if kind == "TransformedTargetRegressor":
        return known_words(model.regressor_)
    if kind == "ColumnTransformer":
        found: dict[int, list[object]] = {}
        for name, step, _ in model.transformers_:
            if not isinstance(step, str):
                found |= _of_step(step, model._transformer_to_input_indices[name])
        return found
    return _of_step(model, None)


def _of_step(step: Any, places: Sequence[int] | None) -> dict[int, list[object]]:
    """The categories of the first encoder of a step, whose columns stand at `places`; at 0, 1, ... for None."""
    steps = [one for _, one in getattr(step, "steps", [("", step)])]
    encoder = next((one for one in steps if hasattr(one, "categories_")), None)
    if encoder is None:
        return {}
    categories = [list(one) for one in encoder.categories_]
    where = range(len(categories)) if places is None else places
    return dict(zip(map(int, where), categories, strict=False)) if len(categories) == len(where) else {}


def _texts(graph: Any, column: str, codes: str, known: Sequence[str]) -> list[Any]:
    """From the numbers of a category to its words; an absent one is the text `ABSENT`."""
    texts = [word.encode() for word in [*known, ABSENT]]
    graph.initializer.append(helper.make_tensor(f"{column}_words", TensorProto.STRING, [len(texts)], texts))
    behind = onnx.numpy_helper.from_array(np.array(len(known), np.float32), f"{column}_behind")
    graph.initializer.append(behind)
    node = helper.make_node
    return [
        node("IsNaN", [codes], [f"{column}_missing"]),
        node("Where", [f"{column}_missing", behind.name, codes], [f"{column}_known"]),
        node("Cast", [f"{column}_known"], [f"{column}_word"], to=TensorProto.INT64),
        node("Gather", [f"{column}_words", f"{column}_word"], [column], axis=0),
    ]


@contextmanager
def _absent_texts(model: Any) -> Iterator[None]:
    """Let skl2onnx read imputers of texts, which it knows only for a text that stands for an absent text."""
    texts = [
        one
        for one in every_estimator(model)
        if type(one).__name__ == "SimpleImputer" and getattr(one, "statistics_", np.empty(0)).dtype == object
    ]
    before = [one.missing_values for one in texts]
    for one in texts:
        one.missing_values = ABSENT
    try:
        yield
    finally:
        for one, value in zip(texts, before, strict=True):
            one.missing_values = value


def _with(model: Any, name: str, value: object) -> Any:
    changed = copy(model)
    setattr(changed, name, value)
    return changed
