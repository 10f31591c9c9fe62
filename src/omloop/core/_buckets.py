"""Opens bucket services through fsspec: bounded in time, and without the listings that its clients cache."""

from __future__ import annotations

import importlib
import logging
import os
from typing import Any

from omloop.core._extras import explain_missing

CONNECT_S, SILENT_S = 10.0, 30.0
"""How long a service may take to accept a connection, and how long it may send nothing."""
TRIES = 4
"""How often to send a request to S3 that failed on the way, after 0.1, 0.17 and 0.29 seconds."""
EMULATOR = "STORAGE_EMULATOR_HOST"
"""The variable where Google's own libraries look for an emulator; an emulator needs no credentials."""
_FRESH = {"skip_instance_cache": True, "use_listings_cache": False}


def open_gcs(who: str, *, anonymous: bool = False) -> Any:
    """The file system of Google Cloud Storage, with the application default credentials unless it is `anonymous`.

    Raises MissingExtraError, which says that `who` cannot work.
    """
    with explain_missing(who):
        # Not `gcsfs.GCSFileSystem`, which asks another service what kind of bucket it is.
        system, client = importlib.import_module("gcsfs.core").GCSFileSystem, importlib.import_module("aiohttp")
    logging.getLogger("gcsfs").setLevel(logging.CRITICAL + 1)  # it logs stack traces of what it raises
    bounds = client.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENT_S)
    token = "anon" if anonymous or os.environ.get(EMULATOR) else None
    return system(token=token, requests_timeout=bounds, **_FRESH)


def open_s3(who: str, *, anonymous: bool = False) -> Any:
    """The file system of S3, or of the service at AWS_ENDPOINT_URL, with AWS's usual credentials unless `anonymous`.

    Raises MissingExtraError, which says that `who` cannot work.
    """
    with explain_missing(who):
        system = importlib.import_module("s3fs").S3FileSystem
    bounds = {"connect_timeout": CONNECT_S, "read_timeout": SILENT_S, "retries": {"max_attempts": 1}}
    files = system(anon=anonymous, config_kwargs=bounds, **_FRESH)
    files.retries = TRIES  # the library's own, around those of its client
    return files
