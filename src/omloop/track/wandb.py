"""Weights & Biases as a mirror: online with a key, else as folders that `wandb sync` sends later."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from omloop.core import Annotation, LoggedStep, MirroredVersion, SettingError, VersionLine
from omloop.track.final import final_metrics, final_texts
from omloop.track.fit_plots import CONFUSION
from omloop.track.flat import flat_settings

if TYPE_CHECKING:
    Mode = Literal["online", "offline"]

KEY = "WANDB_API_KEY"
CHAMPION = "champion"
INIT_S = 30.0
"""How long an online run may take to begin, of wandb's own 90."""
EXIT_CODES = {"finished": 0, "failed": 1, "killed": 255}


class WandbMirror:
    """Runs of Weights & Biases, offline ones under `folder/wandb`. A project of omloop is a project there."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        self._folder, self._mode = folder, mode
        self._runs: dict[str, WandbRun] = {}

    @classmethod
    def of(cls, address: str, folder: Path) -> Self:
        """`online`, `offline`, or nothing: online where `WANDB_API_KEY` is in the environment.

        Raises SettingError for another address, and for `online` without a key.
        """
        if address not in ("", "online", "offline"):
            told = f"'wandb:{address}' names no way of W&B. There are: wandb, wandb:online, wandb:offline."
            raise SettingError(f"{told} A server of your own is named by WANDB_BASE_URL.", key="track")
        if address == "online" and not os.environ.get(KEY):
            told = f"wandb:online needs a key in the environment variable {KEY}; wandb:offline needs none."
            raise SettingError(told, key="track")
        return cls(folder.resolve(), "offline" if address == "offline" or not os.environ.get(KEY) else "online")

    def start(self, project: str, run: str, config: str, facts: Mapping[str, object]) -> WandbRun:
        """Begin a run of that name, which is its id too."""
        os.environ["WANDB_ERROR_REPORTING"] = "false"  # to Sentry
        import wandb

        folder = self._folder / "wandb"
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("WANDB_DATA_DIR", str(folder))  # where bundles wait to be sent
        settings = wandb.Settings(
            silent=True,
            console="off",
            init_timeout=INIT_S,
            disable_code=True,
            disable_git=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_save_requirements=False,
        )
        known = {name: facts[name] for name in ("python", "platform", "git_commit", "git_dirty") if name in facts}
        begun = wandb.init(
            project=project,
            id=run,
            name=run,
            dir=str(self._folder),
            mode=self._mode,
            config={**{key: _typed(text) for key, text in flat_settings(config).items()}, "omloop": known},
            reinit="create_new",
            settings=settings,
        )
        begun.define_metric("step", hidden=True)
        begun.define_metric("*", step_metric="step")
        self._runs = {run: WandbRun(begun)}
        return self._runs[run]

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Do nothing: people change a run that ended on W&B's own page."""

    def register(self, line: VersionLine) -> None:
        """Send the bundles of versions that the open run made; its end says whether one is champion."""
        for run in self._runs.values():
            run.register(line)


class WandbRun:
    """One run of W&B."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._versions: dict[str, MirroredVersion] = {}
        self._line: VersionLine | None = None
        self._over = False

    def log(self, steps: Sequence[LoggedStep]) -> None:
        """Send numbers by step."""
        for one in steps:
            self._run.log({**one.metrics, "step": one.step})

    def keep(self, name: str, content: bytes) -> None:
        """Send a file; W&B shows a plot as a picture too, and the confusion matrix as its own chart."""
        import wandb

        path = Path(self._run.dir, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self._run.save(str(path), base_path=self._run.dir, policy="now")
        if name == CONFUSION:
            self._run.log({"confusion": _confusion_chart(json.loads(content))})
        elif name.startswith("plots/") and name.endswith(".png"):
            self._run.log({name.removesuffix(".png"): wandb.Image(str(path))})

    def annotate(self, change: Annotation) -> None:
        """Tags as W&B's, `key=value` each, and the note."""
        keys = tuple(f"{key}=" for key in change.tags)
        kept = [tag for tag in self._run.tags or () if not tag.startswith(keys or "\0")]
        self._run.tags = (*kept, *(f"{key}={value}"[:64] for key, value in change.tags.items() if value))
        if change.note is not None:
            self._run.notes = change.note

    def register(self, line: VersionLine) -> None:
        """Remember the version that this run made, the newest."""
        self._line = line
        for version in () if self._over else line.versions[-1:]:
            if version not in self._versions and (one := line.read(version)).run == self._run.id:
                self._versions[version] = one

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Send the bundles, the final metrics and all else of the summary, and close the run."""
        import wandb

        for version in self._versions.values():
            self._send_bundle(version)
        self._run.summary.update(final_metrics(summary))
        self._run.config.update({f"omloop.{key}": text for key, text in final_texts(summary).items()})
        self._over, self._versions = True, {}
        self._run.finish(exit_code=EXIT_CODES.get(status, 1))
        wandb.teardown()  # it alone waits until all is on disk

    def _send_bundle(self, version: MirroredVersion) -> None:
        import wandb

        about = {"omloop_version": version.version, "model": version.model, **version.metrics}
        artifact = wandb.Artifact(str(self._run.project), type="model", metadata=about)
        for name, content in version.files.items():
            with artifact.new_file(name, "wb") as file:
                file.write(content)
        leads = self._line is not None and self._line.champion == version.version
        self._run.log_artifact(artifact, aliases=[version.version, *([CHAMPION] if leads else [])])


def _confusion_chart(table: Mapping[str, Any]) -> Any:
    """W&B's chart, filled as `wandb.plot.confusion_matrix` fills it, which asks for every answer instead of counts."""
    import wandb

    counts = {(row, column): count for row, column, count in table["counts"]}
    classes = list(enumerate(table["classes"]))
    columns = ["Actual", "Predicted", "nPredictions"]
    data = [[true, answered, counts.get((i, j), 0)] for i, true in classes for j, answered in classes]
    return wandb.plot_table(
        data_table=wandb.Table(columns=columns, data=data),
        vega_spec_name="wandb/confusion_matrix/v1",
        fields={column: column for column in columns},
        string_fields={"title": "Confusion matrix"},
    )


def _typed(text: str) -> object:
    """A setting as a number where it is one."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, int | float) else text
