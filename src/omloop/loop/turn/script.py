"""A run of a script or a notebook without a project: what it logs and keeps, its code, packages and curves."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core import Annotation, TrainError, as_kept, as_store_error, without_secret_values
from omloop.loop.turn.recording import RunRecording, RunSubject, recording_of

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace


@dataclass
class ScriptRun:
    """A run during recording. `name` is unique among those of its subject."""

    _recording: RunRecording
    _scores: dict[str, float] = field(default_factory=dict)
    _lower: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The run's name, for `omloop runs` and `omloop compare`."""
        return self._recording.name

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Record numbers of one step, such as an epoch."""
        self._recording.log(step, metrics)

    def metrics(self, scores: Mapping[str, float], *, lower_is_better: Sequence[str] = ()) -> None:
        """Set its results, by the names of metrics; a later value of a metric replaces an earlier one.

        The first metric is the main one. Raises TrainError for a score that is no number.
        """
        for name, score in scores.items():
            try:
                self._scores[name] = float(score)
            except (TypeError, ValueError) as error:
                raise TrainError(f"The metric '{name}' is {score!r:.80}, which is no number.") from error
        self._lower = list(dict.fromkeys([*self._lower, *lower_is_better]))

    def keep(self, name: str, content: Any) -> None:
        """Keep a file with the run: bytes, a text, a path to a file, or a figure of Matplotlib as PNG or SVG.

        The name is relative, such as `plots/loss.png`. Raises TrainError for any other name, and for content that it
        cannot keep.
        """
        if isinstance(content, Path):
            with as_store_error("read", content):
                content = content.read_bytes()
        elif hasattr(content, "savefig"):
            buffer = io.BytesIO()
            content.savefig(buffer, format="svg" if name.endswith(".svg") else "png", dpi=120)
            content = buffer.getvalue()
        self._recording.keep(name if name.startswith("plots/") else f"kept/{name}", as_kept(name, content))

    def _summary(self) -> dict[str, object]:
        scores = {name: {"value": score} for name, score in self._scores.items()}
        main = {"metric": next(iter(scores))} if scores else {}
        return {**main, "metrics": scores, "lower_is_better": [name for name in self._lower if name in scores]}


def require_name(name: str) -> None:
    """Let a name pass that a folder can have; raises TrainError for another."""
    as_kept(name, b"")
    if "/" in name:
        raise TrainError(f"'{name}' is a path. Give a name, such as '{name.rpartition('/')[2] or 'students'}'.")


@contextmanager
def script_run(
    name: str, workspace: Workspace, parameters: Mapping[str, object], annotation: Annotation, folder: Path
) -> Iterator[ScriptRun]:
    """A run under a name of its own; `folder` holds the script. It is `failed` if the block raises.

    Raises TrainError for a name that no folder can have.
    """
    require_name(name)
    config = json.dumps(without_secret_values(dict(parameters)), indent=2, default=str) if parameters else ""
    with recording_of(RunSubject(name, config, folder), workspace, {"kind": "script"}, annotation) as recording:
        run = ScriptRun(recording)
        yield run
        recording.finish("finished", run._summary())
