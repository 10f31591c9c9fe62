"""Which extra brings which library, and what is lost without it."""

from collections.abc import Mapping

from omloop.core._errors import MissingExtraError

EXTRAS: Mapping[str, Mapping[str, str]] = {
    "watch": {"scipy": "drift detection", "yaml": "reading alerts.yaml"},
    "train": {
        "sklearn": "scikit-learn models",
        "polars": "reading CSV and Parquet",
        "hydra": "configuration",
        "omegaconf": "typed configuration",
        "onnx": "checking packaged models",
        "skl2onnx": "packaging scikit-learn models",
        "matplotlib": "plots",
    },
    "text": {"tokenizers": "reading texts as tokens"},
    "huggingface": {"huggingface_hub": "data sets of the Hugging Face Hub"},
    "postgres": {"psycopg": "index of predictions in PostgreSQL"},
    "evidently": {"evidently": "Evidently's report on drift"},
    "openvino": {"openvino": "a second engine of packaged models"},
    "prune": {"torch_pruning": "pruning of networks"},
    "load": {"locust": "load tests by Locust"},
    "profile": {"pyinstrument": "telling where the time goes"},
    "torch": {
        "torch": "neural networks",
        "lightning": "training them",
        "onnxscript": "packaging them",
        "transformers": "networks that others trained",
    },
}
"""Extra -> import name of a library -> what it is for."""


def missing_extra(error: ModuleNotFoundError, who: str) -> MissingExtraError | None:
    """The error that says which extra brings the library that `who` could not import; None for any other library.

    >>> missing_extra(ModuleNotFoundError(name="scipy.special"), "Watching").extra
    'watch'
    """
    library = (error.name or "").partition(".")[0]
    for extra, libraries in EXTRAS.items():
        if library in libraries:
            return MissingExtraError(who, library, extra)
    return None
