"""A project's data in numbers: parts, fingerprint, and what the training columns look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Project
from omloop.data import features_of
from omloop.loop.training import gather, split

if TYPE_CHECKING:
    from omloop.loop.configure import Configured
    from omloop.loop.workspace import Workspace


def describe_data(project: Project, config: Configured, workspace: Workspace) -> dict[str, Any]:
    """Check the source's records and describe them as JSON values; raises DataError for records that do not fit."""
    kind = features_of(project, config.data.features)
    dataset = split(project, kind, config, gather(project, kind, config, workspace))
    observed = {**kind.observe(dataset.train.examples), project.target: dataset.train.targets.astype(np.float64)}
    categories = {**kind.observed, project.target: ()}
    return {
        "project": project.name,
        "source": dataset.source,
        "rows": len(dataset),
        "parts": {"train": len(dataset.train), "validation": len(dataset.validation), "test": len(dataset.test)},
        "fingerprint": dataset.fingerprint,
        "notes": list(dataset.notes),
        "columns": [_column(name, values, categories[name]) for name, values in observed.items()],
    }


def _column(name: str, values: NDArray[Any], categories: tuple[str, ...]) -> dict[str, Any]:
    present = values[~np.isnan(values)]
    column: dict[str, Any] = {"name": name, "missing": int(len(values) - len(present))}
    if categories:
        counts = np.bincount(present.astype(np.int64), minlength=len(categories))
        words = ", ".join(f"{word} {count}" for word, count in zip(categories, counts, strict=True))
        return column | {"low": None, "median": None, "high": None, "words": words}
    low, median, high = (round(float(np.quantile(present, q)), 4) for q in (0, 0.5, 1)) if len(present) else (None,) * 3
    return column | {"low": low, "median": median, "high": high, "words": None}
