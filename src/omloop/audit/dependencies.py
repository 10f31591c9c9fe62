"""The packages that a repository declares, and the names that import them."""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from omloop.audit.evidence import Spot
from omloop.audit.tree import Node

_EGG = re.compile(r"#egg=([A-Za-z0-9][\w.-]*)")
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?")
# Import name -> names of packages that bring it, where they differ.
PACKAGES: Mapping[str, str] = {
    "cv2": "opencv-python opencv-python-headless opencv-contrib-python opencv py-opencv",
    "sklearn": "scikit-learn", "skimage": "scikit-image", "yaml": "pyyaml", "PIL": "pillow", "bs4": "beautifulsoup4",
    "dotenv": "python-dotenv", "jwt": "pyjwt", "git": "gitpython", "serial": "pyserial", "Crypto": "pycryptodome",
    "pytorch_lightning": "pytorch-lightning lightning", "lightning": "lightning pytorch-lightning",
    "lightning_fabric": "lightning-fabric lightning", "fitz": "pymupdf", "docx": "python-docx", "magic": "python-magic",
    "multipart": "python-multipart", "dateutil": "python-dateutil pandas", "attr": "attrs", "umap": "umap-learn",
    "faiss": "faiss-cpu faiss-gpu", "torch_geometric": "torch-geometric", "hydra": "hydra-core",
    "omegaconf": "omegaconf hydra-core", "starlette": "starlette fastapi",
    "pydantic": "pydantic fastapi pydantic-settings",
    "mpl_toolkits": "matplotlib", "pkg_resources": "setuptools", "setuptools": "setuptools pip", "pip": "pip",
    "botocore": "botocore boto3", "click": "click typer", "efficientnet_pytorch": "efficientnet-pytorch",
    "imblearn": "imbalanced-learn", "tensorboardX": "tensorboardx", "kaggle": "kaggle", "wandb": "wandb",
    "onnxruntime": "onnxruntime onnxruntime-gpu onnxruntime-openvino",
    "tensorflow": "tensorflow tensorflow-cpu tensorflow-macos",
    "keras": "keras tensorflow", "psycopg2": "psycopg2 psycopg2-binary", "psycopg": "psycopg", "MySQLdb": "mysqlclient",
    "mlflow": "mlflow mlflow-skinny", "_pytest": "pytest", "pythonjsonlogger": "python-json-logger",
    "vertexai": "google-cloud-aiplatform", "grpc": "grpcio", "invoke": "invoke", "tqdm": "tqdm", "six": "six",
    "prometheus_fastapi_instrumentator": "prometheus-fastapi-instrumentator", "ruamel": "ruamel-yaml",
    "numpy": "numpy", "hydra_plugins": "hydra-core", "sentence_transformers": "sentence-transformers",
}  # fmt: skip
# What a package promises to bring along, and what it brings with extras.
_WITH = {"omloop": "numpy "}
_WITH_EXTRAS = {"fastapi": "uvicorn httpx python-multipart jinja2", "omloop": "scikit-learn polars torch"}
_NAMESPACES = ("google", "azure", "opentelemetry", "jaraco", "nvidia", "zope")


@dataclass(frozen=True)
class Dependencies:
    """Declared packages by their normal names, the places that declare them, and the declared version of Python."""

    names: frozenset[str]
    spots: tuple[Spot, ...]
    python: str = ""
    python_spot: Spot | None = None

    def has(self, *packages: str) -> bool:
        """Whether the repository declares one of the packages."""
        return any(normal(one) in self.names for one in packages)

    def bring(self, name: str) -> bool:
        """Whether something declared brings an imported name such as `google.cloud.storage`."""
        top = name.partition(".")[0]
        if top == "setuptools":  # whoever builds a package has it
            return True
        if top in _NAMESPACES:
            return _bring_namespace(name, self.names)
        wanted = PACKAGES.get(top, f"{top} python-{top} py{top} {top}-python").split()
        plain = normal(top)
        return any(normal(one) in self.names for one in wanted) or any(
            one.replace("-", "") == plain.replace("-", "") for one in self.names
        )


