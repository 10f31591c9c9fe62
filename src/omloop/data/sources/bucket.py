"""What the sources in buckets have in common: an address of one object or of all below a folder, copied to this disk.

Credentials and the address of the service come from the environment alone, as the service's own tools take them.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from omloop.core import (
    Columns,
    ConfigError,
    Origin,
    Project,
    Settings,
    SourceError,
)
from omloop.data.sources.bucket_copy import copy_objects
from omloop.data.sources.bucket_service import BucketObject, BucketService
from omloop.data.sources.download import sha256_of
from omloop.data.sources.source import Data, read_records

_ADDRESS = re.compile(r"(?P<scheme>\w+)://(?P<bucket>[A-Za-z0-9._-]+)(?:/(?P<key>[^?#]*))?")


@dataclass
class BucketData(Data):
    """The object at `url`, or all objects below the folder that it names.

    With `sha256` (64 hexadecimal digits) it refuses everything but that very object. `anonymous` asks without
    credentials, as public buckets allow.
    """

    url: str = "???"
    sha256: str = ""
    anonymous: bool = False

    SCHEME: ClassVar[str] = ""
    ENDPOINT: ClassVar[str] = ""
    RIGHTS: ClassVar[str] = ""

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Fetch what changed since the last time, and read the file or the folder as the project reads it.

        Raises MissingExtraError without the service's library, SourceError where the objects cannot be had.
        """
        path = self._path()
        about = f"{os.environ.get(self.ENDPOINT, '')} {path}"
        folder = downloads / self.source / hashlib.sha256(about.encode()).hexdigest()[:16]
        service = BucketService(self.opened(), self.url, self.RIGHTS)
        objects, single = self._objects(service, path)
        copy_objects(service, objects, folder)
        if not single:
            return read_records(project, folder)
        file = folder / objects[0].name
        if self.sha256 and (found := sha256_of(file)) != self.sha256:
            raise SourceError(f"{self.url} has SHA-256 {found}, not {self.sha256}. Check the address or data.sha256.")
        return read_records(project, file)

    @property
    def origin(self) -> Origin:
        """The whole address."""
        return Origin(self.source, self.url.rstrip("/"))

    def __str__(self) -> str:
        return f"{self.source} {self.url.rstrip('/')}"

    def opened(self) -> Any:
        """The service as a file system of fsspec; raises ModuleNotFoundError without its library."""
        raise NotImplementedError

    def _path(self) -> str:
        """`bucket/key`; raises ConfigError for another address."""
        found = _ADDRESS.fullmatch(self.url)
        if found is None or found["scheme"] != self.SCHEME:
            told = f"data.url is no address of data={self.source}; write it as {self.SCHEME}://bucket/folder/data.csv."
            raise ConfigError(told, key="data.url")
        return "/".join(filter(None, (found["bucket"], (found["key"] or "").lstrip("/"))))

    def _objects(self, service: BucketService, path: str) -> tuple[list[BucketObject], bool]:
        """The objects that the address means, and whether it names a single one; raises SourceError for none."""
        bucket, _, key = path.partition("/")
        with suppress(FileNotFoundError):
            if key and not key.endswith("/") and (one := service.one(path)):
                return [one], True
            if objects := service.below(path):
                if self.sha256:
                    raise ConfigError(f"data.sha256 is of one object; {self.url} is a folder.", key="data.sha256")
                return objects, False
        if not service.has_bucket(bucket):
            raise SourceError(f"There is no bucket {bucket}. Check data.url={self.url}.")
        raise SourceError(
            f"The bucket {bucket} holds nothing at '{key}'. Check data.url; large and small letters differ."
        )
