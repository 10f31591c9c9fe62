"""Which extra brings which library, and what does not work without it.

This is the one such table in code. pyproject.toml names packages, but code imports them by other names. For a package
that is not installed, nothing else knows those names. A test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from omloop.core._errors import MissingExtraError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

EXTRAS: Mapping[str, Mapping[str, str]] = {
    "watch": {"scipy": "drift detection", "yaml": "reading alerts.yaml, and the YAML of audited repositories"},
    "train": {
        "sklearn": "scikit-learn models",
        "threadpoolctl": "training on fewer cores",
        "polars": "reading CSV and Parquet",
        "hydra": "configuration",
        "omegaconf": "typed configuration",
        "onnx": "checking packaged models",
        "skl2onnx": "packaging scikit-learn models",
        "matplotlib": "plots",
    },
    "fast": {"simplejpeg": "decoding pictures of the model's size sooner"},
    "text": {"tokenizers": "reading texts as tokens"},
    "huggingface": {"huggingface_hub": "data sets of the Hugging Face Hub"},
    "excel": {"fastexcel": "reading Excel workbooks"},
    "postgres": {"psycopg": "an index of predictions in PostgreSQL"},
    "gcs": {"gcsfs": "buckets of Google Cloud Storage"},
    "s3": {"s3fs": "buckets of S3"},
    "sql": {"sqlalchemy": "databases as a source of data"},
    "evidently": {"evidently": "Evidently's report on drift", "pandas": "what Evidently reads"},
    "explain": {"lightshap": "Shapley values, which say what an answer hangs on"},
    "openvino": {"openvino": "a second engine of packaged models"},
    "prune": {"torch_pruning": "the pruning of networks"},
    "sweep": {"optuna": "sweeps"},
    "ray": {"ray": "tasks of Ray"},
    "vertex": {"vertexai": "custom jobs of Vertex AI"},
    "google": {"google.auth": "Google Cloud", "requests": "asking it", "yaml": "reading what is delivered there"},
    "dvc": {"dvc": "versions of data"},
    "load": {"locust": "load tests by Locust"},
    "profile": {"pyinstrument": "profiles, which say where the time goes"},
    "torch": {
        "torch": "neural networks",
        "lightning": "training them",
        "onnxscript": "packaging them",
        "transformers": "networks that others trained",
        "safetensors": "their weights",
        "cloudpickle": "sharing their training among processes",
    },
    "xgboost": {"xgboost": "XGBoost's estimators", "onnxmltools": "packaging them"},
    "lightgbm": {"lightgbm": "LightGBM's estimators", "onnxmltools": "packaging them"},
    "catboost": {"catboost": "CatBoost's estimators"},
    "deploy": {
        "jinja2": "files of a delivery",
        "uv": "locked packages of images",
        "packaging": "what an extra brings",
    },
    "mcp": {"mcp": "tools for agents"},
    "mlflow": {"mlflow": "runs and versions in MLflow", "sqlalchemy": "its database", "alembic": "its tables"},
    "oidc": {"jwt": "bearer tokens of an identity provider"},
    "otel": {"opentelemetry": "traces of requests"},
    "wandb": {"wandb": "runs in Weights & Biases"},
    "ui": {"nicegui": "the web page", "httpx": "asking what it shows"},
}
"""Extra -> import name of a library -> its purpose."""


def missing_extra(error: ModuleNotFoundError, who: str, *, of: str = "") -> MissingExtraError | None:
    """The error that says which extra brings the library that `who` could not import; None for any other library.

    Where several bring it, the extra is the one that `who` is part `of`, else the first.

    >>> missing_extra(ModuleNotFoundError(name="scipy.special"), "Watching").extra
    'watch'
    """
    library = (error.name or "").partition(".")[0]
    for extra in filter(None, (of, *EXTRAS)):
        if library in EXTRAS.get(extra, ()):
            return MissingExtraError(who, library, extra)
    return None


def is_installed(extra: str) -> bool:
    """Whether every library of an extra is importable.

    >>> is_installed("no such extra")
    True
    """
    return all(map(can_import, EXTRAS.get(extra, {})))


def can_import(library: str) -> bool:
    """Whether a module of that name exists, even within a package that several libraries share.

    >>> can_import("json.decoder"), can_import("no_such.module")
    (True, False)
    """
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:
        return False


def load_installed(point: EntryPoint, who: str) -> Any:
    """What another package's entry point names.

    Raises MissingExtraError for a library that it lacks, with its own extra by its metadata, else with ours.
    """
    try:
        return point.load()
    except ModuleNotFoundError as error:
        if point.dist is None or not error.name or error.name.startswith("omloop."):
            raise
        library, package = error.name.partition(".")[0], point.dist.name
        found = point.extras or _extras_with(library, point.dist.requires or ())
        if not found and (ours := missing_extra(error, who)):
            raise ours from error
        raise MissingExtraError(who, library, found[0] if found else "", package=package) from error


def _extras_with(library: str, requirements: Sequence[str]) -> list[str]:
    """The extras that bring a package called as the library is, by requirements such as `boto3>=1; extra == "s3"`."""
    found = (re.match(r"""([\w.-]+).*;.*\bextra *== *["']([\w.-]+)""", line) for line in requirements)
    return [one[2] for one in found if one and re.sub(r"[-_.]+", "_", one[1]).lower() == library.lower()]


@contextmanager
def explain_missing(who: str, *, of: str = "") -> Iterator[None]:
    """Within it, a library that `who` cannot import is a MissingExtraError as `missing_extra` gives it.

    Any other ModuleNotFoundError passes through: "install the extra" would hide the real fault.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = missing_extra(error, who, of=of)
        if missing is None:
            raise
        raise missing from error
