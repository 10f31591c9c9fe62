"""The source `url`: one file at an http or https address, fetched once."""

from __future__ import annotations

import hashlib
import logging
import urllib.request
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from omloop.core import HIDDEN, Columns, Project, Settings, SourceError, without_secrets, write_whole
from omloop.data.sources.download import download, sha256_of
from omloop.data.sources.source import Data, read_records

LOG = logging.getLogger("omloop.data")


@dataclass
class Url(Data):
    """The file at `url`. With `sha256` (64 hexadecimal digits) it refuses everything but that very file.

    Runs and versions keep an address without its query. Such a one, as in `https://host/data.csv?***`, stands for the
    file that this workspace fetched from it.
    """

    source: str = "url"
    url: str = "???"
    sha256: str = ""

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Fetch the file, or take the copy fetched earlier, and read it as the project reads it."""
        name = PurePosixPath(unquote(urlsplit(self.url).path)).name or "download"
        if HIDDEN in self.url:
            return read_records(project, self._fetched_before(downloads / "url", name))
        folder = downloads / "url" / hashlib.sha256(self.url.encode()).hexdigest()[:16]
        step = "Check data.url and your connection, or fetch it by hand and use data=file data.path=..."
        try:
            request = urllib.request.Request(self.url)  # noqa: S310
        except ValueError as error:
            raise SourceError("data.url is no address; write it as https://host/path.") from error
        path = download(request, folder / name, sha256=self.sha256, next_step=step)
        if (kept := without_secrets(self.url)) != self.url:
            write_whole(folder.with_suffix(".address"), kept.encode())
        return read_records(project, path)

    def _fetched_before(self, folder: Path, name: str) -> Path:
        """The one fetched file of an address whose query is hidden; raises SourceError for none or many."""
        pointers = [path for path in folder.glob("*.address") if path.read_bytes() == self.url.encode()]
        files = [path for pointer in pointers if (path := pointer.with_suffix("") / name).is_file()]
        found = [path for path in files if not self.sha256 or sha256_of(path) == self.sha256]
        if len(found) == 1:
            LOG.info("using %s, fetched earlier", found[0])
            return found[0]
        raise SourceError(
            f"data.url={self.url} is an address whose query no run and no version keeps, and {len(found) or 'no'} "
            "files fetched from it lie here. Give it again as data.url=..., or write it in conf/data/url.yaml with "
            "${oc.env:NAME} for what is secret."
        )

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"url {parts.scheme}://{parts.hostname}{parts.path}"
