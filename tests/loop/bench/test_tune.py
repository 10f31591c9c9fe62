"""Tuning with real servers of a model that anybody can compute, for as short as makes sense."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.bundle import MODEL, Bundle
from omloop.core import OmloopError
from omloop.loop import Workspace
from omloop.loop.bench.tune import Setup, shapes, tune, write_setup
from omloop.loop.settings import SETTINGS
from omloop.serve.settings import ServeSettings
from omloop.testing.bundles import tiny_bundle


def with_int8(bundle: Bundle) -> Bundle:
    """The bundle with a second form of its model, which is the first again."""
    (variant,) = bundle.manifest.variants.values()
    manifest = replace(bundle.manifest, variants={MODEL: variant, "variants/int8.onnx": variant})
    return Bundle.seal(manifest, {**bundle.files, "variants/int8.onnx": bundle.files[MODEL]})


def champion(workspace: Workspace, bundle: Bundle) -> str:
    registry = workspace.registry("tiny")
    version = registry.add(bundle, by="test")
    registry.promote(version, expected=None, by="test", reason="a test")
    return version


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU time and memory are read as Linux tells them")
def test_real_servers_are_compared_and_nothing_is_left_of_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the environment wishes otherwise, and without a trace among the live predictions."""
    monkeypatch.setenv("OMLOOP_VARIANT", "int8")
    version, told = champion(workspace, with_int8(tiny_bundle())), list[str]()
    found = tune("tiny", workspace, p99_s=5.0, within_s=9.0, tell=told.append)
    assert found.version == version and found.best in found.equals
    assert {setup.variant for setup in found.tried} == {"", "variants/int8.onnx"}
    best = found.tried[found.best]
    assert best.stairs.bears > 0 and best.answered > 0 and best.memory > 1e6
    assert any(" held" in line for line in told)
    assert [*workspace.root.glob(".load-*")] == []
    assert workspace.predictions("tiny").window().predictions == ()


@pytest.mark.slow
def test_a_bound_that_nothing_keeps_is_told(workspace: Workspace) -> None:
    champion(workspace, tiny_bundle())
    found = tune("tiny", workspace, p99_s=1e-6, within_s=4.0)
    assert found.best is None and found.equals == [] and all(one.stairs.bears == 0 for one in found.tried.values())


def test_a_project_without_a_champion_is_told(workspace: Workspace) -> None:
    with pytest.raises(OmloopError, match="omloop turn tiny"):
        tune("tiny", workspace, p99_s=1.0, within_s=1.0)


def test_shapes_fit_into_the_cores_and_the_smallest_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores in (1, 2, 3, 8, 96):
        found = shapes(cores)
        assert found[0] == (1, 1) and max(workers * threads for workers, threads in found) <= cores
    monkeypatch.setattr(sys, "platform", "win32")
    assert shapes(4) == [(1, 1), (1, 2), (1, 4)]


def test_what_is_best_is_written_and_read_again(tmp_path: Path) -> None:
    """The variant stands there only when it is another than the packaged one, or was set before."""
    (tmp_path / "omloop.toml").write_text("port = 9000  # ours\nthreads = 8\n")
    text = write_setup(Setup(workers=2, batch=16), tmp_path).read_text()
    assert text == "port = 9000  # ours\nthreads = 1\nworkers = 2\nbatch = 16\n"
    write_setup(Setup(variant="variants/int8.onnx"), tmp_path)
    settings = SETTINGS.load(environ={}, folder=tmp_path).of(ServeSettings)
    assert (settings.port, settings.workers, settings.batch, settings.variant) == (9000, 1, 0, "int8")
    write_setup(Setup(), tmp_path)
    assert SETTINGS.load(environ={}, folder=tmp_path).of(ServeSettings).variant == ""
