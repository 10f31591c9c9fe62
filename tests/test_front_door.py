"""The front doors: what `omloop` and each room offer, and what importing them costs."""

import ast
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import omloop

PACKAGE = Path(omloop.__file__).parent
DOORS = sorted(f"omloop.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py"))


def public(door: str) -> list[str]:
    return [*getattr(importlib.import_module(door), "__all__", [])]


@pytest.mark.parametrize("door", ["omloop", *DOORS])
def test_what_a_door_lists_is_sorted_and_there(door: str) -> None:
    listed = public(door)
    assert listed == sorted(set(listed), key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert [name for name in listed if not hasattr(importlib.import_module(door), name)] == []


@pytest.mark.parametrize("door", DOORS)
def test_a_door_lists_everything_that_it_imports(door: str) -> None:
    tree = ast.parse(Path(importlib.import_module(door).__file__ or "").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    imported = {alias.asname or alias.name for node in imports for alias in node.names}
    assert {name for name in imported if not name.startswith("_")} <= set(public(door)) or not public(door)


@pytest.mark.parametrize("door", ["omloop", *DOORS])
def test_every_public_function_and_class_says_what_it_is(door: str) -> None:
    things = {name: getattr(importlib.import_module(door), name) for name in public(door)}
    ours = {name: thing for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)}
    # A dataclass without a docstring gets its signature as one, which says nothing.
    silent = [name for name, thing in ours.items() if not thing.__doc__ or thing.__doc__.startswith(f"{name}(")]
    assert silent == []


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in shown.stdout.split()}


@pytest.mark.parametrize(
    "statement", ["import omloop", "import omloop.core", "from omloop import OmloopError, Project"]
)
def test_the_standard_library_is_enough_for(statement: str) -> None:
    assert loaded_by(statement) - sys.stdlib_module_names == {"omloop"}


def test_the_bundle_needs_the_base_install_alone() -> None:
    found = loaded_by("import omloop.bundle") - sys.stdlib_module_names
    heavy = {"torch", "sklearn", "scipy", "polars", "pandas", "hydra", "omegaconf", "onnx", "matplotlib", "fastapi"}
    assert not found & heavy


def test_onnx_runtime_reports_to_nobody_unless_it_is_asked_to(tmp_path: Path) -> None:
    unset = {"ORT_DISABLE_TELEMETRY", "CI", "GITHUB_ACTIONS", "XDG_CACHE_HOME"}
    environ = {name: value for name, value in os.environ.items() if name not in unset} | {"HOME": str(tmp_path)}
    code = "import omloop.bundle, onnxruntime, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    said = [
        subprocess.run([sys.executable, "-c", code], env=environ | more, capture_output=True, text=True, check=True)
        for more in ({}, {"ORT_DISABLE_TELEMETRY": "0", "HOME": os.devnull})
    ]
    assert [one.stdout.strip() for one in said] == ["1", "0"]
    assert list(tmp_path.rglob("*")) == []  # it notes an identifier of the machine where it reports


def test_an_unknown_name_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'omloop' has no attribute 'Tabel'"):
        _ = omloop.Tabel
    with pytest.raises(ImportError):
        exec("from omloop import Tabel")  # noqa: S102


def test_the_version_is_that_of_the_installed_package() -> None:
    assert importlib.metadata.version("omloop") == omloop.__version__
