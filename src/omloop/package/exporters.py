"""The table of exporters, by the family of a trained model."""

from omloop.core import Backends

EXPORTERS = Backends(
    "export",
    {
        "given_estimator": "omloop.package.sklearn.given:export",
        "grams": "omloop.package.grams:export",
        "sklearn": "omloop.package.sklearn.sklearn:export",
        "torch": "omloop.package.torch.torch:export",
    },
)
"""A call is `export(fitted, inputs, outputs, examples)`; it returns the bytes of an ONNX graph.

The graph takes the names of `inputs.feeds(examples)`, any number of rows at once, and answers under
`outputs.graph_output`. Raises ExportError if ONNX cannot express the model.
"""
