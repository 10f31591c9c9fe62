"""Blocks that are answered elsewhere are answered alike."""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from omloop.bundle import Bundle
from omloop.core import ComputeError
from omloop.loop import Workspace
from omloop.loop.serving.batch.answering import Answering, block_pool
from omloop.loop.serving.batch.batch import BatchOptions, BatchResult, predict_batch
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle

BUNDLES = [tiny_bundle, tiny_image_bundle, tiny_text_bundle]


def as_csv(folder: Path) -> Path:
    lines = [f"{n},{n % 24 if n % 50 else 'many'},{14 + n % 11},{'fm'[n % 2]}" for n in range(1, 901)]
    (folder / "rows.csv").write_text("\n".join(["id,hours,age,sex", *lines, ""]))
    return folder / "rows.csv"


def as_parquet(folder: Path) -> Path:
    import polars

    polars.read_csv(as_csv(folder), infer_schema=False).write_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


def as_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "texts.zip", "w") as file:
        for number in range(60):
            file.writestr(f"{number:03}.txt", f"a text of number {number}" if number % 9 else b"\xff\xfe\x00")
    return folder / "texts.zip"


@pytest.mark.parametrize("make", BUNDLES)
def test_what_answers_is_the_same_once_it_was_sent(make: Callable[[], Bundle]) -> None:
    ours = Answering(make())
    sent = pickle.loads(pickle.dumps(ours))  # noqa: S301
    examples = ours.session.inputs.edges()
    assert sent.session.predict(examples).tolist() == ours.session.predict(examples).tolist()


def test_who_carries_out_commands_alone_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ComputeError, match="'slurm' carries out whole commands"):
        block_pool(workspace, "slurm")


def answer(workspace: Workspace, path: Path, on: str, keep: tuple[str, ...] = ()) -> BatchResult:
    out, options = path.with_name(f"{on or 'here'}.csv"), BatchOptions(keep, 40, on=on)
    return predict_batch("tiny", workspace, str(path), out, options, tell=print, progress=lambda found: None)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("make", "write", "keep"),
    [(tiny_bundle, as_csv, ("id",)), (tiny_bundle, as_parquet, ("id",)), (tiny_text_bundle, as_zip, ())],
)
def test_answers_on_ray_are_the_answers_here(
    workspace: Workspace,
    tmp_path: Path,
    make: Callable[[], Bundle],
    write: Callable[[Path], Path],
    keep: tuple[str, ...],
) -> None:
    pytest.importorskip("ray")
    registry = workspace.registry("tiny")
    registry.promote(registry.add(make(), by="test"), expected=None, by="test", reason="a test")
    path = write(tmp_path)
    here, there = (answer(workspace, path, on, keep) for on in ("", "ray"))
    assert (here.answered, here.set_aside) == (there.answered, there.set_aside) and here.set_aside
    assert here.out.read_bytes() == there.out.read_bytes()
    assert here.bad is not None and there.bad is not None and here.bad.read_bytes() == there.bad.read_bytes()
