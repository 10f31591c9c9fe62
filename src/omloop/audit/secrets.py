"""What looks like a real secret in a source: by its shape, or by its name and because no person would make it up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omloop.core import without_secrets

MOST_LENGTH = 4096
_PAIR = re.compile(r"""([A-Za-z][\w.-]{1,59})['"]?\s?[=:]\s?['"]?([^\s'",;#{}]{12,200})""")
"""A name and its value, anywhere in a line: of YAML, an environment, a command."""
_ENV = re.compile(r"""^\s*ENV\s+(\w{2,60})\s+['"]?([^\s'"]{12,200})""")
_LOGIN = re.compile(r"\bwandb\s+login\b(?:\s+--[\w-]+)*\s+([0-9a-f]{40})\b")
_NAME = re.compile(r"""^\s*-?\s*name:\s*['"]?([\w.-]{2,60})""")
_VALUE = re.compile(r"""^\s*-?\s*value:\s*['"]?([^\s'"]{12,200})""")
"""The line below a name, in the settings of a container."""
_KAGGLE = re.compile(r"""['"]username['"]:\s*['"][^'"]+['"],\s*['"]key['"]:\s*['"]([0-9a-f]{32})['"]""")
_ADDRESS = re.compile(r"""://[^\s/@'"?#:]+:([^\s/@'"?#:]{12,200})@[\w.-]*\.[a-z]{2,}(?![\w.-])""")
"""A user and a password for a host with a domain, which `localhost` and a container's name are not."""
_WORDS = re.compile(r"(?i)pass|secret|admin|1234")
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KNOWN = re.compile(
    r"(?<![\w-])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|hf_[A-Za-z0-9]{20,}|xox[abprs]-[\w-]{16,}|sk-[\w-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35})(?![\w-])"
)
_INVENTED = re.compile(
    r"(?i)example|changeme|change-me|placeholder|dummy|your|xxx|test|fake|sample|insert|1234567|abcdef|1a2b3c|a1b2c3|0123456|deadbeef|\*\*\*|\.\.\."
)


def is_secret(name: str, value: str) -> bool:
    """Whether the value looks like a secret that somebody uses.

    >>> is_secret("wandb_api_key", "5f0d3b1c9a7e4f6280b1d2c3e4f5a6b7c8d9e0f1")
    True
    >>> is_secret("api_key", "your-key-goes-here"), is_secret("path", "5f0d3b1c9a7e4f6280b1d2c3e4f5a6b7c8d9e0f1")
    (False, False)
    """
    if len(value) < 16:
        return False
    if len(value) > MOST_LENGTH or _INVENTED.search(value):
        return bool(_PRIVATE.search(value[:MOST_LENGTH])) and value.count("\n") > 2
    if _PRIVATE.search(value):
        return value.count("\n") > 2 or value.count("\\n") > 2
    if found := _KNOWN.search(value):
        return _is_random(found[0])
    if found := _ADDRESS.search(value):
        return _is_random(found[1], 12) and not _WORDS.search(found[1])
    if not name or not _is_random(value):
        return False
    line = f"{name.replace('.', '_').lower()}={value}"
    return without_secrets(line) != line


def secret_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines of settings or of commands that give a secret, with the name of that secret."""
    above = ""
    for number, line in enumerate(text.splitlines(), 1):
        if _PRIVATE.search(line) and len(line) > 200:
            yield number, "private key"
        elif name := next((name for name, value in _given(line, above) if is_secret(name, value)), ""):
            yield number, name
        elif len(line) < MOST_LENGTH and _has_shape(line):
            yield number, "key"
        above = line[:400]


def _has_shape(line: str) -> bool:
    shape = _KNOWN.search(line) or _ADDRESS.search(line)
    return shape is not None and is_secret("", shape[0])


def _given(line: str, above: str) -> Iterator[tuple[str, str]]:
    """Names and values in a line; `above` may have the name of a container's variable."""
    if len(line) >= 400:
        return
    yield from ((found[1], found[2]) for found in (*_PAIR.finditer(line), *_ENV.finditer(line)))
    both = f"{above} {line}"  # Kaggle's file is of one line, or of several
    yield from (("kaggle_key", found[1]) for found in _KAGGLE.finditer(both) if found.end() > len(above) + 1)
    yield from (("wandb_api_key", found[1]) for found in _LOGIN.finditer(line))
    if (value := _VALUE.match(line)) and (name := _NAME.match(above)):
        yield name[1], value[1]


def _is_random(value: str, least: int = 16) -> bool:
    """So many characters or more without blanks, letters and digits mixed, many different; no path, no variable."""
    if len(value) < least or not re.fullmatch(r"[A-Za-z0-9+/=_.~-]+", value) or value.count("/") > 2:
        return False
    if re.fullmatch(r"[a-z]+([_.-][a-z0-9]+)*|[A-Z]+([_-][A-Z0-9]+)*", value):
        return False
    digits = sum(char.isdigit() for char in value)
    return digits >= 3 and digits < len(value) and len(set(value)) >= 8
