"""The answers so far, in a folder beside the final file: after a kill, the next command continues there.

A part counts once its record stands beside it, and its length matches. So the next command repeats the unfinished part.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from omloop.core import ConflictError, as_store_error, sync_folder, write_whole
from omloop.core._locks import CAN_LOCK, take
from omloop.loop.serving.batch.forms import AnswerColumns, Form, join_files, json_lines, write_part

FIRST = 5
"""Problems that a record quotes."""


@dataclass(frozen=True)
class PartRecord:
    """How far a part goes: the source, by number, and where the next block of it begins; and all counts up to there.

    `rows` are those of this source, `answered` and `set_aside` of all. `first` are the first problems of this part.
    """

    source: int
    following: int
    rows: int
    answered: int
    set_aside: int
    first: Sequence[str] = ()


class Parts:
    """The folder of parts, for one process at a time: `with Parts(out, form) as parts: ...`."""

    def __init__(self, out: Path, form: Form) -> None:
        self.out = out
        self.folder = out.with_name(f".{out.name}.parts")
        self.records: list[PartRecord] = []
        self._form = form
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        with as_store_error("write", self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / "lock").open("wb")
        if CAN_LOCK and not take(self._lock.fileno()):
            self._lock.close()
            raise ConflictError(f"Another command is answering into {self.out}. Wait for it, or choose another file.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._lock is not None  # noqa: S101  it was entered
        self._lock.close()
        if not self.records:  # nothing to go on with
            shutil.rmtree(self.folder, ignore_errors=True)

    def resume(self, identity: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """The `noted` facts of the same work, and why it dropped older parts, in words: "" if there were none."""
        noted = _json(self.folder / "work.json")
        former = noted.get("identity")
        if former == identity:
            self.records = list(self._read_records())
            return noted, ""
        changed = [name for name in identity if former and former.get(name) != identity[name]]
        for file in self.folder.iterdir():
            if file.name != "lock":
                file.unlink()
        return {}, ", ".join(changed)

    def note(self, identity: Mapping[str, str], facts: Mapping[str, object]) -> None:
        """Keep the description of the work, and the facts found for it."""
        write_whole(self.folder / "work.json", json.dumps({"identity": identity, **facts}).encode())

    def add(self, record: PartRecord, columns: AnswerColumns, count: int, bad: Sequence[Mapping[str, object]]) -> None:
        """Keep the answers of one more block, and its bad rows."""
        number = len(self.records)
        if count:
            self._form.write(self._path(number, self._form.suffix), columns, count)
        if bad:
            write_part(self._path(number, ".bad"), json_lines(bad))
        whole = self.folder / "record"
        write_part(whole, json.dumps({**asdict(record), "sizes": self._sizes(number)}).encode())
        whole.replace(self._path(number, ".json"))
        self.records.append(record)

    def finish(self, names: Sequence[str]) -> Path | None:
        """Make the files of all parts, the answers last; gives the file of bad rows, if there are any."""
        answers, refused = self._files(self._form.suffix), self._files(".bad")
        bad = self.out.with_suffix(".bad.jsonl")
        if refused:
            join_files(refused, self.folder / "bad")
            (self.folder / "bad").replace(bad)
        else:
            bad.unlink(missing_ok=True)
        if answers:
            whole = self.folder / "whole"
            with as_store_error("write", self.out):
                self._form.join(answers, whole, names)
                _sync(whole)
                whole.replace(self.out)
                sync_folder(self.out.parent)
        shutil.rmtree(self.folder, ignore_errors=True)
        return bad if refused else None

    def _files(self, suffix: str) -> list[Path]:
        return [path for number in range(len(self.records)) if (path := self._path(number, suffix)).is_file()]

    def _read_records(self) -> list[PartRecord]:
        found: list[PartRecord] = []
        while known := _json(self._path(len(found), ".json")):
            if known.pop("sizes", None) != self._sizes(len(found)):  # the machine went down before the disk had it
                break
            found.append(PartRecord(**known))
        for suffix in (self._form.suffix, ".bad"):  # of a block that was not finished
            self._path(len(found), suffix).unlink(missing_ok=True)
        return found

    def _sizes(self, number: int) -> list[int]:
        """How long the files of a part are; 0 for none."""
        paths = [self._path(number, suffix) for suffix in (self._form.suffix, ".bad")]
        return [path.stat().st_size if path.is_file() else 0 for path in paths]

    def _path(self, number: int, suffix: str) -> Path:
        return self.folder / f"{number:08}{suffix}"


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
