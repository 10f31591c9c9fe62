import json
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omloop.core import LoggedStep, SettingError, VersionLine
from omloop.testing.mirror import MirrorContract, MirroredRun, ReadBack, a_version

pytest.importorskip("wandb")

from omloop.track.wandb import WandbMirror

BLOCK = 32768


def records(folder: Path, run: str) -> dict[str, list[Any]]:
    """What an offline run wrote, by kind, in W&B's own messages."""
    from wandb.proto import wandb_internal_pb2

    (path,) = folder.glob(f"wandb/offline-run-*-{run}/*.wandb")
    found = defaultdict(list)
    for content in log_records(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(content)
        kind = record.WhichOneof("record_type")
        if kind:
            found[kind].append(getattr(record, kind))
    return found


def log_records(content: bytes) -> Iterator[bytes]:
    """The records of a .wandb file: LevelDB's log format behind seven bytes of W&B's own."""
    assert content[:4] == b":W&B"
    place, record = 7, b""
    while place + 7 <= len(content):
        if BLOCK - place % BLOCK < 7:  # the rest of a block that takes no header
            place += BLOCK - place % BLOCK
            continue
        size, kind = struct.unpack_from("<HB", content, place + 4)
        record += content[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):  # a whole one, or the last part of one
            yield record
            record = b""


def pairs(updates: Any) -> dict[str, Any]:
    return {one.key or "/".join(one.nested_key): json.loads(one.value_json) for one in updates}


def read(folder: Path, run: str) -> MirroredRun:
    found = records(folder, run)
    numbers = defaultdict(list)
    for one in found["history"]:
        for key, value in pairs(one.item).items():
            numbers[key].append(value)
    for one in found["summary"]:
        for key, value in pairs(one.update).items():
            numbers.setdefault(key, [value])
    (root,) = folder.glob(f"wandb/offline-run-*-{run}/files")
    files = [path for path in root.rglob("*") if path.is_file()]
    config = {key: value for one in found["config"] for key, value in pairs(one.update).items()}
    begun = [pairs(one.config.update) for one in found["run"]]
    last = found["run"][-1]
    return MirroredRun(
        {0: "finished", 1: "failed", 255: "killed"}[found["exit"][-1].exit_code],
        numbers,
        {path.relative_to(root).as_posix(): path.read_bytes() for path in files},
        {"tags": str(list(last.tags)), "note": last.notes}
        | {k: str(v) for one in [*begun, config] for k, v in one.items()},
    )


class TestWandbMirror(MirrorContract):
    @pytest.fixture(scope="class")
    def folder(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("wandb")

    @pytest.fixture
    def mirror(self, folder: Path) -> WandbMirror:
        return WandbMirror.of("offline", folder)

    @pytest.fixture
    def read_back(self, folder: Path, mirror: WandbMirror) -> ReadBack:
        return lambda project, run: read(folder, run)


def test_plots_the_confusion_matrix_and_the_bundle_are_what_wandb_shows(tmp_path: Path) -> None:
    from omloop.track import loss_curve

    mirror = WandbMirror.of("offline", tmp_path)
    run = mirror.start("toy", "r1", "", {})
    run.log([LoggedStep(0, 1e9, {"loss": 1.0})])
    run.keep("plots/loss.png", loss_curve({"loss": [1.0, 0.5]}))
    run.keep("plots/confusion.json", json.dumps({"classes": ["cat", "dog"], "counts": [[0, 1, 7]]}).encode())
    mirror.register(VersionLine("toy", ("abcd",), "abcd", lambda version: a_version(version, "r1")))
    run.finish("finished", {})
    found = records(tmp_path, "r1")
    shown = {key: value for one in found["history"] for key, value in pairs(one.item).items()}
    assert shown["plots/loss/_type"] == "image-file"
    assert shown["confusion_table/_type"] == "table-file" and '"nPredictions"' in str(found["config"]).replace("\\", "")
    (table,) = tmp_path.glob("wandb/offline-run-*/files/media/table/*.table.json")
    assert ["cat", "dog", 7] in json.loads(table.read_text())["data"]
    (bundle,) = [one for one in found["artifact"] if one.type == "model"]
    assert {"abcd", "champion"} <= set(bundle.aliases)
    assert {one.path for one in bundle.manifest.contents} == {"manifest.json", "variants/a.onnx"}


def test_it_is_online_with_a_key_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    assert WandbMirror.of("", tmp_path)._mode == "offline"
    with pytest.raises(SettingError, match="WANDB_API_KEY"):
        WandbMirror.of("online", tmp_path)
    with pytest.raises(SettingError, match="There are: wandb, wandb:online, wandb:offline"):
        WandbMirror.of("offlin", tmp_path)
    monkeypatch.setenv("WANDB_API_KEY", "x")
    assert WandbMirror.of("", tmp_path)._mode == "online"
    assert WandbMirror.of("offline", tmp_path)._mode == "offline"
