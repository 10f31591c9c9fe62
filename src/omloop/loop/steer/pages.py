"""A workspace's pages and reports of a project, in one list, whoever made them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from omloop.core import OmloopError, StoreError, as_store_error
from omloop.loop.records.pages import KeptPage, kept_pages
from omloop.loop.steer.paging import Page
from omloop.loop.steer.request import Content
from omloop.loop.steer.run_files import MOST_BYTES, file_content
from omloop.loop.steer.runs import run_index
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.core import Tracker
    from omloop.loop.steer.request import SteerRequest
    from omloop.track import RunRecord

RUNS = 50
"""How many of the newest runs to list pages of; the files of any run lie beside the run."""
OF_RUNS = {
    "mistakes.html": ("mistakes", "The worst answers"),
    "samples.html": ("samples", "Some answers"),
    "menu.html": ("menu", "Variants of the model"),
}
"""The pages that runs keep, with their kinds and titles."""


@dataclass(frozen=True)
class _Listed:
    """A page to show, and how to read it."""

    name: str
    title: str
    kind: str
    made: float
    read: Callable[[], bytes]


def list_pages(request: SteerRequest) -> dict[str, object]:
    """Every page, the newest first."""
    found, page = sorted(_all(request), key=lambda one: (-one.made, one.name)), Page.of(request)
    pages = [
        {
            "name": one.name,
            "title": one.title,
            "kind": one.kind,
            "made": one.made,
            "url": f"/api/v1/projects/{quote(request.project)}/pages/{quote(one.name)}",
        }
        for one in page.part(found)
    ]
    return {**page.told(len(found)), "pages": pages}


def get_page(request: SteerRequest) -> Content:
    """A page by the name that the list gives it: no other name leads to a file."""
    name = request.path["name"]
    found = next((one for one in _all(request) if one.name == name), None)
    if found is None:
        raise Refusal(404, f"{request.project} has no page called '{name:.80}'; GET .../pages lists what there is")
    return file_content("page.html", found.read())


def _all(request: SteerRequest) -> Iterator[_Listed]:
    for one in kept_pages(request.project, request.workspace):
        yield _Listed(one.name, one.title, one.kind, one.made, partial(_content, one))
    yield from _of_runs(request)


def _of_runs(request: SteerRequest) -> Iterator[_Listed]:
    """The pages of the newest runs; an unreadable run has none."""
    index = run_index(request)
    tracker = index.tracker
    for run in index.whole(request.project, index.names(request.project)[:RUNS]):
        for file in _pages_of(request, tracker, run):
            kind, title = OF_RUNS[file]
            of = f" of {run.model}" if run.model else ""
            read = partial(tracker.read, request.project, run.name, file)
            yield _Listed(f"{run.name}-{file}", f"{title}{of}, run {run.name}", kind, _made(run), read)


def _pages_of(request: SteerRequest, tracker: Tracker, run: RunRecord) -> list[str]:
    """The pages of a run; for an ended run it asks once."""

    def look() -> list[str]:
        try:
            return [file for file in tracker.files(request.project, run.name) if file in OF_RUNS]
        except OmloopError:
            return []

    if run.status == "running":
        return look()
    found: list[str] = request.caches.once("run pages", (request.project, run.name, run.status), look, most=500)
    return found


def _made(run: RunRecord) -> float:
    return (run.started or 0.0) + (run.seconds or 0.0)


def _content(page: KeptPage) -> bytes:
    with as_store_error("read", page.path):
        size = page.path.stat().st_size
        if size > MOST_BYTES:
            raise StoreError(f"The page {page.name} has {size / 1e6:,.0f} MB, more than is shown.")
        return page.path.read_bytes()
