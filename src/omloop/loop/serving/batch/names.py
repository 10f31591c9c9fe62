"""The columns that must be there before anything begins."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from omloop.core import InputError, did_you_mean, some


def require_columns(path: object, given: Sequence[str], read: Collection[str], keep: Collection[str]) -> None:
    """Raise InputError, which names each missing column that the model reads or the caller keeps."""
    missing = [name for name in read if name not in given]
    if missing:
        near = did_you_mean(missing[0], given)
        told = some(missing, quoted=True)
        hint = _separator(given)
        raise InputError(f"{path} lacks {told}, which the model reads.{near}{hint} Its columns are: {some(given)}")
    for name in keep:
        if name not in given:
            near = did_you_mean(name, given)
            raise InputError(f"{path} has no column '{name}' to keep.{near} Its columns are: {some(given, near=name)}")


def _separator(given: Sequence[str]) -> str:
    """Advice for a header with another separator than commas."""
    seen = {";": "semicolons", "\t": "tabs", "|": "'|'"}
    found = next((words for sign, words in seen.items() if len(given) == 1 and sign in given[0]), "")
    return f" Its fields are separated by {found}: save it with commas." if found else ""
