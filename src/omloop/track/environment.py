"""What a run depended on besides its code and data: interpreter, machine, packages, git."""

import importlib.metadata
import os
import platform
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

PACKAGES = (
    "omloop", "numpy", "onnxruntime", "onnx", "scikit-learn", "skl2onnx", "polars", "torch", "lightning", "hydra-core",
    "scipy", "pillow", "simplejpeg", "opencv-python-headless", "transformers", "tokenizers", "onnxscript", "openvino",
    "xgboost", "lightgbm", "catboost", "onnxmltools", "imbalanced-learn",
)  # fmt: skip
"""What reads the data, trains, exports or runs: another version of any of them may give another result."""


def environment(folder: Path | None) -> dict[str, Any]:
    """Python, platform, cores, versions of the packages that decide a result, and the git commit with its dirtiness.

    The commit is that of the checkout that holds `folder`. An installed project has no checkout, and thus no commit.
    """
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "packages": package_versions(),
        **git_state(folder),
    }


def package_versions() -> dict[str, str]:
    """The installed versions of the packages that decide a result."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@cache
def all_packages() -> str:
    """Every installed package as a line `name==version`, sorted, as `pip freeze` writes those of an index."""
    found = {}
    for one in importlib.metadata.distributions():
        about = one.metadata
        if about["Name"] and about["Name"].lower() not in found:  # the first on the path is the one that is imported
            found[about["Name"].lower()] = f"{about['Name']}=={about['Version']}\n"
    return "".join(found[name] for name in sorted(found))


def git_state(folder: Path | None) -> dict[str, object]:
    """`git_commit` (40 digits) and `git_dirty` of the checkout that holds `folder`; both None outside one."""
    commit = _git(folder, "rev-parse", "HEAD") if folder else None
    changed = _git(folder, "status", "--porcelain") if folder and commit else None
    return {"git_commit": commit, "git_dirty": None if changed is None else bool(changed)}


def _git(folder: Path, *words: str) -> str | None:
    try:
        answer = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