def is_standard(name: str) -> bool:
    """Whether a name belongs to Python."""
    return name.partition(".")[0] in sys.stdlib_module_names


def normal(name: str) -> str:
    """A package's name in its normal form (PEP 503).

    >>> normal("Scikit_Learn")
    'scikit-learn'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement(line: str) -> list[str]:
    """The packages of one requirement such as `fastapi[standard]>=0.115`; none for an option or a comment."""
    if egg := _EGG.search(line):
        return [normal(egg[1])]
    found = _REQUIREMENT.match(line)
    if not found or line.lstrip().startswith(("#", "-")):
        return []
    name = normal(found[1])
    brought = _WITH.get(name, "") + (_WITH_EXTRAS.get(name, "") if found[2] else "")
    return [name, *brought.split()]


def of_pyproject(read: Mapping[str, Any]) -> Iterator[str]:
    """The packages that a pyproject.toml, or a Pipfile, declares in any of its tables."""
    project, tool = _table(read, "project"), _table(read, "tool")
    lists = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    lists += [*_table(read, "dependency-groups").values(), _table(tool, "uv").get("dev-dependencies")]
    lists += [*_table(tool, "pdm", "dev-dependencies").values()]
    lists += [one.get("dependencies") for one in _table(tool, "hatch", "envs").values() if isinstance(one, dict)]
    for one in lists:
        for line in one if isinstance(one, list) else ():
            yield from requirement(line) if isinstance(line, str) else ()
    poetry = _table(tool, "poetry")
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies"), _table(read, "packages")]
    tables += [
        _table(read, "dev-packages"),
        _table(tool, "pixi", "dependencies"),
        _table(tool, "pixi", "pypi-dependencies"),
    ]
    tables += [_table(one, "dependencies") for one in _table(poetry, "group").values() if isinstance(one, dict)]
    yield from (normal(name) for table in tables for name in table if name != "python")


def of_setup_cfg(text: str) -> Iterator[str]:
    """The packages that a setup.cfg declares; none where it cannot be read."""
    read = configparser.RawConfigParser(strict=False)
    try:
        read.read_string(text)
    except configparser.Error:
        return
    told = [read.get("options", "install_requires", fallback="")]
    told += [value for _, value in read.items("options.extras_require")] if "options.extras_require" in read else []
    yield from (name for lines in told for line in lines.splitlines() for name in requirement(line))


def files_of_pyproject(read: Mapping[str, Any]) -> list[str]:
    """The files of requirements from which setuptools takes a project's dependencies."""
    named = _table(read, "tool", "setuptools", "dynamic", "dependencies").get("file", [])
    return [str(one) for one in (named if isinstance(named, list) else [named])]


def of_environment(root: Node) -> Iterator[str]:
    """The packages of conda's environment file, those of pip included."""
    listed = root.get("dependencies")
    for one in listed.items if listed else ():
        for text in [one] if one.text else one.texts():
            yield from requirement(text.text.rpartition("::")[2])


def _table(read: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        read = read.get(key, {}) if isinstance(read, dict) else {}
    return read if isinstance(read, dict) else {}


def _bring_namespace(name: str, declared: frozenset[str]) -> bool:
    """`google-cloud-secret-manager` brings `google.cloud.secretmanager`: the names agree without the dashes."""
    parts = name.split(".")
    if parts[:2] == ["google", "cloud"]:
        wanted = f"googlecloud{''.join(parts[2:3])}".replace("_", "").replace("v1", "")
        return any(one.replace("-", "").startswith(wanted) for one in declared)
    if parts[0] == "google":
        second = parts[1] if len(parts) > 1 else ""
        wanted = {"protobuf": "protobuf", "oauth2": "google-", "auth": "google-"}.get(second, "google-")
        return any(one.startswith(wanted) for one in declared)
    return any(one.startswith(f"{parts[0]}-") for one in declared)
