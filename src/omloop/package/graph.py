"""The last steps of every export: a check of the graph, and the removal of all that is not the model."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import onnxruntime

from omloop.core import ExportError, StoreError, first_line

FOLDED = "folded"
"""Under this name a graph's metadata say what it holds beside the model itself."""


def finish_graph(model: onnx.ModelProto, folded: Sequence[str] = ()) -> bytes:
    """The bytes of a checked graph, the same for the same model: without notes about the machine that exported it.

    Its metadata list the parts that are `folded` into it. Raises ExportError when the graph is not valid ONNX, or when
    ONNX Runtime cannot load it, and StoreError when the disk is full.
    """
    _forget_notes(model)
    try:
        onnx.checker.check_model(model, full_check=True)
        model = _cleaned(model)
    except StoreError:
        raise
    except Exception as error:  # the checker, shape inference and ONNX Runtime raise unrelated classes
        raise ExportError(
            f"The exported graph is not valid ONNX: {first_line(error)}. Try a simpler model, or other versions of the "
            "exporting libraries (see constraints.txt)."
        ) from error
    onnx.helper.set_model_props(model, {FOLDED: "; ".join(folded)})
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _forget_notes(model: onnx.ModelProto) -> None:
    nodes = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    values = [*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]
    for noted in [model, model.graph, *model.functions, *nodes, *values]:
        noted.ClearField("metadata_props")
        noted.ClearField("doc_string")


def _cleaned(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph after ONNX Runtime's own clean-up: constants computed, nodes merged or dropped, in standard operators.

    The engine that serves would do this at every start. It is the level that depends on no machine.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cleaned.onnx"
        options.optimized_model_filepath = str(path)
        try:
            onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            if "serialization failed" not in str(error):
                raise
            raise StoreError(f"Cannot write the graph to {folder}. Free some space, or set TMPDIR.") from error
        cleaned = onnx.load(path)
    # It names every domain that it knows of, used or not; the graph keeps those that it named before.
    del cleaned.opset_import[:]
    cleaned.opset_import.extend(model.opset_import)
    _forget_notes(cleaned)
    return cleaned
