"""`omloop mcp` as a client sees it: its tools within this process, and the protocol over pipes to a real one."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.report.course.synthetic import report as course_report

from omloop.loop import Workspace
from omloop.loop.serving.server_process import places_of

pytest.importorskip("mcp", reason="needs omloop[mcp]")

from mcp import Client, StdioServerParameters, stdio_client

from omloop.cli.mcp.reading import READING
from omloop.cli.mcp.results import CommandOutput, result_of
from omloop.cli.mcp.server import TOOLS, ToolCalls
from omloop.cli.mcp.tool import CommandTool
from omloop.core import OmloopError

NAME = "student_performance"
SayJson = Callable[..., Any]
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(workspace: Workspace) -> Ask:
    """Call one tool of a server in this process; gives its result, or {"refused": the one line}."""

    def call(name: str, *, write: bool = False, **arguments: Any) -> dict[str, Any]:
        async def body() -> Any:
            async with Client(ToolCalls(places_of(workspace), write=write).server()) as client:
                return await client.call_tool(name, arguments)

        found = anyio.run(body)
        (told,) = found.content
        if found.is_error:
            assert "\n" not in told.text and "Traceback" not in told.text
            return {"refused": told.text}
        assert json.loads(told.text) == found.structured_content
        return dict(found.structured_content)

    return call


def listed(*, write: bool) -> dict[str, Any]:
    async def body() -> Any:
        async with Client(ToolCalls([], write=write).server()) as client:
            return await client.list_tools()

    return {tool.name: tool for tool in anyio.run(body).tools}


def test_only_a_server_that_may_write_has_tools_that_change_something() -> None:
    reading, all_of_them = listed(write=False), listed(write=True)
    assert [*reading] == [tool.name for tool in READING] and len(all_of_them) == len(TOOLS)
    assert all(tool.annotations.read_only_hint for tool in reading.values())
    assert not any(all_of_them[name].annotations.read_only_hint for name in set(all_of_them) - set(reading))
    hints = {name: tool.annotations for name, tool in all_of_them.items()}
    assert hints["promote"].destructive_hint and hints["promote"].idempotent_hint
    assert not hints["train"].destructive_hint and not hints["rollback"].idempotent_hint


def test_every_tool_and_every_argument_says_what_it_is() -> None:
    for tool in listed(write=True).values():
        assert tool.description.endswith(".") and len(tool.description) < 300
        for name, argument in tool.input_schema["properties"].items():
            assert argument["type"] and argument["description"], f"{tool.name} {name}"


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_a_tool_takes_is_what_its_command_has(tool: CommandTool) -> None:
    assert {*tool.takes} == {*tool.arguments} and {*tool.needs} | {*tool.descriptions} <= {*tool.takes}


def test_an_argument_has_the_type_that_the_command_reads() -> None:
    schemas = {tool.name: tool.schema() for tool in TOOLS}
    sweep = schemas["sweep"]["properties"]
    assert (sweep["trials"]["type"], sweep["no_turn"]["type"]) == ("integer", "boolean")
    assert sweep["overrides"]["items"] == {"type": "string"} and "tpe" in sweep["method"]["enum"]
    assert schemas["begin_trial"]["properties"]["canary"]["type"] == "number"
    assert schemas["compare_runs"]["required"] == ["project", "runs"]


def test_a_result_is_the_json_of_the_command(ask: Ask, omloop_json: SayJson, turned: Workspace) -> None:
    (run,) = omloop_json("runs", NAME)
    assert ask("show_run", project=NAME, run=run["run"][-6:]) == omloop_json("runs", NAME, run["run"])
    events = omloop_json("history", NAME)
    newest = ask("history", project=NAME, limit=2)
    assert newest == {"items": events[:0:-1], "total": 3, "next_offset": 2}


def test_rows_are_answered_and_only_recorded_where_that_is_asked_for(
    ask: Ask, omloop_json: SayJson, turned: Workspace
) -> None:
    rows = ask("example_rows", project=NAME, limit=2)["rows"]
    answered = ask("predict", project=NAME, rows=rows)
    assert answered["version"] == turned.registry(NAME).champion() and answered["total"] == 2
    assert turned.predictions(NAME).window().predictions == ()
    kept = ask("record_predictions", write=True, project=NAME, rows=rows[:1])["predictions"][0]["id"]
    told = ask("feedback", write=True, project=NAME, id=kept, label=70)
    assert told["accepted"] == 1 and turned.predictions(NAME).window(labelled=True).labels == {kept: 70}


def test_an_agent_may_audit_a_repository_and_check_and_build_reports(
    ask: Ask, omloop_json: SayJson, turned: Workspace, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    (repository / "reports").mkdir(parents=True)
    (repository / "train.py").write_text("import argparse, logging, hydra\n")
    (repository / "reports" / "README.md").write_text(course_report({13: "short"}))
    report = str(repository / "reports" / "README.md")
    items = ask("audit", path=str(repository), report=report, limit=60)
    told = omloop_json("audit", str(repository), "--report", report)
    assert items == told | {"total": len(told["items"]), "next_offset": None} and items["report"]
    judged = ask("check_report", path=str(repository))
    assert judged["passed"] == judged["total"] - 1 and not judged["questions"][12]["passed"]
    assert "check_report needs 'path'" in ask("check_report")["refused"]
    built = ask("build_report", write=True, project=NAME, output=str(tmp_path / "built"))["files"]
    assert all(Path(one).is_file() for one in built) and len(built) > 2


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("list_runs", {"project": "studnt_performance"}, "Did you mean 'student_performance'?"),
        ("list_runs", {"project": "https://ada:hunter22@host"}, "no project in"),
        ("list_runs", {"projekt": NAME}, "list_runs takes no 'projekt'. Did you mean 'project'?"),
        ("list_runs", {}, "list_runs needs 'project': a project's name"),
        ("list_runs", {"project": "--help"}, "'project' takes no options of the command line"),
        ("list_runs", {"project": [NAME, NAME]}, "'project' takes one value"),
        ("list_runs", {"project": {"name": NAME}}, "'project' takes texts or numbers"),
        ("explain", {"project": NAME, "row": {"age": 3}}, "Send a JSON object as a text."),
        ("list_runs", {"project": "a\0b"}, "a character of code 0"),
        ("check_data", {"project": NAME, "overrides": ["--report=pages"]}, "'overrides' takes no options"),
        ("check_data", {"project": NAME, "overrides": ["data.path=${oc.env:HOME}"]}, "takes no ${...} from a client"),
        ("show_run", {"project": NAME}, "show_run needs 'run'"),
        ("replay_predictions", {"project": NAME, "newest": "ten"}, "invalid int value: 'ten'"),
        ("predict", {"project": NAME}, "is required"),
        ("predict", {"project": NAME, "rows": {"age": 3}}, "'rows' is a list of rows"),
        ("turn", {"project": NAME}, "omloop mcp --write"),
        ("list_rums", {}, "There is no tool 'list_rums'. Did you mean 'list_runs'?"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(ask: Ask, name: str, arguments: dict[str, Any], words: str) -> None:
    refused = ask(name, **arguments)["refused"]
    assert words in refused and "hunter22" not in refused


def test_a_flag_is_true_or_false(ask: Ask) -> None:
    assert "true or false" in ask("watch_once", write=True, project=NAME, retrain="yes")["refused"]


def test_a_dry_run_answers_the_command_line_and_does_nothing(ask: Ask, turned: Workspace) -> None:
    before = turned.registry(NAME).history()
    told = ask("rollback", write=True, project=NAME, reason="a test", dry_run=True)
    assert told["command"].startswith(f"omloop rollback {NAME} '--reason=a test'")
    assert turned.registry(NAME).history() == before


LIST = CommandTool(name="x", about="", command="runs", list_at="", newest_last=True, page_size=2)
PART = CommandTool(name="x", about="", command="data", list_at="columns")


def test_a_list_is_given_page_by_page() -> None:
    output = CommandOutput(0, "[1, 2, 3]", {})
    first = result_of(LIST, {}, output)
    assert first == {"items": [3, 2], "total": 3, "next_offset": 2}
    assert result_of(LIST, {"offset": 2}, output) == {"items": [1], "total": 3, "next_offset": None}
    part = result_of(PART, {"limit": 1}, CommandOutput(0, '{"rows": 9, "columns": ["a", "b"]}', {}))
    assert part == {"rows": 9, "columns": ["a"], "total": 2, "next_offset": 1}
    assert result_of(PART, {}, CommandOutput(0, '{"added": 9}', {})) == {"added": 9}
    with pytest.raises(OmloopError, match="'limit' is a whole number from 1; given: 0"):
        result_of(LIST, {"limit": 0}, output)


def test_a_command_that_dies_without_a_word_is_an_error_and_a_text_is_given_from_its_end() -> None:
    status = CommandTool(name="x", about="", command="jobs")
    with pytest.raises(OmloopError, match="omloop jobs ended with -9"):
        result_of(status, {}, CommandOutput(-9, "", {}))
    told = result_of(status, {}, CommandOutput(0, "a" * 30_000 + "end", {}))
    assert told["text"].endswith("aend") and told["left_out"] == 10_003
    assert result_of(status, {}, CommandOutput(1, '[{"state": "broken"}]', {})) == {"items": [{"state": "broken"}]}
    assert result_of(status, {}, CommandOutput(0, "null\n", {})) == {"result": None}


def words_of(workspace: Workspace, *words: str) -> list[str]:
    return ["-m", "omloop", "mcp", *words, *places_of(workspace)]


def over_pipes(workspace: Workspace, *words: str, body: Callable[[Client], Awaitable[Any]]) -> Any:
    """Talk to a server in a process of its own by the SDK's own client."""

    async def talk() -> Any:
        server = StdioServerParameters(
            command=sys.executable, args=words_of(workspace, *words), env={**os.environ}, cwd=workspace.root.parent
        )
        async with Client(stdio_client(server)) as client:
            return await body(client)

    return anyio.run(talk)


