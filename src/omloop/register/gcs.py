"""Blobs in a bucket of Google Cloud Storage. A key is created with `ifGenerationMatch=0`."""

import logging
import os
from collections.abc import Mapping
from typing import Any

from omloop.core import explain_missing
from omloop.register.remote import CONNECT_S, SILENT_S, RemoteBlobs

EMULATOR = "STORAGE_EMULATOR_HOST"
"""The variable by which Google's own libraries find an emulator; it asks for no credentials."""


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
        with explain_missing("The store backend 'gs'"):
            import aiohttp
            from gcsfs.core import GCSFileSystem  # not the one that asks another service what kind of bucket it is

        logging.getLogger("gcsfs").setLevel(logging.CRITICAL + 1)  # it logs stack traces of what it raises
        return GCSFileSystem(
            token="anon" if os.environ.get(EMULATOR) else None,
            requests_timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENT_S),
            skip_instance_cache=True,
            use_listings_cache=False,
        )

    def _marked(self, mark: str) -> Mapping[str, object]:
        return {"metadata": {"omloop-writer": mark}}

    def _mark_of(self, path: str) -> str:
        found = self._open().info(path)
        return str((found.get("metadata") or {}).get("omloop-writer", ""))
