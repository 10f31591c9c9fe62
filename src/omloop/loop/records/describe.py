"""A project's data in numbers: parts, fingerprint, findings, and a description of the training columns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from omloop.core import Dataset, Facts, Kind, NumberArray, Part, Project, some, write_whole
from omloop.data import require_learnable
from omloop.loop.project.plan import Plan
from omloop.loop.records.pages import keep_page
from omloop.loop.records.previews import previews
from omloop.loop.records.records import gather, split
from omloop.report import DataReport, Distribution, data_markdown, data_page

MOST_WORDS = 50
"""How many words of a category it lists; of more, the commonest."""

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.workspace import Workspace


@dataclass(frozen=True, repr=False)
class CheckedData(Facts):
    """A project's checked dataset, and whether the quality checks ran."""

    project: Project
    kind: Kind
    dataset: Dataset
    checked: bool

    def facts(self) -> dict[str, object]:
        """What came of it."""
        return {
            "project": self.project.name,
            "rows": len(self.dataset),
            **{name: len(part) for name, part in self.parts.items()},
            "findings": len(self.dataset.findings),
            "source": self.dataset.source,
        }

    @property
    def parts(self) -> dict[str, Part]:
        """The three parts by name."""
        return {"train": self.dataset.train, "validation": self.dataset.validation, "test": self.dataset.test}

    @cached_property
    def observed(self) -> dict[str, NumberArray]:
        """What the kind observes of the training examples; asked once, because pictures and texts take a while."""
        return self.kind.observe(self.dataset.train.examples)

    @property
    def classes(self) -> tuple[str, ...]:
        """The words of the answer; nothing where it is a number."""
        return self.project.outputs.observed.get("prediction", ())


def look_at(plan: Plan) -> CheckedData:
    """Read and check the source's records; raises DataError for records that do not fit or fail the checks."""
    dataset = split(plan, gather(plan))
    require_learnable(plan.project, plan.kind, dataset)
    return CheckedData(plan.project, plan.kind, dataset, plan.config.data.quality != "off")


def describe_data(looked: CheckedData) -> dict[str, Any]:
    """The data as JSON values."""
    dataset, target = looked.dataset, looked.project.target
    observed = {**looked.observed, target: dataset.train.targets}
    categories = {**looked.kind.observed, target: looked.classes}
    return {
        "project": looked.project.name,
        "source": dataset.source,
        "rows": len(dataset),
        "parts": {name: len(part) for name, part in looked.parts.items()},
        "fingerprint": dataset.fingerprint,
        "notes": list(dataset.notes),
        "findings": [asdict(finding) for finding in dataset.findings],
        "columns": [
            _column(name, values.astype(np.float64), categories[name], dates=name in looked.kind.dates)
            for name, values in observed.items()
        ],
    }


def data_report(looked: CheckedData) -> DataReport:
    """The data as a report for people."""
    dataset = looked.dataset
    return DataReport(
        project=looked.project.name,
        summary=looked.project.summary,
        source=dataset.source,
        fingerprint=dataset.fingerprint,
        parts={name: len(part) for name, part in looked.parts.items()},
        target={name: Distribution.of(name, part.targets, looked.classes) for name, part in looked.parts.items()},
        columns=tuple(
            Distribution.of(name, values, looked.kind.observed[name], dates=name in looked.kind.dates)
            for name, values in looked.observed.items()
        ),
        findings=dataset.findings,
        previews=previews(looked.kind, dataset.train, looked.classes),
        checked=looked.checked,
    )


def write_report(looked: CheckedData, folder: Path, workspace: Workspace) -> tuple[Path, Path]:
    """Write `report.html` and `report.md` into `folder`, and keep the page in the workspace too.

    Raises StoreError if writing fails.
    """
    report = data_report(looked)
    whole, page, text = data_page(report), folder / "report.html", folder / "report.md"
    write_whole(page, whole.encode())
    write_whole(text, data_markdown(report).encode())
    title = f"The data of {report.project}: {report.source}"
    record = {"source": report.source, "fingerprint": report.fingerprint, "parts": report.parts}
    keep_page(report.project, workspace, "data", whole, title=title, record=record)
    return page, text


def _column(name: str, values: NumberArray, categories: tuple[str, ...], *, dates: bool) -> dict[str, object]:
    present = values[~np.isnan(values)]
    column: dict[str, object] = {"name": name, "missing": int(len(values) - len(present))}
    if categories:
        counts = np.bincount(present.astype(np.int64), minlength=len(categories))
        order = np.arange(len(counts)) if len(counts) <= MOST_WORDS else np.argsort(-counts, kind="stable")
        words = some([f"{categories[word]} {counts[word]}" for word in order.tolist()], most=MOST_WORDS)
        return column | {"low": None, "median": None, "high": None, "words": words}
    ends = np.quantile(present, (0, 0.5, 1)) if len(present) else np.empty(0)
    days = np.floor(ends).astype(np.int64).astype("datetime64[D]") if dates else ()
    told: list[object] = [str(day) for day in days] if dates else [round(float(end), 4) for end in ends]
    low, median, high = told or (None, None, None)
    return column | {"low": low, "median": median, "high": high, "words": None}
