"""The memory that a container may use, read from made-up trees of cgroup files."""

from pathlib import Path

import pytest

from omloop.core import memory_quota


def quota(tree: Path, own: str, **limits: str) -> int:
    """The quota under `tree` of a process whose cgroup file says `own`; `limits` maps a folder and file to a text."""
    for name, limit in limits.items():
        path = tree / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(limit)
    (tree / "own").write_text(own)
    return memory_quota(tree, tree / "own")


@pytest.mark.parametrize(
    ("own", "limits", "expected"),
    [
        ("0::/\n", {"memory_DOT_max": "96000000\n"}, 96_000_000),
        ("0::/pod/box\n", {"pod__memory_DOT_max": "80000000", "pod__box__memory_DOT_max": "max"}, 80_000_000),
        ("5:memory:/box\n", {"memory__box__memory_DOT_limit_in_bytes": "70000000"}, 70_000_000),
    ],
    ids=["version 2", "a limit above", "version 1"],
)
def test_the_tightest_limit_counts(tmp_path: Path, own: str, limits: dict[str, str], expected: int) -> None:
    assert quota(tmp_path, own, **limits) == expected


def test_without_a_limit_it_is_the_machines_memory(tmp_path: Path) -> None:
    found = quota(tmp_path, "5:memory:/\n", memory__memory_DOT_limit_in_bytes=str(2**63 - 4096))
    assert found == quota(tmp_path, "", memory_DOT_max="max") > 2**28
