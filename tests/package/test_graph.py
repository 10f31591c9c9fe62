"""What every exported graph goes through."""

import pytest

from omloop.core import ExportError

onnx = pytest.importorskip("onnx")
graph = pytest.importorskip("omloop.package.graph")


def model(operator: str) -> object:
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n"]) for name in ("rows", "value")]
    node = onnx.helper.make_node(operator, ["rows"], ["value"], doc_string="made in /home/somebody")
    made = onnx.helper.make_graph([node], "model", values[:1], values[1:])
    return onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)


def test_notes_are_removed_and_the_model_stays() -> None:
    content = graph.finish_graph(model("Abs"))
    assert b"somebody" not in content
    assert [node.op_type for node in onnx.load_from_string(content).graph.node] == ["Abs"]


def test_an_invalid_graph_is_an_export_error_of_one_line() -> None:
    with pytest.raises(ExportError, match=r"not valid ONNX: .*NoSuchOperator") as caught:
        graph.finish_graph(model("NoSuchOperator"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "line"), [("", "ValueError"), ("one\ntwo", "one"), ("done.", "done")])
def test_the_first_line_of_an_error_says_something(text: str, line: str) -> None:
    assert graph.first_line(ValueError(text)) == line
