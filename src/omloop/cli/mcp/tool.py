"""A tool made of a command: the command's own parser says what it takes, and a call is a command line."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from omloop.cli.parser import Parser, load, parser_of
from omloop.core import OmloopError, did_you_mean

Effect = Literal["reads", "adds", "changes"]
Schema = dict[str, Any]
TYPES: Mapping[object, str] = {int: "integer", float: "number"}
"""What JSON calls the types of an argument; all others are texts, which the command reads."""
DRY_RUN = "dry_run"
PAGE: Mapping[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "description": "how many at most"},
    "offset": {"type": "integer", "minimum": 0, "default": 0, "description": "where to go on: next_offset"},
}


@dataclass(frozen=True, kw_only=True)
class CommandTool:
    """A command that is a tool, with some of its arguments.

    `takes` names arguments of the command, as `argument_name` does; `project` is the one that the command calls
    `project_at`. `needs` names optional arguments that the tool
    requires. Every call gets `words`. `list_at` says where the result holds a list to give page by page: a key, or ""
    if the result is the list. `newest_last` says that the list ends with the newest. A call passes the argument `stdin`
    as JSON on standard input. `descriptions` replace the help of arguments whose help is about the command line.
    """

    name: str
    about: str
    command: str
    takes: Sequence[str] = ("project",)
    project_at: str = "name"
    needs: Sequence[str] = ()
    words: Sequence[str] = ()
    effect: Effect = "reads"
    is_idempotent: bool = False
    is_open: bool = False
    list_at: str | None = None
    newest_last: bool = False
    page_size: int = 20
    stdin: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def parser(self) -> Parser:
        """The command's own."""
        return parser_of(self.command, load(self.command))

    @cached_property
    def arguments(self) -> Mapping[str, argparse.Action]:
        """Its arguments in the order of the command line."""
        actions = self.parser._actions
        found = {"project" if one.dest == self.project_at else argument_name(one): one for one in actions}
        return {name: action for name, action in found.items() if name in self.takes}

    @property
    def extras(self) -> Mapping[str, Schema]:
        """What every tool like this takes beside the command's arguments."""
        if self.effect != "reads":
            about = "only check the arguments, and answer the command line that they make"
            return {DRY_RUN: {"type": "boolean", "default": False, "description": about}}
        if self.list_at is None:
            return {}
        return {"limit": {**PAGE["limit"], "default": self.page_size}, "offset": PAGE["offset"]}

    def schema(self) -> Schema:
        """The JSON schema of its arguments."""
        found = {name: _schema(action) for name, action in self.arguments.items()}
        if self.stdin:
            found[self.stdin] = {"type": "array", "items": {}, "description": "rows as example_rows shows them"}
        for name, description in self.descriptions.items():
            found[name]["description"] = description
        needed = [name for name, action in self.arguments.items() if action.required and action.nargs != "*"]
        return {
            "type": "object",
            "properties": {**found, **self.extras},
            "required": [*dict.fromkeys((*needed, *self.needs))],
            "additionalProperties": False,
        }

    def command_words(self, given: Mapping[str, Any]) -> list[str]:
        """The command line of a call; raises OmloopError for arguments that the command does not take."""
        known = [*self.arguments, *self.extras]
        for name in given:
            if name not in known:
                near = did_you_mean(name, known)
                raise OmloopError(f"{self.name} takes no '{name}'.{near} It takes: {', '.join(known) or 'nothing'}.")
        schema = self.schema()
        for name in schema["required"]:
            if given.get(name) in (None, "", []):
                raise OmloopError(f"{self.name} needs '{name}': {schema['properties'][name]['description']}.")
        words: list[str] = []
        for name, action in self.arguments.items():
            if given.get(name) is not None:
                value = "-" if name == self.stdin else given[name]
                words += _words(name, action, value)
        words = [self.command, *self.words, *words]
        self._check(words)
        return words

    def input_bytes(self, given: Mapping[str, Any]) -> bytes:
        """What the command reads on standard input."""
        value = given.get(self.stdin)
        if value is not None and not isinstance(value, list):
            raise OmloopError(f"'{self.stdin}' is a list of rows, as example_rows shows them.")
        return b"" if value is None else json.dumps({self.stdin: value}).encode()

    def _check(self, words: Sequence[str]) -> None:
        """Raise OmloopError in the parser's own words where it refuses them."""
        told = io.StringIO()
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
            try:
                self.parser.parse_words([*words[1:], "--json"])
            except SystemExit as ended:
                raise OmloopError(json.loads(told.getvalue())["error"]["message"]) from ended


def argument_name(action: argparse.Action) -> str:
    """An argument's name for an agent: its first long option, or a positional's name.

    >>> argument_name(argparse.ArgumentParser().add_argument("--p99-ms"))
    'p99_ms'
    """
    options = [one for one in action.option_strings if one.startswith("--")]
    return options[0].removeprefix("--").replace("-", "_") if options else action.dest


def _schema(action: argparse.Action) -> Schema:
    about = {"description": action.help}
    if action.nargs == 0:
        return {"type": "boolean", "default": False, **about}
    one: Schema = {"type": TYPES.get(action.type, "string")}
    if action.choices is not None:
        one["enum"] = list(action.choices)
    if not _is_list(action):
        return one | about
    least = {"minItems": 1} if action.nargs == "+" else {}
    examples = f"; each as {action.metavar}" if action.metavar and "=" in str(action.metavar) else ""
    return {"type": "array", "items": one, **least, "description": f"{action.help}{examples}"}


def _is_list(action: argparse.Action) -> bool:
    return action.nargs in ("*", "+") or isinstance(action, argparse._AppendAction)


def _words(name: str, action: argparse.Action, value: Any) -> Iterator[str]:
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise OmloopError(f"'{name}' is true or false; given: {json.dumps(value)}.")
        yield from action.option_strings[-1:] if value else ()
        return
    values = value if isinstance(value, list) else [value]
    if len(values) != 1 and not _is_list(action):
        raise OmloopError(f"'{name}' takes one value; given: {json.dumps(value)}.")
    option = next((one for one in action.option_strings if one.startswith("--")), "")
    for one in values:
        word = _word(name, one)
        if not option and word.startswith("-") and word != "-":
            raise OmloopError(f"'{name}' takes no options of the command line; given: '{word}'.")
        yield f"{option}={word}" if option else word


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        how = " Send a JSON object as a text." if isinstance(value, dict) else ""
        raise OmloopError(f"'{name}' takes texts or numbers; given: {json.dumps(value)}.{how}")
    if "\0" in str(value):
        raise OmloopError(f"'{name}' holds a character of code 0, which no command line can carry.")
    if "${" in str(value):  # ${oc.env:NAME} would tell an agent what the server's environment keeps
        raise OmloopError(f"'{name}' takes no ${{...}} from a client. A project's conf/ may have it.")
    return str(value)
