"""What every mirror must do; an adapter's test inherits this and supplies the fixtures `mirror` and `read_back`."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from omloop.core import Annotation, LoggedStep, Mirror, MirroredVersion, VersionLine


@dataclass(frozen=True)
class MirroredRun:
    """A run as a test read it back: its status, each logged number in order, its files and, as texts, all else."""

    status: str
    numbers: Mapping[str, list[float]]
    files: Mapping[str, bytes]
    texts: Mapping[str, str] = field(default_factory=dict)


ReadBack = Callable[[str, str], MirroredRun]
SUMMARY = {
    "kind": "turn",
    "part": "test",
    "metrics": {"r2": {"value": 0.5, "low": 0.25, "high": 0.75}},
    "data": {"fingerprint": "f00d"},
    "version": "0123456789ab",
}


def a_version(version: str, run: str = "") -> MirroredVersion:
    """A small registered version that came of `run`."""
    return MirroredVersion(version, run, "mlp", {"r2": 0.5}, {"manifest.json": b"{}", "variants/a.onnx": b"\x00onnx"})


class MirrorContract:
    """Runs arrive with numbers, files and end; the mirror refuses nothing that a run may log."""

    @pytest.fixture
    def mirror(self) -> Mirror:
        """The mirror under test; it may hold other runs already."""
        raise NotImplementedError

    @pytest.fixture
    def read_back(self, mirror: Mirror) -> ReadBack:
        """A function of a project and the name of its run, which ended, that reads it in the mirror."""
        raise NotImplementedError

    def test_a_run_arrives_with_its_numbers_files_and_end(self, mirror: Mirror, read_back: ReadBack) -> None:
        """Numbers in their order, the files, the final metrics with intervals, and what else there is to say."""
        run = mirror.start("toy", "20260101-000000-a", "model:\n  lr: 0.5\n", {"python": "3.11"})
        run.log([LoggedStep(0, 1e9, {"mlp/loss": 1.0}), LoggedStep(1, 1e9 + 1, {"mlp/loss": 0.5})])
        run.keep("plots/loss.json", b"[1, 0.5]")
        run.annotate(Annotation({"by": "ada", "for": "paper"}, "first"))
        run.annotate(Annotation({"by": ""}))
        run.finish("finished", SUMMARY)
        found = read_back("toy", "20260101-000000-a")
        assert found.status == "finished"
        assert found.numbers["mlp/loss"] == [1.0, 0.5]
        assert [found.numbers[f"test/r2{end}"][-1] for end in ("", "/low", "/high")] == [0.5, 0.25, 0.75]
        assert found.files["plots/loss.json"] == b"[1, 0.5]"
        told = " ".join(f"{key}={text}" for key, text in found.texts.items())
        assert all(word in told for word in ("f00d", "0123456789ab", "paper", "first", "model.lr=0.5"))
        assert "ada" not in told

    def test_odd_names_and_numbers_stop_nothing(self, mirror: Mirror, read_back: ReadBack) -> None:
        """What a network logs that diverged, and names with any character."""
        run = mirror.start("toy", "20260101-000001-b", "", {})
        run.log([LoggedStep(0, 1e9, {"loss": math.nan, "λ (lr)": 1.0, "a//b": math.inf})])
        run.keep("kept/mlp/żółć 1.csv", b"a,b")
        run.finish("killed", {})
        found = read_back("toy", "20260101-000001-b")
        assert found.status == "killed"
        assert any(name.startswith("kept/mlp/") for name in found.files)

    def test_versions_of_which_it_knows_no_run_stop_nothing(self, mirror: Mirror) -> None:
        """A workspace may have had versions before there was a mirror, and none at all."""
        mirror.register(VersionLine("toy-empty", (), None, a_version))
        mirror.register(
            VersionLine("toy-old", ("0123456789ab",), "0123456789ab", lambda version: a_version(version, "x"))
        )
        mirror.annotate("toy-old", "20200101-000000-z", Annotation({"a": "b"}))
