"""Forms of a real, small convolutional network: what they answer, what they weigh, and what is refused."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from omloop.bundle import Session
from omloop.core import ExportError, MissingExtraError
from omloop.kinds import Classes, Image
from omloop.optimise import VARIANTS, VariantSpec
from omloop.optimise.variants import Feeds

KIND = Image(width=16, height=16, channels=3)
MOOD = Classes("mood", ("sad", "calm", "happy"))
OPENVINO = ("bf16-openvino", "int8-openvino", "openvino")
CHANNELS = 64


def network() -> bytes:
    """Two convolutions, the second with most of the weights, a mean over the picture, and a dense layer."""
    random = np.random.default_rng(0)

    def weights(name: str, *shape: int) -> TensorProto:
        deviation = 1 / np.sqrt(np.prod(shape[1:]))
        return numpy_helper.from_array(random.normal(0, deviation, shape).astype(np.float32), name)

    node = helper.make_node
    graph = helper.make_graph(
        [
            node("Cast", ["pixels"], ["numbers"], to=TensorProto.FLOAT),
            node("Div", ["numbers", "brightest"], ["lights"]),
            node("Transpose", ["lights"], ["planes"], perm=[0, 3, 1, 2]),
            node("Conv", ["planes", "first"], ["edges"], pads=[1, 1, 1, 1]),
            node("Relu", ["edges"], ["lit"]),
            node("Conv", ["lit", "second"], ["shapes"], pads=[1, 1, 1, 1]),
            node("Relu", ["shapes"], ["shown"]),
            node("GlobalAveragePool", ["shown"], ["pooled"]),
            node("Flatten", ["pooled"], ["features"]),
            node("MatMul", ["features", "last"], ["logits"]),
            node("Softmax", ["logits"], ["probabilities"]),
        ],
        "network",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", 16, 16, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3])],
        [
            numpy_helper.from_array(np.array(255, np.float32), "brightest"),
            weights("first", CHANNELS, 3, 3, 3),
            weights("second", CHANNELS, CHANNELS, 3, 3),
            weights("last", CHANNELS, 3),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(made.SerializeToString())


def pictures(count: int) -> NDArray[Any]:
    examples = np.resize(KIND.edges(), count)
    examples["pixels"] = np.random.default_rng(1).integers(0, 256, (count, 16, 16, 3), np.uint8)
    return examples


def calibration() -> list[Feeds]:
    return [KIND.feeds(pictures(8)), KIND.feeds(pictures(3))]


def form_of(name: str) -> VariantSpec:
    if name in OPENVINO:
        pytest.importorskip("openvino")
    form: VariantSpec = VARIANTS.load(name)
    return form


@pytest.mark.parametrize("name", VARIANTS.names())
def test_every_form_answers_nearly_as_the_model_does_for_any_number_of_rows(name: str) -> None:
    form = form_of(name)
    made = form.make(network(), calibration())
    session = Session(made, KIND, MOOD, threads=1, engine=form.engine, precision=form.precision)
    plain = Session(network(), KIND, MOOD, threads=1)
    for rows in (1, 5):
        given = pictures(rows)
        np.testing.assert_allclose(session.predict(given), plain.predict(given), atol=0.02)


def test_static_int8_is_a_fraction_of_the_size_and_says_its_precision() -> None:
    form = form_of("int8")
    made = form.make(network(), calibration())
    assert len(made) < len(network()) / 2
    assert form.precision == "int8"
    kinds = {weights.data_type for weights in onnx.load_from_string(made).graph.initializer if len(weights.dims) == 4}
    assert kinds == {TensorProto.INT8}


def test_dynamic_int8_leaves_convolutions_alone() -> None:
    made = form_of("int8-dynamic").make(network(), [])
    assert not [node for node in onnx.load_from_string(made).graph.node if node.op_type == "ConvInteger"]


def test_onnx_runtime_says_nothing_to_the_terminal_meanwhile(capfd: pytest.CaptureFixture[str]) -> None:
    model = onnx.load_from_string(network())
    model.graph.initializer.append(numpy_helper.from_array(np.ones(3, np.float32), "left over"))
    form_of("int8-dynamic").make(model.SerializeToString(), [])
    assert capfd.readouterr() == ("", "")


def test_forms_of_one_way_share_it_so_that_it_is_gone_once() -> None:
    assert form_of("int8").make is form_of("int8-openvino").make


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            [{"pixels": np.zeros((4, 8, 8, 3), np.uint8)}],
            r"is uint8 of shape \(4, 8, 8, 3\); .* uint8 of shape \(any, 16",
        ),
        ([{"pixels": np.zeros((4, 16, 16, 3), np.float32)}], "is float32 of shape .*; the graph takes uint8"),
        ([{"rows": np.zeros((4, 2), np.float32)}], "'pixels' is bool of shape"),
        ([], "Give a few training examples"),
    ],
)
def test_a_calibration_that_does_not_fit_is_told_with_what_would(wrong: list[Feeds], told: str) -> None:
    with pytest.raises(ExportError, match=told):
        form_of("int8").make(network(), wrong)


@pytest.mark.parametrize("name", ["int8", "int8-dynamic"])
def test_a_graph_that_gains_nothing_is_refused(name: str) -> None:
    """Such as one of trees, or a scale and an offset."""
    value = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 2])
    answer = helper.make_tensor_value_info("value", TensorProto.FLOAT, ["n", 2])
    graph = helper.make_graph([helper.make_node("Relu", ["rows"], ["value"])], "g", [value], [answer])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    with pytest.raises(ExportError, match="Nothing in the graph can be held as int8"):
        form_of(name).make(model.SerializeToString(), [{"rows": np.zeros((2, 2), np.float32)}])


@pytest.mark.parametrize("name", ["fused", "int8", "int8-dynamic"])
def test_what_is_no_graph_is_an_export_error(name: str) -> None:
    with pytest.raises(ExportError):
        form_of(name).make(b"no graph", [])


def test_openvino_computes_in_the_precision_that_it_was_told() -> None:
    """Left alone it takes bfloat16 where the CPU has it, and answers otherwise on another machine."""
    form, plain = form_of("openvino"), Session(network(), KIND, MOOD, threads=1)
    exact = Session(network(), KIND, MOOD, threads=1, engine=form.engine, precision=form.precision)
    np.testing.assert_allclose(exact.predict(pictures(9)), plain.predict(pictures(9)), atol=2e-6)


def test_a_form_whose_engine_is_absent_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, "omloop.bundle.engine.openvino", raising=False)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[openvino\]'"):
        Session(network(), KIND, MOOD, engine="openvino")


@pytest.mark.parametrize("name", ["int8", "openvino"])
def test_several_threads_may_ask_at_once(name: str) -> None:
    form = form_of(name)
    made = form.make(network(), calibration())
    session = Session(made, KIND, MOOD, threads=1, engine=form.engine, precision=form.precision)
    given = [pictures(rows) for rows in (1, 2, 3, 4)] * 5
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(session.predict, given))
    for rows, answers in zip(given, found, strict=True):
        np.testing.assert_allclose(answers, session.predict(rows), atol=1e-6)
