"""The table of stores that versions can be kept in."""

from omloop.core import Backends

STORES = Backends(
    "store",
    {
        "files": "omloop.register.files:FileBlobs",
        "gs": "omloop.register.gcs:GcsBlobs",
        "s3": "omloop.register.s3:S3Blobs",
    },
)
"""Names of the `Blobs` adapters; each is made with the address of its store."""

BUCKETS = ("gs", "s3")
"""Names of those that are a `Bucket`, in which runs and predictions can be kept too."""
