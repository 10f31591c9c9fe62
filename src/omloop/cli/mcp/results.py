"""What a command printed, as the result of a tool: whole, a page of it, or what went wrong in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import OmloopError

if TYPE_CHECKING:
    from omloop.cli.mcp.tool import CommandTool

LONGEST = 20_000
"""Characters of a text that are given, from its end: some thousands of an agent's tokens."""


@dataclass(frozen=True)
class CommandOutput:
    """How a command ended, what it printed, and the error that it told in JSON, empty for none."""

    code: int
    printed: str
    error: Mapping[str, Any]


def result_of(tool: CommandTool, given: Mapping[str, Any], output: CommandOutput) -> dict[str, Any]:
    """The result as an object; raises OmloopError where the command told an error, or ended without a word."""
    if output.error:
        raise OmloopError(str(output.error.get("message", output.error)))
    try:
        value = last_json(output.printed)
    except ValueError as error:
        if output.code == 0:
            return {"text": output.printed[-LONGEST:], "left_out": max(0, len(output.printed) - LONGEST)}
        raise OmloopError(
            f"omloop {tool.command} ended with {output.code} and did not say why; the server's standard error may."
        ) from error
    if tool.list_at == "" or (tool.list_at and tool.list_at in value):
        return page_of(tool, given, value)
    return value if isinstance(value, dict) else {"items" if isinstance(value, list) else "result": value}


def last_json(printed: str) -> Any:
    """The JSON value that a text ends with, whatever a project or a library printed before it; raises ValueError.

    >>> last_json('Hello!\\n{"rows": 3}\\n')
    {'rows': 3}
    """
    lines = printed.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if number == 0 or line.startswith(("{", "[", "null")):
            try:
                return json.loads("".join(lines[number:]))
            except ValueError:
                continue
    raise ValueError("no JSON")


def page_of(tool: CommandTool, given: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """The part of a list that was asked for, the newest first, with how many there are and where it goes on."""
    offset, limit = (
        _number("offset", given.get("offset"), 0, 0),
        _number("limit", given.get("limit"), 1, tool.page_size),
    )
    rows: Sequence[Any] = value[tool.list_at] if tool.list_at else value
    ordered = [*reversed(rows)] if tool.newest_last else [*rows]
    end = offset + limit
    about = {"total": len(rows), "next_offset": end if end < len(rows) else None}
    shown = ordered[offset:end]
    return {**value, tool.list_at: shown, **about} if tool.list_at else {"items": shown, **about}


def _number(name: str, given: Any, least: int, default: int) -> int:
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        raise OmloopError(f"'{name}' is a whole number from {least}; given: {json.dumps(given)}.")
    return given
