"""The table of stores that can keep versions."""

from omloop.core import Backends

STORES = Backends(
    "store",
    {
        "files": "omloop.register.files:FileBlobs",
        "gs": "omloop.register.gcs:GcsBlobs",
        "s3": "omloop.register.s3:S3Blobs",
    },
)
"""Names of the `Blobs` adapters; each takes the address of its store."""

BUCKETS = ("gs", "s3")
"""Names of the stores that are a `Bucket`, which can keep runs and predictions too."""
