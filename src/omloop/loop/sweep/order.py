"""The order of a sweep: the same value for this process and for every worker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import ConfigError, Settings
from omloop.loop.project.discover import find_project
from omloop.loop.project.plan import Plan
from omloop.loop.workspace import Workspace
from omloop.sweep import METHODS, MODEL, PRUNERS, SearchRules, Space, read_space

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.core import Project
    from omloop.sweep.optuna import OptunaStudy

TRIALS = 50


@dataclass(frozen=True)
class SweepOptions:
    """The options of a sweep: how many `trials` in all, how many at once (`jobs`), and how to choose them.

    `study` is a path or a database's URL for the trials; if empty, a file of the workspace. `name` tells sweeps of a
    project apart; by default it comes from the varied parameters. Nothing begins after `seconds` (0: no limit).
    """

    trials: int = TRIALS
    jobs: int = 1
    method: str = METHODS[0]
    prune: str = PRUNERS[0]
    seed: int = 0
    name: str = ""
    study: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        for key, least in {"trials": 1, "jobs": 1}.items():
            if getattr(self, key) < least:
                raise ConfigError(f"{key}={getattr(self, key)} is too few; give {least} at least.", key=key)
        for key, known in {"method": METHODS, "prune": PRUNERS}.items():
            if getattr(self, key) not in known:
                raise ConfigError.wrong_value(None, key, getattr(self, key), " or ".join(known), known=known)


@dataclass(frozen=True)
class SweepOrder:
    """A sweep of the project called `project`, or at that path: the words that vary and that all trials share."""

    project: str
    words: tuple[str, ...]
    options: SweepOptions
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, project: str, words: tuple[str, ...], options: SweepOptions, workspace: Workspace) -> SweepOrder:
        """The order for a workspace, wherever its workers are started."""
        settings = {**asdict(workspace.settings), "workspace": str(workspace.root.resolve())}
        return cls(project, words, options, settings)

    @classmethod
    def read(cls, text: str) -> SweepOrder:
        """The order that `text` stands for."""
        found = json.loads(text)
        options, words = SweepOptions(**found["options"]), tuple(found["words"])
        return cls(found["project"], words, options, found["settings"])

    @property
    def text(self) -> str:
        """The order as one line of JSON."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Sweep:
    """An order with what it names: the project, the space, the workspace."""

    order: SweepOrder
    project: Project
    space: Space
    workspace: Workspace
    metric: str
    rules: SearchRules
    loss: str = ""
    """What a tracker calls the validation loss of a step, where every trial trains the same network."""

    @classmethod
    def of(cls, order: SweepOrder) -> Sweep:
        """Find the project, and read the parameters to vary.

        Raises ConfigError if there are none, or if the words fit no configuration of the project.
        """
        workspace = Workspace(Settings(**order.settings))
        project = find_project(order.project, workspace.settings)
        space = read_space(order.words).of_models(list(project.models))
        if not space.parameters:
            raise ConfigError(
                f"Nothing is varied. Name what is, such as: omloop sweep {project.name} model.lr=log:1e-4,0.1"
            )
        for words in space.samples():  # what no trial could be configured with is refused before the first
            plan = Plan.of(project, space.overrides(words), workspace)
        options = order.options
        rules = SearchRules(options.method, options.prune, options.seed, plan.metrics[0].higher_is_better)
        tried = {name: config for name, config in plan.config.models.items() if name != project.baseline}
        network = next((name for name, config in tried.items() if hasattr(config, "epochs")), "")
        loss = f"{network}/validation_loss" if network and len(tried) == 1 and MODEL not in space.parameters else ""
        return cls(order, project, space, workspace, plan.metrics[0].name, rules, loss)

    @property
    def name(self) -> str:
        """The sweep's name: the given one, else made of the varied parameters."""
        if self.order.options.name:
            return self.order.options.name
        rules = (self.rules.method, self.rules.seed, self.metric)
        whole = repr((sorted(self.space.parameters.items()), self.space.shared, rules))
        keys = "-".join(key.rpartition(".")[2] for key in self.space.parameters)
        return f"{keys[:40]}-{hashlib.sha256(whole.encode()).hexdigest()[:4]}"

    @property
    def folder(self) -> Path:
        """The folder of the sweep: its journal, the table of trials, plots."""
        return self.workspace.root / "sweeps" / self.project.name / self.name

    def study(self) -> OptunaStudy:
        """The trials so far, and the chooser of the next; raises StoreError if they are unreadable."""
        from omloop.core import explain_missing

        with explain_missing("A sweep"):
            from omloop.sweep.optuna import OptunaStudy

        address = self.order.options.study or str(self.folder / "study.journal")
        name = f"{self.project.name}/{self.name}"
        return OptunaStudy.open(address, name, self.space, self.rules, {"metric": self.metric})

    def most(self, study: OptunaStudy) -> int:
        """How many trials there will be in all."""
        return min(self.order.options.trials, study.most or self.order.options.trials)
