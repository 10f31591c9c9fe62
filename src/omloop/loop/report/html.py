"""Writing a report as one web page."""

from __future__ import annotations

from pathlib import Path

from omloop.core import OmloopError, StoreError, write_whole
from omloop.loop.report.find import find_report, read_report
from omloop.loop.report.pictures import NoPictureError, ReportPictures

PAGE = "report.html"
LARGEST = 2 * 2**20
"""Characters of a report that becomes a page: some seconds' work. One of the course's has 40,000."""
MOST_PICTURES = 60 * 2**20
"""Characters that all pictures together take in a page."""


def write_report_page(given: str | Path = ".", output: str | Path | None = None) -> Path:
    """Write a report as one page, beside it as report.html or to `output`, and say where.

    Raises OmloopError where there is no report, or where the page would overwrite it.
    """
    from omloop.report.course.page import course_page

    path = find_report(given)
    document = read_report(path)
    if len(document.text) > LARGEST:
        raise OmloopError(f"'{path}' has {len(document.text):,} characters; a page is made of {LARGEST:,} at most.")
    page = Path(output) if output else path.parent / PAGE
    if page.is_dir():
        page /= PAGE
    if page.exists() and page.samefile(path):
        raise OmloopError(f"'{page}' is the report itself. Name another file: --output {PAGE}")
    _write(page, course_page(document, path.stem, _Inlined(ReportPictures.of(path))))
    return page


def _write(page: Path, text: str) -> None:
    try:
        write_whole(page, text.encode("utf-8"))
    except StoreError as error:
        why = getattr(error.__cause__, "strerror", None) or "the system refuses"
        raise OmloopError(f"Cannot write '{page}': {why}. Name another place: --output FILE") from error


class _Inlined:
    """Pictures as addresses that hold them whole, as long as there is room."""

    def __init__(self, pictures: ReportPictures) -> None:
        self._pictures, self._room = pictures, MOST_PICTURES

    def __call__(self, path: str) -> str:
        uri = self._pictures.data_uri(path)
        if len(uri) > self._room:
            raise NoPictureError(f"the picture '{path[:80]}' has no room: all pictures take more than 60 MB")
        self._room -= len(uri)
        return uri
