"""What a checkout holds that no commit has: a patch of bounded size, without what looks like a secret."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from omloop.core import without_secrets

MOST_BYTES = 1_000_000
"""Changes of files that do not fit into so many bytes together are left out, and named."""
MOST_READ = 32_000_000
MOST_NAMES = 200
TIMEOUT_S = 10.0
_FILE = re.compile(r"^(?=diff --git )", re.MULTILINE)
_PATH = re.compile(r"diff --git \"?a/(.*?)\"? \"?b/(.*?)\"?$", re.MULTILINE)
# Files that hold little else than secrets.
_SECRET_FILE = re.compile(
    r"(?i)(?:.*/)?(?:\.env(?:\..*)?|\.netrc|\.pgpass|\.npmrc|\.pypirc|id_(?:rsa|dsa|ecdsa|ed25519)|kaggle\.json"
    r"|(?:.*[._-])?(?:credentials?|secrets?)(?:\.(?:json|ya?ml|toml|ini|env|txt))?|.*\.(?:pem|key|p12|pfx|jks|keystore))"
)
_QUIET = ("-c", "core.quotepath=off", "-c", "core.fsmonitor=false")
_DIFF = (
    "--binary",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


def uncommitted_changes(folder: Path) -> bytes | None:
    """The changes of the whole checkout that holds `folder` since its last commit; None where there are none to tell.

    It is a patch for `git apply`, behind lines that name what it leaves out. These are untracked files, changes of more
    than `MOST_BYTES` together, and files that hold secrets.
    """
    status = _git(folder, "status", "--porcelain=v1", "-z")
    if not status:
        return None
    untracked = [name[3:] for name in status.split("\0") if name.startswith("?? ")]
    diff = _git(folder, "diff", "HEAD", *_DIFF)
    return patch(diff, untracked).encode("utf-8", "surrogateescape") if diff or untracked else None


def patch(diff: str | None, untracked: Sequence[str], most: int = MOST_BYTES) -> str:
    """A diff without secrets, within `most` bytes, behind lines that name what it lacks; None: git gave the diff up."""
    notes, kept = [], []
    for before, name, change in _changes(diff or ""):
        size = len(change.encode("utf-8", "surrogateescape"))
        if _SECRET_FILE.fullmatch(name) or _SECRET_FILE.fullmatch(before) or "PRIVATE KEY-----" in change:
            notes.append(f"left out: {name} ({size:,} bytes), which may hold secrets")
        elif size > most:
            notes.append(f"left out: {name} ({size:,} bytes), too large")
        else:
            most -= size
            kept.append(_clean(change))
            if kept[-1] != change:
                notes.append(f"{name}: what looks like a secret is written as ***, and may not apply")
    names = [f"untracked, not in here: {name}" for name in untracked[:MOST_NAMES]]
    if len(untracked) > MOST_NAMES:
        names.append(f"untracked, not in here: {len(untracked) - MOST_NAMES:,} more")
    if diff is None:
        notes.append("the changes could not be read from git in time, or there is no commit yet")
    elif len(diff) >= MOST_READ:
        notes.append(f"left out: all behind the first {MOST_READ:,} bytes")
    return "".join(f"# {' '.join(line.split())}\n" for line in [*notes, *names]) + "".join(kept)


def _changes(diff: str) -> Iterator[tuple[str, str, str]]:
    """The name before, the name now and the change of each file."""
    for change in filter(None, _FILE.split(diff)):
        found = _PATH.match(change)
        yield (found[1], found[2], change) if found else ("", "a file", change)


def _clean(change: str) -> str:
    """A change without secrets; line by line, so that the shape of the patch stays."""
    if without_secrets(change) == change:
        return change
    return "".join(without_secrets(line) for line in change.splitlines(keepends=True))


def _git(folder: Path, *words: str) -> str | None:
    """The answer of git, `MOST_READ` bytes of it at most; None where git fails or takes too long."""
    whole = ["git", "--no-optional-locks", *_QUIET, *words]
    try:
        process = subprocess.Popen(whole, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    late = threading.Timer(TIMEOUT_S, process.kill)
    late.start()
    with process:
        assert process.stdout is not None  # noqa: S101  it is a pipe
        content = process.stdout.read(MOST_READ)
        cut = len(content) == MOST_READ
        if cut:
            process.kill()
    late.cancel()
    if process.returncode != 0 and not cut:
        return None
    return content.decode("utf-8", "surrogateescape")
