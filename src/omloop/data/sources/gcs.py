"""The source `gcs`: objects of Google Cloud Storage, or of an emulator (STORAGE_EMULATOR_HOST)."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any, ClassVar

from omloop.data.sources.bucket import CONNECT_S, SILENT_S, BucketData


@dataclass
class Gcs(BucketData):
    """The object or the folder at an address such as `gs://my-bucket/folder/data.csv`."""

    source: str = "gcs"

    SCHEME: ClassVar[str] = "gs"
    ENDPOINT: ClassVar[str] = "STORAGE_EMULATOR_HOST"
    RIGHTS: ClassVar[str] = (
        "Check the network and the rights of the account: the role Storage Object Viewer on the bucket is enough. Log "
        "in with gcloud auth application-default login; a public bucket is read with data.anonymous=true."
    )

    def opened(self) -> Any:
        """The service that the environment names."""
        import aiohttp
        from gcsfs.core import GCSFileSystem  # not the one that asks another service what kind of bucket it is

        logging.getLogger("gcsfs").setLevel(logging.CRITICAL + 1)  # it logs stack traces of what it raises
        return GCSFileSystem(
            token="anon" if self.anonymous or os.environ.get(self.ENDPOINT) else None,
            requests_timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENT_S),
            skip_instance_cache=True,
            use_listings_cache=False,
        )
