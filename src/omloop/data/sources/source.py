"""Where records come from: the table of sources, and the settings and verbs that all of them have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from omloop.core import Backends, Columns, Origin, Project, Settings, SourceError
from omloop.data.sources.table_files import read_table

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = Backends(
    "data",
    {
        "simulated": "omloop.data.sources.simulated:Simulated",
        "file": "omloop.data.sources.file:File",
        "url": "omloop.data.sources.url:Url",
        "kaggle": "omloop.data.sources.kaggle:Kaggle",
        "sklearn": "omloop.data.sources.sklearn:Sklearn",
        "huggingface": "omloop.data.sources.huggingface:HuggingFace",
        "gcs": "omloop.data.sources.gcs:Gcs",
        "s3": "omloop.data.sources.s3:S3",
        "sql": "omloop.data.sources.sql:Sql",
    },
)


@dataclass
class Data:
    """The settings that every source has, as `data.<name>=<value>`.

    `on_problem` is `block` (a record that does not fit stops the run) or `drop` (the run leaves it out and says so).
    `unlabelled` is the same for a record without a target. `live` adds the labelled predictions of the prediction log:
    of the last `live_days` days, and from `live_since` on, in seconds since 1970 (0: all). `past` says how many of the
    source's own records to learn from beside them: `all`, about as many as are live (`balanced`), or `none`. The test
    part keeps all. `features` names the columns to learn from; all of them if empty. `classes` names the classes to
    tell apart; all of them if empty. The run leaves out records of other classes and says so. `fraction`, above 0 and
    at most 1, is the share of the records to take: whole groups, every class in its share. `ordered` says whether the
    source's records are in the order of time, like those of a log. Then the bundle knows how much traffic varies by
    itself, and a watch need not learn it. Without a value (null), a column of rising times says so. `quality` says how
    to handle findings such as duplicates across parts. `warn` reports them, `refuse` stops the run at a warning, and
    `off` looks for nothing.
    """

    source: str = "???"
    on_problem: str = "block"
    unlabelled: str = "drop"
    live: bool = False
    live_days: float = 0.0
    live_since: float = 0.0
    past: str = "all"
    features: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    fraction: float = 1.0
    ordered: bool | None = None
    quality: str = "warn"

    @property
    def origin(self) -> Origin:
        """The source as versions record and compare it."""
        return Origin(self.source, str(self).removeprefix(self.source).strip())


class Source(Protocol):
    """A configured source that gives its records."""

    source: str
    on_problem: str
    unlabelled: str
    live: bool
    live_days: float
    live_since: float
    past: str
    features: list[str]
    classes: list[str]
    fraction: float
    ordered: bool | None
    quality: str

    @property
    def origin(self) -> Origin:
        """The source as versions record and compare it."""

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Fetch the raw records; `downloads` is a folder that keeps fetched files."""

    def __str__(self) -> str:
        """The source in a few words, for a model card."""


def read_records(project: Project, path: Path) -> Columns:
    """Read what lies at `path` as the project reads it, or as a CSV or Parquet table."""
    if not path.exists():
        raise SourceError(f"There is nothing at {path}. Check data.path; it is relative to {path.cwd()}.")
    return (project.read or read_table)(path)
