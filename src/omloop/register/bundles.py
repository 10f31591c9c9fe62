"""Bundles in a store, each in a folder named after its digest."""

import hashlib

from omloop.bundle import MANIFEST, Bundle, Manifest
from omloop.bundle.manifest import decode_manifest
from omloop.core import Blobs, BundleError, ConflictError, ExportError, StoreError


class Bundles:
    """The bundles below `folder`. A bundle whose manifest is there is complete: `put` writes the manifest last."""

    def __init__(self, blobs: Blobs, folder: str) -> None:
        self._blobs = blobs
        self._folder = folder

    def put(self, bundle: Bundle) -> str:
        """Write what is not there yet of `bundle`, and return its digest.

        Raises BundleError for a bundle that would not load again, and ExportError for one not verified against its
        original. Raises StoreError if the store holds other content at a file's place.
        """
        _require_sound(bundle)
        digest = bundle.digest
        for name, content in [*bundle.files.items(), (MANIFEST, bundle.manifest_bytes)]:
            self._put(self._key(digest, name), content)
        return digest

    def load(self, digest: str) -> Bundle:
        """Read and verify a bundle; raises BundleError when a file is missing, cut or changed."""
        return Bundle.load(lambda name: self._get(digest, name), digest)

    def manifest(self, digest: str) -> Manifest:
        """Read and verify a bundle's manifest alone; raises BundleError when it is missing, cut or changed."""
        content = self._get(digest, MANIFEST)
        if hashlib.sha256(content).hexdigest() != digest:
            raise BundleError(f"{MANIFEST} does not match its SHA-256: it was changed or cut. Fetch the bundle again.")
        return decode_manifest(content)

    def file(self, digest: str, name: str) -> bytes | None:
        """One file of a bundle, verified; None where its manifest names no such file. Raises BundleError as `load`."""
        wanted = self.manifest(digest).files.get(name)
        if wanted is None:
            return None
        content = self._get(digest, name)
        if hashlib.sha256(content).hexdigest() != wanted:
            raise BundleError(f"{name} does not match its SHA-256: it was changed or cut. Fetch the bundle again.")
        return content

    def _put(self, key: str, content: bytes) -> None:
        try:
            self._blobs.create(key, content)
        except ConflictError as error:
            if self._blobs.read(key) != content:
                raise StoreError(
                    f"{key} is in the store already, with other content: it was changed or cut. "
                    "Remove that file and add the bundle again."
                ) from error

    def _get(self, digest: str, name: str) -> bytes:
        """A bundle's file; a file that is not there is a BundleError, a store out of reach stays a StoreError."""
        key = self._key(digest, name)
        try:
            return self._blobs.read(key)
        except StoreError as error:
            folder, _, last = key.rpartition("/")
            if last in self._blobs.list(folder):
                raise
            raise BundleError(f"{name} is missing: the bundle is incomplete. Add it again from a copy.") from error

    def _key(self, digest: str, name: str) -> str:
        return f"{self._folder}/{digest}/{name}"


def _require_sound(bundle: Bundle) -> None:
    """Refuse a bundle that would not load again, or that no check has shown to answer as the original does."""
    variants = bundle.manifest.variants.values()
    if variants and not any(variant.parity.verified for variant in variants):
        raise ExportError(
            "The packaged model was not verified against its original. Package it again before adding it."
        )
    contents = {**bundle.files, MANIFEST: bundle.manifest_bytes}
    for name in bundle.manifest.files:
        if name not in contents:
            raise BundleError(f"The bundle lacks {name}, which its manifest names. Package the model again.")
    Bundle.load(contents.__getitem__, bundle.digest)
