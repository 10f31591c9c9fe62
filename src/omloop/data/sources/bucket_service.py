"""A service of buckets as a source asks it: fsspec's file system, with errors of one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from omloop.core import SourceError, first_line, without_secrets


@dataclass(frozen=True)
class BucketObject:
    """An object by its `path` in the service and its `name` below a folder, with its `size` in bytes.

    Its `mark` is another whenever its content is: the ETag of S3, the generation of Google Cloud Storage.
    """

    path: str
    name: str
    size: int
    mark: str

    @classmethod
    def of(cls, about: Mapping[str, Any], folder: str) -> Self:
        """The object that fsspec tells `about`; raises SourceError for a name that leads out of the folder."""
        path = str(about["name"])
        name = path.removeprefix(f"{folder}/")
        if not {"", ".", ".."}.isdisjoint(name.split("/")) or not {"\\", "\0"}.isdisjoint(name):
            raise SourceError(f"The object {path!r:.100} has a name that no file can have. Copy it to another name.")
        mark = about.get("generation") or about.get("ETag") or about.get("etag")
        return cls(path, name, int(about["size"]), str(mark))


@dataclass(frozen=True)
class BucketService:
    """Questions to `files`, a file system of fsspec, about the objects at `address`.

    All verbs raise SourceError with the answer of the service and the next step, `rights`. They raise FileNotFoundError
    for an object that is not there.
    """

    files: Any
    address: str
    rights: str

    def one(self, path: str) -> BucketObject | None:
        """The object of exactly this path; None for a folder."""
        with self._explaining():
            about = self.files.info(path)
        return BucketObject.of(about, path.rpartition("/")[0]) if about["type"] == "file" else None

    def below(self, folder: str) -> list[BucketObject]:
        """All objects below a folder or in a bucket, sorted by path, without those that only stand for folders."""
        with self._explaining():
            found = self.files.find(folder, detail=True)
        start = folder.rstrip("/")
        paths = [path for path in sorted(found) if path.startswith(f"{start}/") and not path.endswith("/")]
        return [BucketObject.of(found[path], start) for path in paths]

    def has_bucket(self, bucket: str) -> bool:
        """Whether there is such a bucket."""
        with self._explaining():
            try:
                self.files.ls(bucket, detail=False)
            except FileNotFoundError:
                return False
        return True

    def read(self, path: str, start: int, end: int) -> bytes:
        """The bytes of an object from `start` to before `end`."""
        with self._explaining():
            content: bytes = self.files.cat_file(path, start=start, end=end)
        return content

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Say what the service said; its libraries raise a dozen kinds of errors."""
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:
            reason = without_secrets(first_line(error)).rstrip(".") or type(error).__name__
            raise SourceError(f"{self.address} cannot be fetched: {reason}. {self.rights}") from error
