"""Blobs in a bucket, through fsspec: what Google Cloud Storage and S3 have in common."""

import contextlib
import hashlib
import logging
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from omloop.core import ConflictError, OmloopError, SettingError, StoreError, first_line, without_secrets, write_whole
from omloop.register.keys import require_key

AGAIN_S = (0.1, 0.3, 1.0, 3.0)
"""Seconds until the next try to create a key that another writer is just creating (HTTP 409 of S3)."""
ANSWER_S = 40.0
"""How long a listing may take, with all that the client tries again: whoever asks for predictions waits for one."""
_BUNDLE = re.compile(r"/bundles/[0-9a-f]{64}/")
"""Part of the keys below a folder named after the digest of its bundle, so that their content never changes."""
_ADDRESS = re.compile(r"\w+://(?P<bucket>[A-Za-z0-9._-]+)(?:/(?P<folder>.*))?")
LOG = logging.getLogger("omloop.register")


class RemoteBlobs(ABC):
    """Named byte strings, each an object below a folder of a bucket. Safe for threads.

    A conditional write creates a key, and the service lets one writer win. After the first read, the folder `cache` of
    this machine keeps the files of bundles. An adapter says how to open its service, and how to mark an object. The
    mark lets a writer recognise its own object if the answer never arrived.
    """

    extra: str
    example: str
    rights: str

    def __init__(self, address: str, cache: Path | None = None) -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None:
            told = f"{without_secrets(address)} is no address of a bucket"
            raise SettingError(f"{told}. Give one such as {self.example}, without credentials.", key="store")
        self.address = address.rstrip("/")
        self._root = "/".join(filter(None, (found["bucket"], (found["folder"] or "").strip("/"))))
        self._bucket, self._cache = found["bucket"], cache
        self._files: Any = None
        self._is_there = False

    @classmethod
    def of(cls, address: str, folder: Path) -> Self:
        """The store at an address such as `gs://bucket/versions`; `folder` keeps the bundles that it read."""
        return cls(address, folder)

    def read(self, key: str) -> bytes:
        """The content of `key`; raises StoreError if there is none, or if reading fails."""
        cached = self._cache / key if self._cache and _BUNDLE.search(key) else None
        if cached and (known := _read_cached(cached)) is not None:
            return known
        path = self._path(key)
        with self._explaining(f"read {key}"):
            try:
                content: bytes = self._open().cat_file(path)
            except (FileNotFoundError, IsADirectoryError):
                told = f"The store {self.address} holds no '{key}'. Check the address, and that its bucket is there."
                raise StoreError(told) from None
        if cached:
            with contextlib.suppress(StoreError):  # a full disk: it is read from the bucket again
                write_whole(cached, hashlib.sha256(content).digest() + content)
        return content

    def create(self, key: str, content: bytes) -> None:
        """Write a new `key`; raises ConflictError if it exists, and StoreError if writing fails."""
        path, mark = self._path(key), secrets.token_hex(8)
        with self._explaining(f"write {key}"):
            for seconds in (*AGAIN_S, None):
                try:
                    self._open().pipe_file(path, content, mode="create", **self._marked(mark))
                except Exception as error:
                    if self._is_taken(error):
                        # A try whose answer was lost may have been ours: the library sends such a one again.
                        if self._mark_of(path) == mark:
                            return
                        told = f"{key} was written by somebody else a moment ago; read it again."
                        raise ConflictError(told) from None
                    if seconds is None or not self._is_contended(error):
                        raise
                    time.sleep(seconds)
                else:
                    return

    def replace(self, key: str, content: bytes) -> None:
        """Write `key`, whether it exists or not; raises StoreError if writing fails."""
        path = self._path(key)
        with self._explaining(f"write {key}"):
            self._open().pipe_file(path, content)

    def list(self, prefix: str) -> list[str]:
        """Names directly under the folder `prefix`, sorted; none for a folder that does not exist.

        An empty prefix means the whole store. Raises StoreError where the bucket is missing or unreadable.
        """
        return sorted(self._names(prefix, lambda files, path: files.ls(path, detail=False, timeout=ANSWER_S)))

    def below(self, prefix: str) -> Sequence[str]:
        """Every key below the folder `prefix`, sorted."""
        start = f"{prefix}/" if prefix else ""
        return sorted(
            f"{start}{name}" for name in self._names(prefix, lambda files, path: files.find(path, timeout=ANSWER_S))
        )

    def _names(self, prefix: str, ask: Callable[[Any, str], Sequence[str]]) -> set[str]:
        """What is below a folder, by names that begin behind it."""
        path = self._path(prefix) if prefix else self._root
        with self._explaining(f"list {prefix or 'what is there'}"):
            files = self._open()
            try:
                found = ask(files, path)
            except FileNotFoundError:
                found = ()
            if not found:
                self._require_bucket()
        start = f"{path}/"
        return {one.removeprefix(start).rstrip("/") for one in found if one.startswith(start)} - {""}

    def _require_bucket(self) -> None:
        """Raise StoreError where there is no such bucket: a look into it finds nothing either."""
        if self._is_there:
            return
        try:
            self._open().ls(self._bucket, detail=False, timeout=ANSWER_S)
        except FileNotFoundError:
            raise StoreError(f"There is no bucket {self._bucket}. Make it, or check {self.address}.") from None
        self._is_there = True

    def _path(self, key: str) -> str:
        require_key(key)
        return f"{self._root}/{key}"

    def _open(self) -> Any:
        if self._files is None:
            self._files = self._opened()
        return self._files

    @contextlib.contextmanager
    def _explaining(self, what: str) -> Iterator[None]:
        """Say which action failed, and what the service said; its libraries raise a dozen kinds of errors."""
        try:
            yield
        except OmloopError:
            raise
        except FileNotFoundError as error:
            raise StoreError(f"Cannot {what} in {self.address}: there is no bucket {self._bucket}. Make it.") from error
        except Exception as error:
            LOG.debug("cannot %s in %s", what, self.address, exc_info=True)
            said = "it does not answer" if isinstance(error, TimeoutError) else without_secrets(first_line(error))
            reason = said.rstrip(".") or type(error).__name__
            raise StoreError(f"Cannot {what} in {self.address}: {reason}. {self.rights}") from error

    @abstractmethod
    def _opened(self) -> Any:
        """The file system of fsspec; raises MissingExtraError."""

    @abstractmethod
    def _marked(self, mark: str) -> Mapping[str, object]:
        """Arguments of `pipe_file` that keep `mark` with the object."""

    @abstractmethod
    def _mark_of(self, path: str) -> str:
        """The mark of an object; empty where it has none."""

    def _is_taken(self, error: Exception) -> bool:
        """Whether a conditional write failed since the key exists."""
        return isinstance(error, FileExistsError)

    def _is_contended(self, error: Exception) -> bool:
        """Whether a conditional write failed since another one of the same key was under way."""
        return False


def _read_cached(path: Path) -> bytes | None:
    """The cached content of an object; None where there is none, or where its digest does not match."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, content = content[:32], content[32:]
    return content if hashlib.sha256(content).digest() == digest else None
