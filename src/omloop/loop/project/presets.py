"""A project's presets: the files of `conf/experiment/`, Hydra's usual place for a configuration with a name."""

from __future__ import annotations

import re
from pathlib import Path

from omloop.core import Project

GROUP = "experiment"
DEFAULT = "default"
"""The project's configuration as it stands."""
QUICK = "data.fraction=0.1"
"""A trial of a project that has no presets of its own."""
_OFFERED = re.compile(rf"^\s*-\s*(override\s+)?/?{GROUP}\s*:", re.MULTILINE)


def presets_of(project: Project) -> dict[str, str]:
    """Trainings by name, and the configuration of each as a word of a command line; `default` has none.

    It appends a preset (`+experiment=NAME`) if `config.yaml` has no line of its own for presets.
    """
    folder = (project.folder or Path()) / "conf"
    names = sorted(path.stem for path in (folder / GROUP).glob("*.yaml"))
    if not names:
        return {DEFAULT: "", "quick": QUICK}
    config = folder / "config.yaml"
    offered = config.is_file() and _OFFERED.search(config.read_text(encoding="utf-8"))
    return {DEFAULT: "", **{name: f"{'' if offered else '+'}{GROUP}={name}" for name in names}}
