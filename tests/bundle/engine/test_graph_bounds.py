"""The bounds of a graph, read from its bytes before an engine sees them."""

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from omloop.bundle import MODEL, Session
from omloop.bundle.engine import graph_bounds
from omloop.bundle.engine.graph_bounds import operators_of
from omloop.core import BundleError
from omloop.testing.bundles import tiny_bundle

BUNDLE = tiny_bundle(classes=("a", "b"))


def changed() -> ModelProto:
    model = ModelProto()
    model.ParseFromString(BUNDLE.files[MODEL])
    return model


def deep(levels: int) -> bytes:
    """A graph in a graph in a graph, as the branches of `If` hold them."""
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [], [])
    for _ in range(levels):
        graph = helper.make_graph([helper.make_node("If", ["c"], ["y"], then_branch=graph)], "g", [], [])
    content: bytes = helper.make_model(graph).SerializeToString()
    return content


def test_operators_are_found_in_branches_too() -> None:
    assert operators_of(BUNDLE.files[MODEL]) == {"MatMul", "Softmax"}
    assert operators_of(deep(3)) == {"If", "Identity"}


def test_data_outside_the_file_are_refused_before_an_engine_looks_for_them() -> None:
    model = changed()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secrets.bin")
    with pytest.raises(BundleError, match="'weights' keeps its data outside the model's file"):
        Session(model.SerializeToString(), BUNDLE.kind, BUNDLE.output)


def test_data_outside_the_file_are_found_in_the_attribute_of_a_node() -> None:
    value = TensorProto(dims=[1], data_type=1, data_location=TensorProto.EXTERNAL)
    model = changed()
    model.graph.node.append(helper.make_node("Constant", [], ["c"], value=value))
    with pytest.raises(BundleError, match="outside the model's file"):
        operators_of(model.SerializeToString())


def test_a_tensor_that_declares_more_than_it_holds_is_refused() -> None:
    model = changed()
    model.graph.initializer[0].dims[:] = [2**40, 2]
    with pytest.raises(BundleError, match=r"declares 2,199,023,255,552 elements and holds \d+ bytes"):
        operators_of(model.SerializeToString())


def test_graphs_are_bounded_in_nodes_tensors_and_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    model = changed()
    model.graph.initializer.extend([numpy_helper.from_array(np.zeros(1), f"t{i}") for i in range(5)])
    monkeypatch.setattr(graph_bounds, "MOST_TENSORS", 5)
    monkeypatch.setattr(graph_bounds, "_KNOWN", {})
    with pytest.raises(BundleError, match="more than 5 tensors"):
        operators_of(model.SerializeToString())
    monkeypatch.setattr(graph_bounds, "MOST_NODES", 1)
    with pytest.raises(BundleError, match="more than 1 nodes"):
        operators_of(BUNDLE.files[MODEL])
    monkeypatch.setattr(graph_bounds, "MOST_NODES", 1000)
    with pytest.raises(BundleError, match="nests deeper"):
        operators_of(deep(30))


def test_the_numbers_of_a_forest_are_passed_over() -> None:
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["x"],
        ["y"],
        domain="ai.onnx.ml",
        nodes_values=[0.5] * 9999,
        nodes_treeids=[2**40] * 9999,
    )
    assert operators_of(helper.make_model(helper.make_graph([node], "g", [], [])).SerializeToString()) == {node.op_type}


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_a_file_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(BundleError, match="is cut off"):
        operators_of(BUNDLE.files[MODEL][:-cut])


@pytest.mark.parametrize("sizes", [[2**29], [2**20, 2**20]])
def test_a_sparse_tensor_that_unfolds_beyond_bounds_is_refused(sizes: list[int]) -> None:
    model = changed()
    sparse = model.graph.sparse_initializer.add(dims=sizes)
    sparse.values.CopyFrom(numpy_helper.from_array(np.ones(1, np.float32), "w"))
    sparse.indices.CopyFrom(numpy_helper.from_array(np.zeros((1, len(sizes)), np.int64), "w_at"))
    with pytest.raises(BundleError, match="A sparse tensor unfolds to"):
        operators_of(model.SerializeToString())
    sparse.dims[:] = [4] * len(sizes)
    assert operators_of(model.SerializeToString())


def test_a_graph_is_walked_once_and_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_bounds, "_KNOWN", known := {})
    monkeypatch.setattr(graph_bounds, "MOST_KNOWN", 2)
    graphs = [deep(levels) for levels in (1, 2, 3)]
    found = [operators_of(graph) for graph in graphs]
    monkeypatch.setattr(graph_bounds, "_walk", None)
    assert [operators_of(graph) for graph in graphs[1:]] == found[1:] and len(known) == 2
    with pytest.raises(TypeError):
        operators_of(graphs[0])
