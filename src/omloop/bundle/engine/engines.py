"""The table of engines: what runs a packaged graph."""

from omloop.core import Backends

ENGINES = Backends(
    "engine",
    {
        "onnxruntime": "omloop.bundle.engine.onnx_runtime:OnnxRuntime",
        "openvino": "omloop.bundle.engine.openvino:OpenVino",
    },
)
"""A call is `engine(model, threads=2, precision="float32")`; it gives an `omloop.bundle.Engine`.

Raises BundleError for a graph that it cannot run.
"""
