"""A real bundle that is built in a millisecond, for tests of whatever loads, serves or watches one."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle import (
    MODEL,
    Bundle,
    Classes,
    Column,
    Lineage,
    Manifest,
    Number,
    Reference,
    Session,
    Table,
    Variant,
    encode_examples,
)
from omloop.core import Estimate, Parity

TABLE = Table(
    (
        Column("hours", "number", low=0, high=24, unit="h", description="Hours of study a day."),
        Column("age", "integer", low=14, high=24, unit="years"),
        Column("sex", "category", categories=("f", "m")),
    ),
    refused={"passed": "it is known only after the exam"},
)


def tiny_bundle(weight: float = 1.0, *, classes: tuple[str, ...] = ()) -> Bundle:
    """A bundle over the columns of `TABLE` whose model anybody can compute by hand.

    Without `classes` the answer is the number `weight * (hours + 2 * age + 3 * (sex == "m"))`; with them it is the
    softmax of that number times the index of each class. Needs the library `onnx`.

    >>> Session.of(tiny_bundle(2.0)).predict(TABLE.parse([{"hours": 1, "age": 20, "sex": "m"}]))
    array([88.])
    """
    outputs = Classes("mood", classes) if classes else Number("score", unit="points", low=-1000, high=1000)
    steps = np.arange(len(classes)) if classes else np.ones(1)
    model = _graph(np.outer(weight * np.array([1.0, 2.0, 3.0]), steps), outputs.graph_output)
    rows = TABLE.edges()
    answers = Session(model, TABLE, outputs, threads=1).predict(rows)
    observed = TABLE.observe(rows) | outputs.observe(answers)
    reference = Reference.of(observed, {**TABLE.observed, **outputs.observed})
    files = {
        MODEL: model,
        "examples.json": encode_examples(list(TABLE.render(rows)), answers),
        "reference.json": msgspec.json.encode(reference),
    }
    return Bundle.seal(_manifest(outputs, len(rows)), files)


def _graph(weights: NDArray[Any], output: str) -> bytes:
    """An ONNX graph `output = rows @ weights`, with a softmax after it for probabilities."""
    from onnx import TensorProto, helper, numpy_helper

    last = [helper.make_node("Softmax", ["product"], [output])] if output == "probabilities" else []
    product = helper.make_node("MatMul", ["rows", "weights"], ["product" if last else output])
    graph = helper.make_graph(
        [product, *last],
        "tiny",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", len(weights)])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", weights.shape[1]])],
        [numpy_helper.from_array(weights.astype(np.float32), "weights")],
    )
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    ).SerializeToString()
    return content


def _manifest(outputs: Number | Classes, rows: int) -> Manifest:
    lineage = Lineage(
        created="2026-01-01T00:00:00Z",
        model="linear",
        run="tiny-1",
        data_source="simulated",
        data_fingerprint="0" * 64,
        data_rows=rows,
        live_rows=0,
        config_sha256="0" * 64,
        seed=0,
        packages={},
    )
    parity = Parity(rows, (1, rows), 0.0, 0.0, 0.0, 1.0, 1e-5)
    metrics = {name: Estimate(0.9, 0.85, 0.95) for name in outputs.metrics}
    return Manifest("tiny", TABLE.describe(), outputs.describe(), lineage, {"float32": Variant(metrics, parity)})
