"""YAML as sections with their lines. Every scalar stays a text.

So `no`, `22:00` and `0123` do not become a boolean, a number of minutes and an octal number, as in YAML 1.1.
"""

from pathlib import Path
from typing import Any

import yaml

from omloop.alert.plain_yaml import read_plain
from omloop.alert.section import Section
from omloop.core import ConfigError, Place


def read_yaml(path: Path) -> Section:
    """The file as one section; raises ConfigError if it is unreadable, is no YAML, or has a key twice."""
    root = read_plain(path).root
    if root is None:
        return Section("the file", str(path), 1)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError("the file must hold keys: rules, sinks, maintenance.", Place(str(path), 1))
    return _section(root, "the file", str(path))


def _section(node: Any, what: str, path: str) -> Section:
    values: dict[str, str | tuple[str, ...] | Section] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigError("a key must be a word.", Place(path, line))
        values[key.value], lines[key.value] = _value(value, f"'{key.value}'", path), line
    return Section(what, path, node.start_mark.line + 1, values, lines)


def _value(node: Any, what: str, path: str) -> str | tuple[str, ...] | Section:
    if isinstance(node, yaml.MappingNode):
        return _section(node, what, path)
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        if not isinstance(item, yaml.ScalarNode):
            place = Place(path, item.start_mark.line + 1)
            raise ConfigError("a list must hold texts. For named things write a name and a colon.", place)
    texts = tuple("" if item.tag == "tag:yaml.org,2002:null" else str(item.value) for item in items)
    return texts if isinstance(node, yaml.SequenceNode) else texts[0]
