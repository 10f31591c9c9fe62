"""The source `s3`: objects of S3, or of what speaks its protocol, such as MinIO and R2 (AWS_ENDPOINT_URL)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from omloop.core import open_s3
from omloop.data.sources.bucket import BucketData


@dataclass
class S3(BucketData):
    """The object or the folder at an address such as `s3://my-bucket/folder/data.csv`."""

    source: str = "s3"

    SCHEME: ClassVar[str] = "s3"
    ENDPOINT: ClassVar[str] = "AWS_ENDPOINT_URL"
    RIGHTS: ClassVar[str] = (
        "Check the network and the rights of the account: s3:GetObject and s3:ListBucket are enough. Credentials come "
        "from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or the machine's role; a public bucket is read "
        "with data.anonymous=true."
    )

    def opened(self) -> Any:
        """The service that the environment names."""
        return open_s3("The data source 's3'", anonymous=self.anonymous)
