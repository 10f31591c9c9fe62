"""A composed configuration as dotted keys and texts, whatever somebody made of the file since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice

from omloop.core import without_secret_values

MOST_BYTES, MOST_SETTINGS, MOST_DEPTH, MOST_PIECES = 1 << 20, 10_000, 32, 10_000
LONGEST = 200


def flat_settings(text: str) -> dict[str, str]:
    """The composed configuration by dotted keys, without the words that made it, as the keys say the same."""
    import yaml

    try:
        composed = yaml.safe_load(text[:MOST_BYTES]) or {}
    except (yaml.YAMLError, ValueError, RecursionError):
        return {"(configuration)": "cannot be read"}
    found = islice(_leaves(composed, ""), MOST_SETTINGS)
    kept: dict[str, str] = without_secret_values({key: value for key, value in found if key != "overrides"})
    return kept


def _leaves(value: object, key: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value and depth < MOST_DEPTH:
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else str(name), depth + 1)
    else:
        yield key, _cut(value if isinstance(value, str) else _written(value))


def _written(value: object) -> str:
    """A value as JSON, piece by piece: aliases of YAML may stand for a list that has no end."""
    try:
        return "".join(islice(json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value), MOST_PIECES))
    except (ValueError, RecursionError):  # it holds itself
        return "(cannot be shown)"


def _cut(text: str) -> str:
    """A long text as its begin and a digest, so that two that differ look different."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}... ({len(text):,} characters, {hashlib.sha256(text.encode()).hexdigest()[:8]})"
