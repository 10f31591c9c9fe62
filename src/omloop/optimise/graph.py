"""What every exported graph goes through before it leaves: a check, and the removal of what is not the model."""

import onnx

from omloop.core import ExportError


def finished(model: onnx.ModelProto) -> bytes:
    """The bytes of a checked graph, the same for the same model: without notes about the machine that exported it.

    Raises ExportError when the graph is not valid ONNX.
    """
    nodes = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    values = [*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]
    for noted in [model, model.graph, *model.functions, *nodes, *values]:
        noted.ClearField("metadata_props")
        noted.ClearField("doc_string")
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the checker and shape inference raise unrelated classes
        raise ExportError(
            f"The exported graph is not valid ONNX: {first_line(error)}. Try a simpler model, or other versions of the "
            "exporting libraries (see constraints.txt)."
        ) from error
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without a full stop, at most 200 characters.

    >>> first_line(ValueError("no such operator.\\nTraceback ..."))
    'no such operator'
    """
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
