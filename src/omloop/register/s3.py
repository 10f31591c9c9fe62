"""Blobs in a bucket of S3, or of a service that speaks its protocol. A write with `If-None-Match: *` creates a key."""

import errno
from collections.abc import Mapping
from typing import Any

from omloop.core import open_s3
from omloop.register.remote import RemoteBlobs


class S3Blobs(RemoteBlobs):
    """Named byte strings in a bucket such as `s3://my-bucket/versions`.

    Credentials and the service's address come from the places of AWS's own tools: AWS_ACCESS_KEY_ID, AWS_PROFILE, a
    role of the machine. AWS_ENDPOINT_URL is for MinIO, R2 and others. The service must honour `If-None-Match` on
    writes, as Amazon's does since August 2024.
    """

    extra, example = "s3", "s3://my-bucket/versions"
    rights = (
        "Check the network and the rights of the account: s3:GetObject, s3:PutObject and s3:ListBucket are enough. "
        "Credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or the machine's role."
    )

    def _opened(self) -> Any:
        return open_s3("The store backend 's3'")

    def _marked(self, mark: str) -> Mapping[str, object]:
        return {"Metadata": {"omloop-writer": mark}}

    def _mark_of(self, path: str) -> str:
        return str(self._open().metadata(path, refresh=True).get("omloop-writer", ""))

    def _is_taken(self, error: Exception) -> bool:
        said = (
            getattr(error.__cause__, "response", None) or {}
        )  # services other than Amazon's do not say which condition
        return isinstance(error, FileExistsError) or said.get("Error", {}).get("Code") == "PreconditionFailed"

    def _is_contended(self, error: Exception) -> bool:
        return isinstance(error, OSError) and error.errno == errno.EBUSY