def test_a_training_tells_its_steps_and_ends_when_it_is_cancelled(workspace: Workspace, omloop_json: SayJson) -> None:
    steps: list[tuple[float, str | None]] = []

    async def body(client: Client) -> Any:
        with anyio.CancelScope() as scope:

            async def told(step: float, total: float | None, message: str | None) -> None:
                steps.append((step, message))
                if message is not None and message.startswith("train"):
                    scope.cancel()

            await client.call_tool("turn", {"project": NAME, "overrides": ["data.rows=5000"]}, progress_callback=told)
        return await client.call_tool("list_runs", {"project": NAME})

    after = over_pipes(workspace, "--write", body=body)
    assert [step for step, _ in steps] == [*range(1, len(steps) + 1)] and (steps[0][1] or "").startswith("data:")
    assert not after.is_error and workspace.registry(NAME).versions() == ()
    assert {one["status"] for one in after.structured_content["items"]} <= {"killed", "running"}


@pytest.mark.slow
def test_a_turn_ends_with_its_result(workspace: Workspace) -> None:
    async def body(client: Client) -> Any:
        arguments = {"project": NAME, "overrides": ["data.rows=400", "model=linear"], "tag": ["for=paper"]}
        return await client.call_tool("turn", arguments)

    found = over_pipes(workspace, "--write", body=body).structured_content
    assert found["promoted"] and found["version"] == workspace.registry(NAME).champion()


