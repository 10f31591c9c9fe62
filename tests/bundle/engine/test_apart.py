"""A graph whose cost its size does not bound is tried in a process of its own."""

import subprocess

import pytest
from onnx import ModelProto, TensorProto, helper

from omloop.bundle import MODEL, Bundle
from omloop.bundle.engine import apart
from omloop.core import BundleError
from omloop.testing.bundles import tiny_bundle


def looping(times: int) -> Bundle:
    """The tiny bundle, which counts to `times` before it answers."""
    bundle = tiny_bundle()
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["before"], ["after"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
        ],
    )
    model = ModelProto()
    model.ParseFromString(bundle.files[MODEL])
    model.graph.node[-1].output[0] = "product"
    model.graph.initializer.append(helper.make_tensor("times", TensorProto.INT64, [], [times]))
    model.graph.node.append(helper.make_node("Loop", ["times", "", "product"], ["value"], body=body))
    return Bundle.seal(bundle.manifest, {**bundle.files, MODEL: model.SerializeToString()})


def test_a_loop_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MOST_S", 3.0)
    with pytest.raises(BundleError, match="does not answer its own examples within 3 s"):
        apart.try_apart(looping(10**12))


def test_a_loop_that_ends_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = looping(3)
    apart.try_apart(bundle)
    monkeypatch.setattr(subprocess, "run", None)
    apart.try_apart(bundle)


def test_a_graph_bounded_by_its_size_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    apart.try_apart(tiny_bundle())
