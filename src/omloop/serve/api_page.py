"""The page about the API, joined from the files in `page/`: one file for browsers, which fetches nothing."""

import base64
import hashlib
from importlib import resources

# In the order in which each needs those before it.
SCRIPTS = ("element.js", "fields.js", "rows.js", "answer.js", "calls.js", "request.js", "show.js")


def api_page() -> tuple[str, str]:
    """The page, and the policy that lets a browser run its script and style alone and ask its own server alone."""
    folder = resources.files("omloop.serve").joinpath("page")
    page, style, *scripts = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "page.css", *SCRIPTS)
    )
    script = "\n".join(scripts)
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page.replace("/* page.css */", style).replace("/* *.js */", script), policy


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
