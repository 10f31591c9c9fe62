"""The bundle: an immutable set of files, addressed by the SHA-256 of their digests. Nothing in it is executed on load."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np

from omloop.bundle.manifest import Manifest, decode_manifest, encode_manifest
from omloop.bundle.reference import Reference
from omloop.core import BundleError, saying

MANIFEST = "manifest.json"
MODEL = "model.onnx"


@dataclass(frozen=True)
class Examples:
    """A few inputs with the answers that the model must give them: warm-up, self-test, documentation.

    `rows` are JSON values as the kind's `parse` takes them; `outputs` are the model's raw outputs.
    """

    rows: list[Any]
    outputs: list[Any]


@dataclass(frozen=True)
class Bundle:
    """All that serving and watching need of one version. `files` maps a relative path to its content."""

    manifest: Manifest
    files: Mapping[str, bytes]

    @classmethod
    def seal(cls, manifest: Manifest, files: Mapping[str, bytes]) -> Self:
        """Make a bundle of `files`, whose digests are written into the manifest."""
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
        return cls(replace(manifest, files=digests), dict(files))

    @classmethod
    def load(cls, read: Callable[[str], bytes], digest: str | None = None) -> Self:
        """Read and verify a bundle through `read(name)`.

        Raises BundleError when a file is missing or its SHA-256 is not the manifest's, or when the manifest's own is not
        `digest`.
        """
        content = read(MANIFEST)
        found = hashlib.sha256(content).hexdigest()
        if digest is not None and not found.startswith(digest):
            raise BundleError(
                f"manifest.json has SHA-256 {found[:12]}…, not {digest[:12]}…: it was changed or cut. Fetch the bundle again."
            )
        manifest = decode_manifest(content)
        files = {name: read(name) for name in manifest.files}
        for name, wanted in manifest.files.items():
            if hashlib.sha256(files[name]).hexdigest() != wanted:
                raise BundleError(f"{name} does not match its SHA-256: it was changed or cut. Fetch the bundle again.")
        if MODEL not in files:
            raise BundleError(f"The bundle holds no {MODEL}. Package the model again.")
        return cls(manifest, files)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read and verify the bundle in `folder`."""

        def read(name: str) -> bytes:
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise BundleError(
                    f"The manifest names '{name}', which lies outside the bundle. Do not use this bundle."
                )
            if not path.is_file():
                raise BundleError(f"{path} is missing: the bundle is incomplete. Fetch it again.")
            return path.read_bytes()

        return cls.load(read)

    def save(self, folder: Path) -> None:
        """Write the bundle into `folder`, which must be new; the manifest comes last, so a cut copy is no bundle."""
        with saying("write", folder):
            folder.mkdir(parents=True)
            for name, content in [*self.files.items(), (MANIFEST, self.manifest_bytes)]:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)

    @property
    def manifest_bytes(self) -> bytes:
        """The content of manifest.json."""
        return encode_manifest(self.manifest)

    @property
    def digest(self) -> str:
        """SHA-256 of manifest.json, and so of everything in the bundle; 64 hexadecimal digits."""
        return hashlib.sha256(self.manifest_bytes).hexdigest()

    @property
    def version(self) -> str:
        """The first 12 digits of the digest: what people type."""
        return self.digest[:12]

    @property
    def reference(self) -> Reference:
        """The training data as drift detection sees it."""
        return msgspec.json.decode(self.files["reference.json"], type=Reference)

    @property
    def examples(self) -> Examples:
        """Inputs with the answers that the model must give them."""
        return msgspec.json.decode(self.files["examples.json"], type=Examples)


def encode_examples(rows: list[Any], outputs: np.ndarray[Any, Any]) -> bytes:
    """The content of examples.json."""
    return msgspec.json.encode(Examples(rows, outputs.tolist()))