@pytest.fixture
def chatty(tmp_path: Path, workspace: Workspace) -> Path:
    """A project that prints whatever it likes when it is read."""
    folder = tmp_path / "chatty" / NAME
    shutil.copytree(Path(workspace.settings.projects) / NAME, folder)
    with (folder / "project.py").open("a") as file:
        file.write("print('Hello!', flush=True)\n")
    return folder


@contextmanager
def started(workspace: Workspace, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A server that has shaken hands with us."""
    command = [sys.executable, *words_of(workspace, *words)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        try:
            about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
            assert send(process, "initialize", about)["result"]["serverInfo"]["name"] == "omloop"
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[str], method: str, params: dict[str, Any]) -> dict[str, Any]:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": method, "method": method, "params": params}) + "\n")
    process.stdin.flush()
    found: dict[str, Any] = json.loads(process.stdout.readline())
    assert found["id"] == method
    return found


def test_nothing_but_the_protocol_is_printed_and_the_end_of_input_ends_it(workspace: Workspace, chatty: Path) -> None:
    with started(workspace) as process:
        arguments = {"project": str(chatty), "overrides": ["data.rows=60"], "limit": 1}
        result = send(process, "tools/call", {"name": "check_data", "arguments": arguments})["result"]
        assert result["structuredContent"]["rows"] == 60 and result["structuredContent"]["next_offset"] == 1
        assert send(process, "tools/call", {"name": "list_runs", "arguments": {"project": "none"}})["result"]["isError"]
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_one_line(workspace: Workspace, number: signal.Signals) -> None:
    with started(workspace) as process:
        process.send_signal(number)
        assert process.wait(timeout=30) == 130 and process.stderr is not None
        assert process.stderr.read() == "omloop: interrupted; nothing is left half-written\n"
