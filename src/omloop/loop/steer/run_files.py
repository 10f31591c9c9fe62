"""The files of a run in a safe form for a browser, which executes nothing in them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from omloop.core import UnknownNameError
from omloop.loop.steer.one_run import one_run
from omloop.loop.steer.request import Content
from omloop.loop.steer.runs import run_index
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
PAGES = (".html", ".htm")
SANDBOX = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""A page of a run shows what it holds, and runs, fetches and sends nothing."""
MOST_BYTES = 64 * 1024 * 1024
_LISTED = 20


def get_file(request: SteerRequest) -> Content:
    """A file of a run, by a name that the run lists."""
    index, run, name = run_index(request), one_run(request), request.path["name"]
    names = index.tracker.files(request.project, run.name)
    if name not in names:
        raise UnknownNameError(f"file of the run {run.name}", name[:80], names[:_LISTED])
    if index.files is not None and (size := index.files.size(request.project, run.name, name)) > MOST_BYTES:
        told = f"'{name:.80}' has {size / 1e6:,.0f} MB, more than a page gives; it lies in the folder of the run"
        raise Refusal(413, told)
    return file_content(name, index.tracker.read(request.project, run.name, name))


def file_content(name: str, content: bytes) -> Content:
    """A file as its ending says: a picture, a page that may do nothing, a text, or else something to save.

    >>> file_content("plots/loss.png", b"").media_type, file_content("card.md", b"# A card").media_type
    ('image/png', 'text/plain; charset=utf-8')
    >>> file_content("model.bin", b"\\xff").media_type
    'application/octet-stream'
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending in PICTURES:
        return Content(content, PICTURES[ending])
    if ending in PAGES:
        return Content(content, "text/html; charset=utf-8", {"Content-Security-Policy": SANDBOX})
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        saved = f"attachment; filename*=UTF-8''{quote(PurePosixPath(name).name)}"
        return Content(content, "application/octet-stream", {"Content-Disposition": saved})
    return Content(content, "text/plain; charset=utf-8", {"Content-Security-Policy": SANDBOX})
