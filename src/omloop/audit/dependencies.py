"""The packages that a repository declares, and the names that import them."""

from __future__ import annotations

import ast
import configparser
import posixpath
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from omloop.audit.evidence import Spot
from omloop.audit.tree import Node

_EGG = re.compile(r"#egg=([A-Za-z0-9][\w.-]*)")
_ADDRESS = re.compile(r"^\s*(?:-e\s*|--editable[ =]\s*)?(?:git\+)?(?:https?|ssh)://([^\s#;?]+)")
_PINNED = re.compile(r"===?\s*[\w.!+-]+\s*(?:[;#\\ ].*)?$")
_PYTHON = re.compile(r"^python_requires *= *(\S.*)$", re.MULTILINE)
_REFERS = re.compile(r"^\s*(?:-r\s*|--requirement[ =]\s*|file:\s*)([^#]+)")
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
    "vertexai": "google-cloud-aiplatform", "opentelemetry": "opentelemetry-api",
    "grpc": "grpcio", "invoke": "invoke", "tqdm": "tqdm", "six": "six",
    "prometheus_fastapi_instrumentator": "prometheus-fastapi-instrumentator", "ruamel": "ruamel-yaml",
    "numpy": "numpy", "hydra_plugins": "hydra-core", "sentence_transformers": "sentence-transformers",
}  # fmt: skip
# What a package promises to bring along, and what it brings with extras.
_WITH = {"omloop": "numpy "}
_WITH_EXTRAS = {"fastapi": "uvicorn httpx python-multipart jinja2", "omloop": "scikit-learn polars torch"}
_ASKED = ("install_requires", "extras_require", "tests_require")
REQUIREMENTS = re.compile(r"(?:^|/)(?:[^/]*requirements[^/]*|requirements/[^/]+)\.(?:txt|in)$")
_CONDA = re.compile(r"(?:^|/)(?:environment|conda)[^/]*\.ya?ml$")
_SERVICES = {"secretmanager": "secret-manager"}
_OF_GOOGLE = {"protobuf": "protobuf", "oauth2": "google-auth"}
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


Declaration = tuple[list[str], Spot]
"""Packages, and the place that declares them."""
Setup = tuple[list[str], Spot, str]
"""Packages that a call of `setup()` declares, its place, and the versions of Python that it asks for."""


def read_dependencies(
    texts: Mapping[str, str],
    toml: Mapping[str, Mapping[str, Any]],
    yaml: Mapping[str, list[Node]],
    setups: Iterable[Setup],
) -> Dependencies:
    """All that the texts, tables and trees of a repository declare, and what its files of setuptools do."""
    projects = {path: read for path, read in toml.items() if path.endswith(("pyproject.toml", "Pipfile"))}
    called = list(setups)
    every = [*_of_projects(texts, projects), *_of_texts(texts), *_of_environments(yaml)]
    every += [(names, spot) for names, spot, _ in called]
    asked = [*_pythons(texts, projects), *((python, spot) for _, spot, python in called if re.search(r"\d", python))]
    python, where = asked[0] if asked else ("", None)
    names = frozenset(name for found, _ in every for name in found)
    return Dependencies(names, tuple(spot for _, spot in every), python, where)


def _pythons(texts: Mapping[str, str], projects: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Spot]]:
    for path, read in projects.items():
        if python := python_of_pyproject(read):
            yield python, Spot(path, _line(texts[path], r"^(?:requires-python|python|python_version)\b"))
    for path, text in texts.items():
        if path.endswith("setup.cfg") and (found := _PYTHON.search(text)):
            yield found[1], Spot(path, _line(text, r"^python_requires"))


def lines_of(texts: Mapping[str, str], path: str) -> list[str]:
    """The lines of a file of requirements, and those of the files that it names."""
    return list(_with_named(texts, path, texts.get(path, "").splitlines()))


def is_standard(name: str) -> bool:
    """Whether a name belongs to Python."""
    return name.partition(".")[0] in sys.stdlib_module_names


