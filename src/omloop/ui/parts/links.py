"""Links that many pages have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.ui.parts.markup import Html, tag, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

SHORT = 8
"""Characters of a version or of a prediction's id by which people tell them apart."""


def version_link(visit: Visit, version: str) -> Html:
    """A version in short, as a link to its page."""
    return tag("a", text(version[:SHORT]), href=visit.page("versions", v=version))
