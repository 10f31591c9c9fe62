"""Handwritten YAML: small, shallow, without multiplying aliases, and with the lines of its keys.

Aliases for lists of aliases unfold a file of a few lines to gigabytes, and a list that holds itself never ends
("billion laughs", CWE-776). This reader refuses such files with the line, before anything unfolds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from omloop.core import ConfigError, Place

MOST_BYTES = 1 << 20
MOST_DEPTH = 32
MOST_ALIASES = 100
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


@dataclass(frozen=True)
class PlainYaml:
    """A file's text, its root node, None if it is empty, and the line, from 1, of each key of its mappings.

    The path of keys identifies a key; it does not look into lists.
    """

    text: str
    root: object
    lines: Mapping[tuple[str, ...], int]
    path: Path

    def place(self, *key: str) -> Place:
        """Where a key stands; the file alone for one that it does not have."""
        return Place(str(self.path), self.lines.get(key, 0))


def read_plain(path: Path) -> PlainYaml:
    """Read a YAML file, without unfolding it or making values.

    Raises ConfigError, with the line, for a file that is large, deep, unfolds, is no text or no YAML, or has a key
    twice. An alias may stand for a value that holds no alias itself.
    """
    text = _text(path)
    if "*" in text or text.count("[") + text.count("{") > MOST_DEPTH or " " * MOST_DEPTH in text:
        _check(text, path)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = Place(str(path), mark.line + 1 if mark else 0)
        raise ConfigError(f"this is no YAML: {problem or type(error).__name__}.", place) from error
    return PlainYaml(text, root, _lines(root, path), path)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(
                f"{path} is larger than {MOST_BYTES:,} bytes, and a few lines do. Take out what is no setting."
            )
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Check its rights, or move it away.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no UTF-8 text: {error.reason}. Save it as UTF-8.") from error


def _lines(root: object, path: Path) -> Mapping[tuple[str, ...], int]:
    lines: dict[tuple[str, ...], int] = {}

    def walk(node: object, within: tuple[str, ...]) -> None:
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode):
                continue
            name, line = (*within, str(key.value)), key.start_mark.line + 1
            if name in lines:
                what = f"'{within[-1]}'" if within else "the file"
                told = f"there are two '{key.value}' in {what}; the other is in line {lines[name]}."
                step = "Take one away, or give it another name."
                raise ConfigError(f"{told} {step}", Place(str(path), line), str(key.value))
            lines[name] = line
            walk(value, name)

    walk(root, ())
    return lines


def _check(text: str, path: Path) -> None:
    aliases, anchored = 0, list[bool]()
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            place = Place(str(path), event.start_mark.line + 1)
            if isinstance(event, _OPENS):
                anchored.append(bool(event.anchor) or any(anchored[-1:]))
            elif isinstance(event, _CLOSES):
                anchored.pop()
            elif isinstance(event, yaml.AliasEvent):
                aliases += 1
                if any(anchored) or aliases > MOST_ALIASES:
                    raise ConfigError(f"'*{event.anchor:.40}' unfolds without bound. Write the values out.", place)
            if len(anchored) > MOST_DEPTH:
                raise ConfigError(f"this is nested deeper than {MOST_DEPTH} levels. Write it flatter.", place)
    except (yaml.YAMLError, RecursionError):
        return
