"""From torch to ONNX: networks, Lightning modules, and models of transformers."""

import onnx
import torch

from omloop.core import ExampleArray, ExportError, Fitted, Kind, Output
from omloop.package.graph import finish_graph
from omloop.package.torch.layers import explain
from omloop.package.torch.tracing import TracedNetwork


def export(fitted: Fitted, inputs: Kind, outputs: Output, examples: ExampleArray) -> bytes:
    """Export a network in evaluation mode, on any number of rows at once, and of any length that its inputs may have.

    A model of transformers that answers `logits` gets its last step: the graph answers probabilities, or a number.
    Raises ExportError that names the layer which ONNX cannot express.
    """
    traced = TracedNetwork.of(fitted.model, inputs, outputs, examples)
    try:
        program = traced.program()
    except Exception as error:  # the exporter wraps whatever it meets
        raise ExportError(explain(traced, error)) from error
    if program is None:
        raise ExportError("The network was not exported. Update torch and onnxscript (see constraints.txt).")
    return finish_graph(program.model_proto, _folded(traced.network, program.model_proto))


def _folded(network: torch.nn.Module, model: onnx.ModelProto) -> list[str]:
    """The work of the graph beside the layers: steps before and after them, and layers merged into others."""
    modules = [type(module).__name__ for module in network.modules()]
    operators = [node.op_type for node in model.graph.node]
    merged = sum(name.startswith("BatchNorm") for name in modules) - operators.count("BatchNormalization")
    before = [name for name in modules if name.endswith("Preprocessing")]
    return [*before, *[f"{merged} batch norms"] * (merged > 0), *[name for name in operators[-1:] if name == "Softmax"]]
