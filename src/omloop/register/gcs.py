"""Blobs in a bucket of Google Cloud Storage. A write with `ifGenerationMatch=0` creates a key."""

from collections.abc import Mapping
from typing import Any

from omloop.core import open_gcs
from omloop.register.remote import RemoteBlobs


class GcsBlobs(RemoteBlobs):
    """Named byte strings in a bucket such as `gs://my-bucket/versions`.

    Credentials are Google's application default ones: of the service account on Google Cloud, of
    `gcloud auth application-default login`, or of the file that GOOGLE_APPLICATION_CREDENTIALS names.
    """

    extra, example = "gcs", "gs://my-bucket/versions"
    rights = (
        "Check the network and the rights of the account: the role Storage Object User on the bucket is enough. "
        "Log in with: gcloud auth application-default login"
    )

    def _opened(self) -> Any:
        return open_gcs("The store backend 'gs'")

    def _marked(self, mark: str) -> Mapping[str, object]:
        return {"metadata": {"omloop-writer": mark}}

    def _mark_of(self, path: str) -> str:
        found = self._open().info(path)
        return str((found.get("metadata") or {}).get("omloop-writer", ""))
