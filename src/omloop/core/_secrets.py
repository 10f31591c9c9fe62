"""Texts without what looks like a secret: omloop may print, log or send a message."""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"

_NAMES = r"pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|private|kaggle)[_-]?key|credentials?|sig(?:nature)?"
_SHAPES = (
    # A user and a password in an address, and the values of its query (RFC 3986, sections 3.2.1 and 3.4).
    (re.compile(r"(?<=://)[^\s/@'\"?#]+@"), f"{HIDDEN}@"),
    # Commas, semicolons and brackets are of a query (section 3.4), unless they end it in a sentence.
    (re.compile(r"(\w://[^\s'\"?#]*)\?(?:[^\s'\"#,;)]|[,;)]+(?=[^\s'\"#,;)]))+"), rf"\1?{HIDDEN}"),
    # A value that its name calls a secret, as in TOML, YAML, JSON and a shell.
    (
        re.compile(rf"(?i)\b((?:\w+[_-])?(?:{_NAMES}))(['\"]?\s?[=:]\s?)(?!\*)(['\"]?)([^\s'\",;]{{4,}})"),
        rf"\1\2\3{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic) [A-Za-z0-9+/=._~-]{8,}"), rf"\1 {HIDDEN}"),
    # What well-known services begin theirs with: GitHub, Hugging Face, Slack, OpenAI, AWS.
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|hf_|xox[abprs]-|sk-|AKIA|ASIA)[A-Za-z0-9_-]{12,}"), HIDDEN),
    (re.compile(r"\bomk_[0-9a-f]{12}_[A-Za-z0-9_-]{12,}"), HIDDEN),  # our own API keys
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*", re.DOTALL), HIDDEN),
)


def without_secrets(text: str) -> str:
    """The text with three stars for passwords, tokens, keys, and the values of an address's query.

    >>> without_secrets("https://ada:pw@host/data.csv?sig=abc cannot be reached")
    'https://***@host/data.csv?*** cannot be reached'
    >>> without_secrets("kaggle_key = 'abcd1234' is no setting")
    "kaggle_key = '***' is no setting"
    """
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def without_secret_values(values: Any, name: str = "") -> Any:
    """A configuration, lists and sections included, with three stars where a value is a secret by itself or its name.

    >>> without_secret_values({"url": "https://host/data.csv?sig=abc", "kaggle_key": "abcd1234", "rows": 500})
    {'url': 'https://host/data.csv?***', 'kaggle_key': '***', 'rows': 500}
    """
    if isinstance(values, Mapping):
        return {key: without_secret_values(value, str(key)) for key, value in values.items()}
    if isinstance(values, list):
        return [without_secret_values(value, name) for value in values]
    if values is None or isinstance(values, bool):
        return values
    named = f"{name}={values}"  # a name such as `token` says more than its value
    kept = without_secrets(named)
    return values if kept == named else kept[len(name) + 1 :]
