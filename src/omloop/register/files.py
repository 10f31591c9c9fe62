"""Blobs as files below one folder of this machine."""

from pathlib import Path
from typing import Self

from omloop.core import StoreError, as_store_error, write_new, write_whole
from omloop.register.keys import is_staged, require_key


class FileBlobs:
    """Named byte strings, each one a file below `root`; the first of them makes the folder.

    A key is a relative name with slashes between its parts. `root` must lie on a file system with hard links
    (ext4, XFS, APFS, NTFS): a link is what makes `create` exclusive.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def of(cls, address: str, folder: Path) -> Self:
        """The store in the folder that an address names, such as `files:/srv/versions`, else in `folder`."""
        return cls(Path(address).expanduser() if address else folder)

    def read(self, key: str) -> bytes:
        """The content of `key`; raises StoreError if there is none, or if reading fails."""
        path = self._path(key)
        with as_store_error("read", path):
            if path.is_file():
                return path.read_bytes()
        raise StoreError(f"The store {self._root} holds no '{key}'. Check the workspace that you are looking in.")

    def create(self, key: str, content: bytes) -> None:
        """Write a new `key`; raises ConflictError if it exists, and StoreError if writing fails."""
        write_new(self._path(key), content)

    def replace(self, key: str, content: bytes) -> None:
        """Write `key`, whether it exists or not; raises StoreError if writing fails."""
        write_whole(self._path(key), content)

    def list(self, prefix: str) -> list[str]:
        """Names directly under the folder `prefix`, sorted; none for a folder that does not exist.

        An empty prefix means the whole store. The list leaves out files that a killed writer left half-written.
        """
        folder = self._path(prefix) if prefix else self._root
        with as_store_error("list", folder):
            paths = folder.iterdir() if folder.is_dir() else ()
            return sorted(path.name for path in paths if not is_staged(path.name))

    def _path(self, key: str) -> Path:
        require_key(key)
        return self._root / key
