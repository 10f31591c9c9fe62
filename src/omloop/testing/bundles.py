"""A real bundle, built in a millisecond, for tests of code that loads, serves or watches a bundle."""

from dataclasses import replace

import msgspec
import numpy as np

from omloop.bundle import MODEL, Bundle, Lineage, Manifest, Reference, Session, Variant, encode_examples
from omloop.bundle.confidence import CONFIDENCE, Confidence, ReliabilityBin, Sureness, encode_confidence
from omloop.core import Estimate, Kind, NumberArray, Parity
from omloop.kinds import Classes, Column, Image, Number, Table, Text

TABLE = Table(
    (
        Column("hours", "number", low=0, high=24, unit="h", description="Hours of study a day."),
        Column("age", "integer", low=14, high=24, unit="years"),
        Column("sex", "category", categories=("f", "m")),
    ),
    refused={"passed": "it is known only after the exam"},
)
IMAGE = Image(8, 6, refused={"person": "it is what the model answers"})

BIN, HELD = ReliabilityBin(0.75, 0.95, 80, 0.875, 1.0), Estimate(0.9, 0.815, 0.948)
REVIEW = Text("review", most_characters=60, grams=1, buckets=2**10)


def tiny_bundle(weight: float = 1.0, *, classes: tuple[str, ...] = (), threshold: float | None = None) -> Bundle:
    """A bundle over the columns of `TABLE` whose model anybody can compute by hand.

    Without `classes` the answer is the number `weight * (hours + 2 * age + 3 * (sex == "m"))`; with them it is the
    softmax of that number times the index of each class. A `threshold` is that of the second of two. Needs the library
    `onnx`.

    >>> Session.of(tiny_bundle(2.0)).predict(TABLE.parse([{"hours": 1, "age": 20, "sex": "m"}]))
    array([88.])
    """
    outputs = (
        Classes("mood", classes, threshold=threshold)
        if classes
        else Number("score", unit="points", low=-1000, high=1000)
    )
    steps = np.arange(len(classes)) if classes else np.ones(1)
    model = _graph(np.outer(weight * np.array([1.0, 2.0, 3.0]), steps), outputs.graph_output)
    return _sealed(model, TABLE, outputs)


def tiny_sure_bundle(weight: float = 1.0, *, classes: tuple[str, ...] = ()) -> Bundle:
    """A `tiny_bundle` that says how sure it is: within 8 points in 9 of 10 cases, or by calibrated probabilities.

    >>> tiny_sure_bundle().output.answer(np.array([88.0]))
    [{'value': 88.0, 'interval': [80.0, 96.0]}]
    """
    plain = tiny_bundle(weight, classes=classes)
    described = {"calibration": "temperature"} if classes else {"interval": {"level": 0.9, "half": 8.0}}
    sure = Sureness(0.25, 0.2, 0.5, 0.75, 1.0), Sureness(0.125, 0.1, 0.25, 0.875, 1.0)
    found = (
        Confidence("temperature", "It is surer so.", 40, 80, "temperature 0.5", *sure, 0.1, (BIN,))
        if classes
        else Confidence("split conformal", "By 40.", 40, 80, level=0.9, half=8.0, coverage=HELD, width=16.0)
    )
    files = {**plain.files, CONFIDENCE: encode_confidence(found)}
    return Bundle.seal(replace(plain.manifest, outputs=plain.manifest.outputs | described), files)


def tiny_image_bundle(weight: float = 1.0, *, kind: Image = IMAGE, outputs: Classes | None = None) -> Bundle:
    """A bundle over `kind` whose model answers `weight` times the mean of all pixels, from 0 to 255.

    With classes as `outputs` it answers the softmax of that number times the index of each class.

    >>> Session.of(tiny_image_bundle(2.0)).predict(IMAGE.edges()[:3])
    array([  0., 510., 256.])
    """
    if outputs is None:
        return _sealed(_mean_graph(kind, [weight], "value"), kind, Number("level", low=-1000, high=1000))
    steps = [weight * index for index in range(len(outputs.classes))]
    return _sealed(_mean_graph(kind, steps, "probabilities"), kind, outputs)


def tiny_text_bundle(weight: float = 1.0) -> Bundle:
    """A bundle over `REVIEW`: positive by the logit `weight` times the words `good`, less the words `bad`.

    >>> Session.of(tiny_text_bundle()).predict(REVIEW.parse([{"review": "Good, not bad"}]))
    array([[0.5, 0.5]])
    """
    return _sealed(_words_graph(weight), REVIEW, Classes("sentiment", ("negative", "positive")))


def _sealed(model: bytes, kind: Kind, outputs: Number | Classes) -> Bundle:
    """The bundle of a graph, whose examples and reference are the kind's edges."""
    rows = kind.edges()
    session = Session(model, kind, outputs, threads=1)
    answers = session.run(rows)
    reference = Reference.of(session.observe(rows, answers), session.observed)
    files = {
        MODEL: model,
        "examples.json": encode_examples(list(kind.render(rows)), answers.outputs),
        "reference.json": msgspec.json.encode(reference),
    }
    return Bundle.seal(_manifest(kind, outputs, len(rows)), files)


def _graph(weights: NumberArray, output: str) -> bytes:
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


def _mean_graph(kind: Image, weights: list[float], output: str) -> bytes:
    """An ONNX graph that takes the mean of each picture's pixels, times `weights`; probabilities by a softmax of it."""
    from onnx import TensorProto, helper, numpy_helper

    last = [helper.make_node("Softmax", ["product"], [output])] if output == "probabilities" else []
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["pixels"], ["numbers"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["numbers", "axes"], ["mean"], keepdims=0),
            helper.make_node("Reshape", ["mean", "tall"], ["column"]),
            helper.make_node("MatMul", ["column", "weights"], ["product" if last else output]),
            *last,
        ],
        "tiny",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", kind.height, kind.width, kind.channels])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", len(weights)])],
        [
            numpy_helper.from_array(np.array([1, 2, 3], np.int64), "axes"),
            numpy_helper.from_array(np.array([-1, 1], np.int64), "tall"),
            numpy_helper.from_array(np.array([weights], np.float32), "weights"),
        ],
    )
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    ).SerializeToString()
    return content


def _words_graph(weight: float) -> bytes:
    """An ONNX graph that adds up the weights of a text's words, for the second of two classes."""
    from onnx import TensorProto, helper, numpy_helper

    weights = np.zeros(REVIEW.buckets, np.float32)
    good, bad = REVIEW.feeds(np.array(["good", "bad"], object))["grams"][:, 0]
    weights[good], weights[bad] = weight, -weight
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["weights", "grams"], ["each"]),
            helper.make_node("Mul", ["each", "counts"], ["counted"]),
            helper.make_node("ReduceSum", ["counted", "along"], ["sum"], keepdims=1),
            helper.make_node("MatMul", ["sum", "second"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"]),
        ],
        "tiny",
        [
            helper.make_tensor_value_info("grams", TensorProto.INT64, ["n", "longest"]),
            helper.make_tensor_value_info("counts", TensorProto.FLOAT, ["n", "longest"]),
        ],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1], np.int64), "along"),
            numpy_helper.from_array(np.array([[0, 1]], np.float32), "second"),
        ],
    )
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    ).SerializeToString()
    return content


def _manifest(kind: Kind, outputs: Number | Classes, rows: int) -> Manifest:
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
    return Manifest("tiny", kind.describe(), outputs.describe(), lineage, {MODEL: Variant(metrics, parity)})
