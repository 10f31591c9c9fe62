"""The source `gcs`: objects of Google Cloud Storage, or of an emulator (STORAGE_EMULATOR_HOST)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from omloop.core import open_gcs
from omloop.data.sources.bucket import BucketData


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
        return open_gcs("The data source 'gcs'", anonymous=self.anonymous)
