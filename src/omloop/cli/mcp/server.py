"""The server of the Model Context Protocol on standard input and output: which tools there are, and their calls."""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
from mcp import types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from omloop import __version__
from omloop.cli.mcp.apart import run_apart
from omloop.cli.mcp.reading import READING
from omloop.cli.mcp.results import result_of
from omloop.cli.mcp.tool import DRY_RUN, CommandTool
from omloop.cli.mcp.writing import WRITING
from omloop.cli.parser import say
from omloop.core import OmloopError, command_line, did_you_mean, without_secrets

LOG = logging.getLogger("omloop.mcp")
INSTRUCTIONS = (
    "omloop takes machine-learning projects round a circuit: data, train, package, gate, promote, serve, watch. "
    "Begin with list_projects. Each tool is a command of omloop and answers with the JSON of its --json. A turn makes "
    "a version; the champion is the version in charge; the gate says whether a version is better beyond doubt. Do not "
    "call a version better when the gate did not. To read a project is to run its code."
)
READ_ONLY = "This server only reads: `omloop mcp --write` also has the tools that train, promote and change."

TOOLS = (*READING, *WRITING)


def serve_tools(common: Sequence[str], *, write: bool) -> None:
    """Answer on standard input and output until the input ends. Every command gets the words of `common`."""
    anyio.run(_serve, ToolCalls(common, write=write))


class ToolCalls:
    """The tools that a client may call, and what comes of a call."""

    def __init__(self, common: Sequence[str], *, write: bool) -> None:
        self._common, self._write = common, write
        self._tools = {tool.name: tool for tool in TOOLS if write or tool.effect == "reads"}

    def server(self) -> Server[Any]:
        """These tools as a server of the protocol."""
        instructions = INSTRUCTIONS if self._write else f"{INSTRUCTIONS} {READ_ONLY}"
        return Server(
            "omloop",
            version=__version__,
            instructions=instructions,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )

    async def _list(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in self._tools.values()])

    async def _call(
        self, context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        steps = 0

        async def tell(message: str) -> None:
            nonlocal steps
            steps += 1
            await context.session.report_progress(steps, message=message)

        try:
            return _result(await self._carry_out(self._tool(params.name), params.arguments or {}, tell))
        except (OmloopError, OSError) as error:
            return _refusal(str(error))
        except Exception as error:
            LOG.debug("a bug", exc_info=True)
            return _refusal(f"internal error, {type(error).__name__}: {error}. Report what {params.name} was given.")

    def _tool(self, name: str) -> CommandTool:
        if name in self._tools:
            return self._tools[name]
        if any(tool.name == name for tool in TOOLS):
            raise OmloopError(
                f"'{name}' changes something, and this server only reads. Start it as: omloop mcp --write"
            )
        raise OmloopError(f"There is no tool '{name}'.{did_you_mean(name, self._tools)}")

    async def _carry_out(self, tool: CommandTool, given: Mapping[str, Any], tell: Any) -> dict[str, Any]:
        words = [*tool.command_words(given), *self._common]
        if given.get(DRY_RUN) and DRY_RUN in tool.extras:
            return {DRY_RUN: True, "command": command_line("omloop", *words)}
        return result_of(tool, given, await run_apart(words, tool.input_bytes(given), tell))


def _described(tool: CommandTool) -> types.Tool:
    reads = tool.effect == "reads"
    return types.Tool(
        name=tool.name,
        description=tool.about,
        input_schema=tool.schema(),
        annotations=types.ToolAnnotations(
            read_only_hint=reads,
            destructive_hint=tool.effect == "changes",
            idempotent_hint=reads or tool.is_idempotent,
            open_world_hint=tool.is_open,
        ),
    )


def _result(value: dict[str, Any]) -> types.CallToolResult:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=value)


def _refusal(message: str) -> types.CallToolResult:
    line = without_secrets(" ".join(message.split()))
    return types.CallToolResult(content=[types.TextContent(type="text", text=line)], is_error=True)


async def _serve(calls: ToolCalls) -> None:
    server = calls.server()
    async with stdio_server() as (reading, writing):
        with anyio.CancelScope() as scope:
            _cancel_by_signals(scope)
            await server.run(reading, writing, server.create_initialization_options())
        if scope.cancel_called:
            code = say("interrupted; nothing is left half-written", code=130, kind="KeyboardInterrupt")
            os._exit(code)  # a thread still waits for standard input, and nothing can wake it


def _cancel_by_signals(scope: anyio.CancelScope) -> None:
    """On Ctrl-C or a signal to end, end the calls first."""
    import asyncio

    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: loop.call_soon_threadsafe(scope.cancel))
