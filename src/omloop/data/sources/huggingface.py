"""The source `huggingface`: the Parquet files of a data set on the Hugging Face Hub.

It only fetches files, through `huggingface_hub`, and reads them as tables: it never runs code of a data set.
HF_ENDPOINT names another server, and HF_TOKEN holds a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omloop.core import Columns, ConfigError, Project, Settings, SourceError, explain_missing
from omloop.data.sources.source import Data, read_records


@dataclass
class HuggingFace(Data):
    """The Parquet files in `folder` of the data set `dataset`, written `owner/name`, at `revision`.

    `folder` is empty for the files at the top; `revision` is a branch, a tag or a commit.
    """

    source: str = "huggingface"
    dataset: str = "???"
    folder: str = ""
    revision: str = "main"

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Fetch the files, or take the copies fetched earlier, and read the folder as the project reads it.

        Raises MissingExtraError without the library, SourceError when the files cannot be had.
        """
        owner, _, name = self.dataset.partition("/")
        if not owner or not name or "/" in name:
            raise ConfigError(f"data.dataset={self.dataset} is not a data set of the Hub; write it as owner/name.")
        target = downloads / "huggingface" / owner / name / self.revision
        folder = self._fetched(target) / self.folder
        files = sorted(folder.glob("*.parquet"))
        if not files:
            place = f"the folder '{self.folder}'" if self.folder else "its first level"
            raise SourceError(f"{self.dataset} holds no Parquet file in {place}. Check data.folder and data.revision.")
        # Without a reader of its own, a project can read a single table but no folder.
        return read_records(project, files[0] if len(files) == 1 and project.read is None else folder)

    def __str__(self) -> str:
        return f"huggingface {self.dataset}"

    def _fetched(self, target: Path) -> Path:
        with explain_missing("The data source 'huggingface'"):
            from huggingface_hub import snapshot_download
        pattern = f"{self.folder}/*.parquet" if self.folder else "*.parquet"
        try:
            snapshot_download(
                self.dataset,
                repo_type="dataset",
                revision=self.revision,
                allow_patterns=[pattern],
                local_dir=str(target),
            )
        except Exception as error:  # the library raises errors of its own, of its HTTP client and of the system
            words = str(error).strip().splitlines()
            reason = words[0].rstrip(".") if words else type(error).__name__
            raise SourceError(
                f"{self.dataset} cannot be fetched from the Hugging Face Hub: {reason}. Check data.dataset and your "
                "connection, or fetch it by hand and use data=file data.path=..."
            ) from error
        return target
