"""The source `url`: one file at an http or https address, fetched once."""

from __future__ import annotations

import hashlib
import urllib.request
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from omloop.core import Columns, Project, Settings, SourceError
from omloop.data.sources.download import download
from omloop.data.sources.source import Data, read_records


@dataclass
class Url(Data):
    """The file at `url`. With `sha256` (64 hexadecimal digits) anything else than that very file is refused."""

    source: str = "url"
    url: str = "???"
    sha256: str = ""

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Fetch the file, or take the copy fetched earlier, and read it as the project reads it."""
        name = PurePosixPath(unquote(urlsplit(self.url).path)).name or "download"
        folder = downloads / "url" / hashlib.sha256(self.url.encode()).hexdigest()[:16]
        step = "Check data.url and your connection, or fetch it by hand and use data=file data.path=..."
        try:
            request = urllib.request.Request(self.url)  # noqa: S310
        except ValueError as error:
            raise SourceError("data.url is no address; write it as https://host/path.") from error
        return read_records(project, download(request, folder / name, sha256=self.sha256, next_step=step))

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"url {parts.scheme}://{parts.hostname}{parts.path}"
