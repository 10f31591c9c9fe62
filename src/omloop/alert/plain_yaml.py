"""YAML that somebody wrote by hand: small, shallow, and without aliases that multiply.

A file of a few lines whose aliases stand for lists of aliases unfolds to gigabytes, and one that holds itself never
ends ("billion laughs", CWE-776). Such files are refused with the line, before anything unfolds them.
"""

from pathlib import Path

import yaml

from omloop.core import ConfigError

MOST_BYTES = 1 << 20
MOST_DEPTH = 32
MOST_ALIASES = 100
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def read_plain(path: Path) -> str:
    """The text of a YAML file; raises ConfigError, with the line, for one that is large, deep, unfolds or is no text.

    What is no YAML is left for whoever reads it to refuse. An alias may stand for a value that holds no alias itself.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(
                f"{path} is larger than {MOST_BYTES:,} bytes, and a few lines do. Take out what is no setting."
            )
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Check its rights, or move it away.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no UTF-8 text: {error.reason}. Save it as UTF-8.") from error
    if "*" in text or text.count("[") + text.count("{") > MOST_DEPTH or " " * MOST_DEPTH in text:
        _check(text, path)
    return text


def _check(text: str, path: Path) -> None:
    aliases, anchored = 0, list[bool]()
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            where = f"{path}, line {event.start_mark.line + 1}"
            if isinstance(event, _OPENS):
                anchored.append(bool(event.anchor) or any(anchored[-1:]))
            elif isinstance(event, _CLOSES):
                anchored.pop()
            elif isinstance(event, yaml.AliasEvent):
                aliases += 1
                if any(anchored) or aliases > MOST_ALIASES:
                    raise ConfigError(f"{where}: '*{event.anchor:.40}' unfolds without bound. Write the values out.")
            if len(anchored) > MOST_DEPTH:
                raise ConfigError(f"{where}: this is nested deeper than {MOST_DEPTH} levels. Write it flatter.")
    except (yaml.YAMLError, RecursionError):
        return
