"""What every calibrator does: the same in NumPy and in the graph, and never anything but probabilities."""

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from omloop.core import ExportError
from omloop.kinds import Classes
from omloop.package.calibrate import (
    Isotonic,
    Temperature,
    calibrated_graph,
    fit_isotonic,
    fit_temperature,
    floor_of,
)
from omloop.package.calibrate.isotonic import STEEPEST
from omloop.testing.bundles import TABLE, tiny_bundle

CHANCE = np.random.default_rng(1)


def softmax(logits: NDArray) -> NDArray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def drawn(rows: int, classes: int = 3, spread: float = 1.5) -> tuple[NDArray, NDArray]:
    """Logits, and classes that come true as often as their softmax says."""
    logits = spread * CHANCE.normal(size=(rows, classes))
    chances = softmax(logits).cumsum(axis=1)
    return logits, np.minimum((CHANCE.random((rows, 1)) > chances).sum(axis=1), classes - 1)


def graph(classes: int = 3, *, soft: bool = False, opset: int = 18) -> bytes:
    """A graph that answers its input, or the softmax of it."""
    node = helper.make_node("Softmax", ["x"], ["probabilities"], axis=1) if soft else None
    node = node or helper.make_node("Identity", ["x"], ["probabilities"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", classes]) for name in ("x", "probabilities")]
    made = helper.make_graph([node], "model", ends[:1], ends[1:])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString()


def run(model: bytes, rows: NDArray) -> NDArray:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"x": rows.astype(np.float32)})[0]


def fitted(rows: int = 3000) -> list[tuple[Temperature | Isotonic, NDArray]]:
    logits, truth = drawn(rows)
    outputs = softmax(3 * logits)
    return [(fit(outputs, truth), outputs) for fit in (fit_temperature, fit_isotonic)]


@pytest.mark.parametrize("place", [0, 1], ids=["temperature", "isotonic"])
def test_the_graph_computes_what_the_calibrator_says(place):
    calibrator, outputs = fitted()[place]
    outputs = np.vstack([outputs, np.eye(3), [[0.5, 0.5, 0.0]], [[1 / 3] * 3]])
    found = run(calibrated_graph(graph(), calibrator, "probabilities"), outputs)
    np.testing.assert_allclose(found, calibrator.apply(outputs), atol=5e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("place", [0, 1], ids=["temperature", "isotonic"])
def test_calibrated_probabilities_are_probabilities(place):
    calibrator, outputs = fitted()[place]
    for rows in (outputs, np.eye(3), CHANCE.dirichlet(np.full(3, 0.01), 200)):
        found = calibrator.apply(rows)
        np.testing.assert_allclose(found.sum(axis=1), 1)
        assert (found >= 0).all() and np.isfinite(found).all()


def test_the_softmax_of_a_graph_is_divided_before_it():
    """So no logarithm of float32 is taken, and the smallest probabilities stay exact."""
    logits, truth = drawn(500, spread=8)
    floor = floor_of(graph(soft=True), "probabilities")
    calibrator = fit_temperature(softmax(logits), truth, floor=floor)
    model = calibrated_graph(graph(soft=True), calibrator, "probabilities")
    assert [node.op_type for node in onnx.load_from_string(model).graph.node] == ["Mul", "Softmax"]
    np.testing.assert_allclose(run(model, logits), calibrator.apply(softmax(logits)), atol=5e-6)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found_again(temperature):
    logits, truth = drawn(8000)
    found = fit_temperature(softmax(logits * temperature), truth)
    assert found.temperature == pytest.approx(temperature, rel=0.1)


def test_no_temperature_changes_which_class_is_answered():
    outputs = CHANCE.dirichlet(np.full(5, 0.3), 1000)
    for temperature in (0.05, 0.7, 3.0, 20.0):
        np.testing.assert_array_equal(Temperature(temperature).apply(outputs).argmax(axis=1), outputs.argmax(axis=1))


def test_answers_that_are_all_right_do_not_become_certain():
    outputs = np.tile([0.6, 0.4], (20, 1))
    found = fit_temperature(outputs, np.zeros(20, int)).apply(outputs)
    assert 0.9 < found[0, 0] < 0.99


def test_curves_never_fall_and_are_never_too_steep_for_float32():
    outputs = CHANCE.dirichlet([0.5, 0.5], 2000)
    found = fit_isotonic(outputs, (CHANCE.random(2000) < outputs[:, 1] ** 3).astype(int))
    grid = np.linspace(0, 1, 500)
    for given, shares in zip(found.given, found.found, strict=True):
        read = np.interp(grid, given, shares)
        assert (np.diff(read) >= 0).all() and np.diff(read).max() <= STEEPEST / 499 + 1e-9
        assert shares[0] > 0 and shares[-1] < 1


def test_curves_set_right_what_no_temperature_can():
    """A model that is too sure of one class and not sure enough of the other."""
    chance = CHANCE.random(20_000)
    truth = (CHANCE.random(20_000) < chance).astype(int)
    outputs = np.stack([1 - chance**3, chance**3], axis=1)
    found = fit_isotonic(outputs[:10_000], truth[:10_000]).apply(outputs[10_000:])
    assert np.abs(found[:, 1] - chance[10_000:]).mean() < 0.02


def test_a_model_of_one_answer_keeps_it():
    outputs, truth = np.tile([0.6, 0.4], (50, 1)), np.repeat([0, 1], [20, 30])
    found = fit_isotonic(outputs, truth).apply(outputs)
    assert found[0, 0] == pytest.approx(0.4, abs=0.02)


def test_a_graph_of_an_old_onnx_is_refused():
    with pytest.raises(ExportError, match="opset 11"):
        calibrated_graph(graph(opset=11), Temperature(2.0), "probabilities")


def test_a_graph_keeps_what_it_takes_and_how_its_answer_is_called():
    bundle = tiny_bundle(0.01, classes=("sad", "happy"))
    from omloop.bundle import Session

    outputs = Classes("mood", ("sad", "happy"))
    before, calibrator = Session(bundle.files["model.onnx"], TABLE, outputs), Temperature(2.0)
    session = Session(calibrated_graph(bundle.files["model.onnx"], calibrator, "probabilities"), TABLE, outputs)
    rows = TABLE.edges()
    np.testing.assert_allclose(session.predict(rows), calibrator.apply(before.predict(rows)), atol=1e-6)


@pytest.mark.parametrize("place", [0, 1], ids=["temperature", "isotonic"])
def test_the_other_engine_computes_the_same(place):
    openvino = pytest.importorskip("openvino")
    calibrator, outputs = fitted()[place]
    core = openvino.Core()
    model = core.read_model(calibrated_graph(graph(), calibrator, "probabilities"))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for rows in (outputs, outputs[:1], outputs[:7]):
        found = compiled({"x": rows.astype(np.float32)})["probabilities"]
        np.testing.assert_allclose(found, calibrator.apply(rows), atol=5e-6)
