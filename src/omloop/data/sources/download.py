"""Fetching a file over HTTP once: whole or not at all, and with a check of its SHA-256 if the caller gives that."""

import hashlib
import http.client
import logging
import secrets
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import BinaryIO

from omloop.core import SourceError, as_store_error

LOG = logging.getLogger("omloop.data")
TIMEOUT_S = 30.0
"""Seconds without a byte."""
MOST_S = 3600.0
MOST_BYTES = 20 << 30
"""Of one file, whatever it claims to be; what is larger is better fetched by a tool that can go on where it stopped."""


def download(request: urllib.request.Request, target: Path, *, sha256: str = "", next_step: str) -> Path:
    """Fetch `request` into `target`, unless it lies there already; return `target`.

    `next_step` tells a user what to do when the address does not answer. Raises SourceError with it.
    """
    if target.is_file() and (not sha256 or sha256_of(target) == sha256):
        LOG.info("using %s, fetched earlier", target)
        return target
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with as_store_error("write", target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _fetch(request, partial, next_step)
            if sha256 and (found := sha256_of(partial)) != sha256:
                raise SourceError(
                    f"{request.full_url} has SHA-256 {found}, not {sha256}. Check the address or data.sha256."
                )
            partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _fetch(request: urllib.request.Request, partial: Path, next_step: str) -> None:
    if request.type not in ("http", "https"):
        step = {"s3": "Use data=s3.", "gs": "Use data=gcs."}.get(request.type, "For a local file use data=file.")
        raise SourceError(f"{request.full_url} is not an http or https address. {step}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer, partial.open("wb") as file:  # noqa: S310
            expected = answer.headers.get("Content-Length", "")
            length = int(expected) if expected.isdigit() else None
            _copy(answer, file, request.full_url, length or 0)
            if length is not None and file.tell() != length:
                raise SourceError(f"{request.full_url} broke off after {file.tell()} of {length} bytes. Try again.")
    except urllib.error.HTTPError as error:
        raise SourceError(f"{request.full_url} answered {error.code} {error.reason}. {next_step}") from error
    except http.client.InvalidURL as error:
        raise SourceError("The address has blanks or control characters in it. Write a blank as %20.") from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise SourceError(f"{request.full_url} cannot be reached: {reason}. {next_step}") from error


def _copy(answer: http.client.HTTPResponse, file: BinaryIO, address: str, length: int) -> None:
    """Write what comes; raises SourceError for more than `MOST_BYTES`, claimed or come, and for more than `MOST_S`."""
    by_hand = "Fetch it by hand and use data=file data.path=..."
    began = time.monotonic()
    while length <= MOST_BYTES and (piece := answer.read1(1 << 20)):
        file.write(piece)
        length = max(length, file.tell())
        if time.monotonic() - began > MOST_S:
            raise SourceError(f"{address} took more than {MOST_S:g} s. {by_hand}")
    if length > MOST_BYTES:
        raise SourceError(f"{address} is larger than {MOST_BYTES:,} bytes. {by_hand}")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
