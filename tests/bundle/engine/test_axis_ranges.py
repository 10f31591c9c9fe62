"""Ranges along an axis of an input are bounded by it, and all others are not."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from omloop.bundle.engine.graph_bounds import operators_of

LENGTH = (
    helper.make_node("Shape", ["tokens"], ["shape"]),
    helper.make_node("Gather", ["shape", "one"], ["length"]),
    helper.make_node("Range", ["zero", "length", "one"], ["places"]),
)


def graph(nodes: Sequence[NodeProto], **more: np.generic | NDArray[np.generic]) -> bytes:
    numbers: dict[str, np.generic | NDArray[np.generic]] = {"zero": np.int64(0), "one": np.int64(1), **more}
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["n", "length"])
    places = helper.make_tensor_value_info("places", TensorProto.INT64, ["length"])
    known = [numpy_helper.from_array(np.asarray(value), name) for name, value in numbers.items()]
    content: bytes = helper.make_model(
        helper.make_graph(nodes, "g", [tokens], [places], initializer=known)
    ).SerializeToString()
    return content


def test_positions_in_a_text_are_bounded_by_it() -> None:
    assert operators_of(graph(LENGTH)) == {"Shape", "Gather"}


@pytest.mark.parametrize("number", [np.int64(10**12), np.int64(-(10**12))])
def test_a_range_between_numbers_of_the_file_is_not(number: np.int64) -> None:
    nodes = [helper.make_node("Range", ["zero", "far", "one"], ["places"])]
    assert "Range" in operators_of(graph(nodes, far=number))


@pytest.mark.parametrize(
    ("start", "step"),
    [
        (np.int64(-(10**12)), np.int64(1)),
        (np.int64(0), np.int64(-1)),
        (np.int64(0), np.int64(0)),
        (np.float64(0), np.float64(1e-300)),
        (np.array([0, 0]), np.int64(1)),
    ],
)
def test_starts_and_steps_that_could_count_further_are_not(start: NDArray[np.generic], step: np.generic) -> None:
    nodes = [*LENGTH[:2], helper.make_node("Range", ["start", "length", "step"], ["places"])]
    assert "Range" in operators_of(graph(nodes, start=start, step=step))


def test_a_number_that_is_written_out_counts_as_one_of_raw_bytes() -> None:
    step = helper.make_tensor("step", TensorProto.INT64, [], [1])
    back = helper.make_tensor("back", TensorProto.INT64, [], [-5])
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["n"])
    for start, bounded in (("step", True), ("back", False)):
        nodes = [
            helper.make_node("Shape", ["tokens"], ["shape"]),
            helper.make_node("Squeeze", ["shape"], ["length"]),
            helper.make_node("Range", [start, "length", "step"], ["places"]),
        ]
        model = helper.make_model(helper.make_graph(nodes, "g", [tokens], [], initializer=[step, back]))
        assert ("Range" not in operators_of(model.SerializeToString())) is bounded


def test_the_axis_of_anything_but_an_input_is_not_trusted() -> None:
    """A tensor without elements may declare any length."""
    empty = helper.make_tensor("empty", TensorProto.FLOAT, [0, 10**12], [])
    shape = [helper.make_node("Shape", ["empty"], ["shape"]), *LENGTH[1:]]
    model = helper.make_model(helper.make_graph(shape, "g", [], [], initializer=[empty]))
    for name, value in (("zero", 0), ("one", 1)):
        model.graph.initializer.append(numpy_helper.from_array(np.int64(value), name))
    assert "Range" in operators_of(model.SerializeToString())
    model.graph.input.append(helper.make_tensor_value_info("empty", TensorProto.FLOAT, [0, None]))
    assert "Range" in operators_of(model.SerializeToString())


def test_one_range_of_several_is_enough() -> None:
    more = helper.make_node("Range", ["zero", "far", "one"], ["others"])
    assert "Range" in operators_of(graph([*LENGTH, more], far=np.int64(10**12)))


def test_a_value_that_two_nodes_give_is_not_trusted() -> None:
    again = helper.make_node("Mul", ["shape", "far"], ["length"])
    assert "Range" in operators_of(graph([*LENGTH[:2], again, LENGTH[2]], far=np.int64(10**12)))


def test_a_range_in_a_branch_is_not_followed() -> None:
    inside = helper.make_graph([LENGTH[2]], "inside", [], [])
    nodes = [*LENGTH[:2], helper.make_node("If", ["go"], ["places"], then_branch=inside, else_branch=inside)]
    assert "Range" in operators_of(graph(nodes, go=np.bool_(True)))
