"""The table of engines: what runs a packaged graph."""

from omloop.core import Backends

ENGINES = Backends(
    "engine",
    {"onnxruntime": "omloop.bundle.onnx_runtime:OnnxRuntime", "openvino": "omloop.bundle.openvino:OpenVino"},
    extras={"openvino": ("openvino", "openvino")},
)
"""Each is called as `engine(model, threads=2, precision="float32")`, and is an `omloop.core.Engine`.

Raises BundleError for a graph that it cannot run.
"""


def first_line(error: Exception) -> str:
    """The first line of what an engine says of an error, at most 200 characters.

    >>> first_line(ValueError("no such operator\\nat 0x1 ..."))
    'no such operator'
    """
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
