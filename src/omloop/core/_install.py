"""How this very installation of omloop gets another extra."""

import json
import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit


def install_command(extra: str, package: str = "omloop") -> str:
    """The command that adds an extra to this installation: to omloop's clone where that runs, else to the package.

    >>> install_command("torch").endswith("[torch]'")
    True
    """
    clone = _clone() if package == "omloop" else None
    if clone is None:
        return f"{_pip()} install '{package}{f'[{extra}]' if extra else ''}'"
    where = "." if clone == Path.cwd() else str(clone)
    return f"{_pip()} install -e {_quoted(f'{where}[{extra}]')}"


def _clone() -> Path | None:
    """The folder of an editable install, by its record (PEP 610)."""
    # Imported here: both read half of the standard library, and every command would wait for them.
    from importlib import metadata
    from urllib.request import url2pathname

    try:
        record = json.loads(metadata.distribution("omloop").read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    if not record.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(record["url"]).path))


def _pip() -> str:
    """`pip` where the shell finds this Python's own, else by way of this Python."""
    found = shutil.which("pip")
    if found and Path(found).parent.samefile(Path(sys.executable).parent):
        return "pip"
    return f"{shlex.quote(sys.executable)} -m pip"


def _quoted(text: str) -> str:
    """The text in single quotes, which shells need around brackets."""
    return shlex.quote(text) if "'" in text else f"'{text}'"