def normal(name: str) -> str:
    """A package's name in its normal form (PEP 503).

    >>> normal("Scikit_Learn")
    'scikit-learn'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def package_of(name: str) -> str:
    """The usual package of an imported name.

    >>> package_of("sklearn"), package_of("google.cloud.pubsub_v1"), package_of("google.auth.transport")
    ('scikit-learn', 'google-cloud-pubsub', 'google-auth')
    """
    top, *below = name.split(".")
    if below[:1] == ["cloud"] and below[1:]:
        service = re.sub(r"_v\d+$", "", below[1])
        return f"google-cloud-{_SERVICES.get(service, service)}"
    if top == "google" and below:
        return _OF_GOOGLE.get(below[0], f"google-{below[0]}")
    return PACKAGES.get(name, name).split()[0]


def requirement(line: str) -> list[str]:
    """The packages of one requirement such as `fastapi[standard]>=0.115`; none for an option or a comment."""
    if egg := _EGG.search(line):
        return [normal(egg[1])]
    if address := _ADDRESS.match(line):
        last = re.sub(r"@[^/]*$", "", address[1]).rstrip("/").rpartition("/")[2]
        return [normal(re.split(r"\.git$|\.zip$|\.tar\.|-\d", last)[0])]
    found = _REQUIREMENT.match(line)
    if not found or line.lstrip().startswith(("#", "-")) or named_files(line):
        return []
    name = normal(found[1])
    brought = _WITH.get(name, "") + (_WITH_EXTRAS.get(name, "") if found[2] else "")
    return [name, *brought.split()]


def named_files(line: str) -> list[str]:
    """The files of requirements that a line names: by `-r` in such a file, by `file:` in a setup.cfg.

    >>> named_files("-r base.txt"), named_files("file: a.txt, b.txt"), named_files("torch")
    (['base.txt'], ['a.txt', 'b.txt'], [])
    """
    found = _REFERS.match(line)
    return [one.strip() for one in found[1].split(",")] if found else []


def are_pinned(lines: Iterable[str]) -> bool:
    """Whether each requirement says its one version, as `pip freeze` writes them.

    >>> are_pinned(["# frozen", "torch==2.6.0", "numpy==2.1 ; os_name == 'nt'"]), are_pinned(["torch==2.*"])
    (True, False)
    """
    asked = [line.strip() for line in lines if requirement(line)]
    return bool(asked) and all(_PINNED.search(re.split(r"\s*[;#]", line)[0]) for line in asked)


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


def python_of_pyproject(read: Mapping[str, Any]) -> str:
    """The versions of Python that a pyproject.toml, or a Pipfile, asks for; empty where it asks for none."""
    told = [_table(read, "project").get("requires-python"), _table(read, "requires").get("python_version")]
    told.append(_table(read, "tool", "poetry", "dependencies").get("python"))
    return next((one for one in told if isinstance(one, str)), "")


def lines_of_setup_cfg(text: str) -> list[str]:
    """The requirements that a setup.cfg declares; none where it cannot be read."""
    read = configparser.RawConfigParser(strict=False)
    try:
        read.read_string(text)
    except configparser.Error:
        return []
    told = [read.get("options", "install_requires", fallback="")]
    told += [value for _, value in read.items("options.extras_require")] if "options.extras_require" in read else []
    return [line for lines in told for line in lines.splitlines()]


def of_setup_py(source: bytes) -> Iterator[str]:
    """The packages that a setup.py declares in `setup()`, or in a variable that it names there."""
    tree = ast.parse(source)
    assigned = [one for one in ast.walk(tree) if isinstance(one, ast.Assign)]
    written = {one.id: node.value for node in assigned for one in node.targets if isinstance(one, ast.Name)}
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    asked = [one.value for call in calls for one in call.keywords if one.arg in _ASKED]
    named = [one.id for given in asked for one in ast.walk(given) if isinstance(one, ast.Name)]
    for given in (*asked, *(written[name] for name in named if name in written)):
        for one in ast.walk(given):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield from requirement(one.value)


def files_of_pyproject(read: Mapping[str, Any]) -> list[str]:
    """The files of requirements from which setuptools takes a project's dependencies."""
    dynamic = _table(read, "tool", "setuptools", "dynamic")
    tables = [_table(dynamic, "dependencies"), *_table(dynamic, "optional-dependencies").values()]
    named = [one.get("file", []) for one in tables if isinstance(one, dict)]
    return [str(one) for files in named for one in (files if isinstance(files, list) else [files])]


def of_environment(root: Node) -> Iterator[str]:
    """The packages of conda's environment file, those of pip included."""
    listed = root.get("dependencies")
    for one in listed.items if listed else ():
        for text in [one] if one.text else one.texts():
            yield from requirement(text.text.rpartition("::")[2])


def _of_projects(texts: Mapping[str, str], projects: Mapping[str, Mapping[str, Any]]) -> Iterator[Declaration]:
    for path, read in projects.items():
        found = list(of_pyproject(read))
        beside = [_beside(path, one) for one in files_of_pyproject(read)]
        found += [name for one in beside for line in lines_of(texts, one) for name in requirement(line)]
        if found:
            yield found, Spot(path, _line(texts[path], r"^[\[\w.\"' \t-]*dependenc|^\[packages\]"))


def _of_texts(texts: Mapping[str, str]) -> Iterator[Declaration]:
    for path, text in texts.items():
        if REQUIREMENTS.search(path):
            yield [name for line in lines_of(texts, path) for name in requirement(line)], Spot(path, 1)
        if path.endswith("setup.cfg"):
            lines = _with_named(texts, path, lines_of_setup_cfg(text))
            if found := [name for line in lines for name in requirement(line)]:
                yield found, Spot(path, _line(text, r"^[^#;]*(?:install_requires|extras_require)"))


def _of_environments(yaml: Mapping[str, list[Node]]) -> Iterator[Declaration]:
    for path, trees in yaml.items():
        listed = trees[0].get("dependencies") if trees and _CONDA.search(path) else None
        if listed:
            yield list(of_environment(trees[0])), Spot(path, listed.line)


def _with_named(texts: Mapping[str, str], path: str, lines: Iterable[str]) -> Iterator[str]:
    seen, waiting = {path}, [(path, line) for line in lines]
    while waiting:
        here, line = waiting.pop(0)
        yield line
        for name in (_beside(here, one) for one in named_files(line)):
            if name not in seen:
                seen.add(name)
                waiting += [(name, one) for one in texts.get(name, "").splitlines()]


def _beside(path: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))


def _line(text: str, pattern: str) -> int:
    wanted = re.compile(pattern)
    return next((number for number, line in enumerate(text.splitlines(), 1) if wanted.search(line)), 0)


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
