"""The picture files of a report: none from outside of its repository, none that a browser does not show."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from omloop.core import InputError

LARGEST = 10 * 2**20
"""Bytes of a picture; a screenshot has one million at most, and a page with many must still be sent by mail."""
MOST_PIXELS = 100_000_000
"""Pixels of a picture: as many as a browser holds in 400 MB. A screenshot of the largest screen has 33 million."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_SVG = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<svg\b", re.DOTALL)
_ACTIVE = re.compile(r"<\s*(?:script|foreignObject|iframe|!ENTITY|!DOCTYPE)|\bon\w+\s*=|javascript:", re.IGNORECASE)


class NoPictureError(LookupError):
    """A picture that is not shown; says why in a few words."""


@dataclass(frozen=True)
class ReportPictures:
    """The pictures that a report in `folder` may show: files below `root`, its repository or else its folder."""

    folder: Path
    root: Path

    @classmethod
    def of(cls, report: Path) -> ReportPictures:
        """The pictures of a report."""
        folder = report.resolve().parent
        return cls(folder, repository_of(folder) or folder)

    def problem(self, path: str) -> str:
        """What is wrong with the picture at a path of the report, or nothing."""
        if _SCHEME.match(path) and path.lower().startswith(("http://", "https://")):
            return ""
        try:
            self.read(path)
        except NoPictureError as error:
            return str(error)
        return ""

    def data_uri(self, path: str) -> str:
        """The picture as an address that holds it whole. Raises NoPictureError."""
        media_type, content = self.read(path)
        return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"

    def read(self, path: str) -> tuple[str, bytes]:
        """The media type and the content of a picture. Raises NoPictureError."""
        shown = f"'{path[:80]}'"
        file = self._file(path, shown)
        try:
            if file.stat().st_size > LARGEST:
                raise NoPictureError(f"the picture {shown} has more than {LARGEST // 2**20} MB: make it smaller")
            content = file.read_bytes()
        except OSError as error:
            raise NoPictureError(f"the picture {shown} cannot be read") from error
        return _media_type(content, shown), content

    def _file(self, path: str, shown: str) -> Path:
        if not path:
            raise NoPictureError("a picture without a file")
        if _SCHEME.match(path) or "\\" in path:
            raise NoPictureError(f"{shown} is no path of a picture: name a file, such as figures/bucket.png")
        plain = unquote(path.partition("?")[0].partition("#")[0])
        at_root = plain.startswith("/")  # as GitHub reads it: from the repository
        try:
            file = ((self.root if at_root else self.folder) / plain.lstrip("/")).resolve()
            there = file.is_file()
        except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL, links in a circle (Python 3.11, 3.12)
            raise NoPictureError(f"the picture {shown} is not there") from error
        if not file.is_relative_to(self.root):
            raise NoPictureError(f"the picture {shown} lies outside of the repository")
        if not there:
            raise NoPictureError(f"the picture {shown} is not there{self._elsewhere(file.name)}")
        return file

    def _elsewhere(self, name: str) -> str:
        """Where a file of that name lies, as the report would write it."""
        found = self._nearby.get(name.casefold())
        return f", but '{Path(os.path.relpath(found, self.folder)).as_posix()[:200]}' is" if found else ""

    @cached_property
    def _nearby(self) -> Mapping[str, Path]:
        """The files where a report's pictures may lie, by name in lower case; the first of a name counts."""
        folders = self.folder, self.folder / "figures", self.root, self.root / "reports", self.root / "reports/figures"
        return {one.name.casefold(): one for folder in reversed(folders) for one in reversed(_files(folder))}


def repository_of(folder: Path) -> Path | None:
    """The checkout that a folder lies in."""
    return next((one for one in (folder, *folder.parents) if os.path.lexists(one / ".git")), None)


def _files(folder: Path) -> Sequence[Path]:
    try:
        return sorted(one for one in folder.iterdir() if one.is_file())
    except OSError:  # no folder, or one that may not be read
        return ()


def _media_type(content: bytes, shown: str) -> str:
    from omloop.kinds.image.header import FORMATS, header

    if _SVG.match(content[:4096]):
        return _drawing(content, shown)
    try:
        name, width, height = header(content)
    except InputError as error:
        raise NoPictureError(f"{shown} is no picture that a browser shows; take a PNG or a JPEG") from error
    if width * height > MOST_PIXELS:
        raise NoPictureError(f"the picture {shown} has {width:,} x {height:,} pixels: make it smaller")
    return FORMATS[name]


def _drawing(content: bytes, shown: str) -> str:
    """A browser runs nothing of an SVG in a picture; one that has something to run is refused all the same."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoPictureError(f"the drawing {shown} is not in UTF-8") from error
    if _ACTIVE.search(text):
        raise NoPictureError(f"the drawing {shown} holds a program: save it as a PNG")
    return "image/svg+xml"
