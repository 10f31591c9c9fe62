"""Locked packages of an image: every one that omloop's extras bring, at a version and with its hashes, by `uv`."""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from omloop.core import OmloopError, explain_missing, without_secrets

OURS = "omloop"
LIMIT_S = 300.0
"""How long `uv` may ask the index."""
_LINUX = {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
_HEADER = "# Packages of {what} on Linux, Python {python}; from {digest}.\n"


def locked(extras: Sequence[str], python: str, *, known: str = "") -> str:
    """The packages of omloop with `extras` as pip reads them with `--require-hashes`; PyTorch is not among them.

    They have the versions installed here, so that you deliver what you tried. `known` is the former lock, which stays
    if its requirements are the same. Raises OmloopError if the index is out of reach, or lacks a version.
    """
    wanted = requirements(extras, python)
    digest = hashlib.sha256("\n".join([python, *wanted]).encode()).hexdigest()[:16]
    what = f"omloop[{','.join(extras)}]" if extras else "omloop"
    header = _HEADER.format(what=what, python=python, digest=digest)
    return known if known.startswith(header) else header + _compiled(wanted, _installed(), python)


def requirements(extras: Sequence[str], python: str) -> list[str]:
    """What omloop needs on Linux with `extras` and theirs, without PyTorch, sorted.

    >>> [line for line in requirements(["watch"], "3.12") if line.startswith("scipy")]
    ['scipy>=1.15']
    """
    with explain_missing("Locking the packages of an image"):
        from packaging.requirements import Requirement
    every = [Requirement(line) for line in importlib.metadata.requires(OURS) or ()]
    found, open_extras, seen = set(), ["", *extras], set()
    while open_extras:
        extra = open_extras.pop()
        seen.add(extra)
        where = {**_LINUX, "python_version": python, "python_full_version": f"{python}.0", "extra": extra}
        for one in every:
            if one.marker is not None and not one.marker.evaluate(where):
                continue
            if one.name == OURS:
                open_extras += [name for name in one.extras if name not in seen]
            elif one.name != "torch":
                named = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
                found.add(f"{one.name}{named}{one.specifier}")
    return sorted(found)


def _installed() -> list[str]:
    """The installed packages as lines `name==version`, sorted, without omloop and those that only this machine has."""
    ours = (OURS, "torch", "pip", "setuptools", "wheel", "uv")
    found = {one.metadata["Name"].lower(): one.version.partition("+")[0] for one in importlib.metadata.distributions()}
    return [f"{name}=={version}" for name, version in sorted(found.items()) if name not in ours]


def _compiled(wanted: Iterable[str], constraints: Iterable[str], python: str) -> str:
    with explain_missing("Locking the packages of an image"):
        from uv import find_uv_bin
    with tempfile.TemporaryDirectory(prefix="omloop-lock-") as name:
        folder = Path(name)
        (folder / "wanted.in").write_text("\n".join(wanted) + "\n")
        (folder / "constraints.txt").write_text("\n".join(constraints) + "\n")
        (folder / "overrides.txt").write_text("torch; python_version < '3'\n")
        words = ["--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"]
        words += ["--python-platform", "linux", "--python-version", python, "--no-config"]
        files = ["--constraints", "constraints.txt", "--overrides", "overrides.txt", "wanted.in"]
        command = [find_uv_bin(), "pip", "compile", *words, *files]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise OmloopError(
                f"Locking packages took longer than {LIMIT_S:g} s. Look at the network, and try again."
            ) from error
    if done.returncode:
        told = " ".join(without_secrets(done.stderr).split())[-400:]
        raise OmloopError(f"The packages of an image cannot be locked: {told}")
    return done.stdout
