"""Tools that change nothing: the command of each, its arguments, and its description for an agent."""

from __future__ import annotations

from collections.abc import Sequence

from omloop.cli.mcp.tool import CommandTool

JOB = "the id of a job, or how that begins or ends"

READING: Sequence[CommandTool] = (
    CommandTool(
        name="list_projects",
        command="projects",
        takes=(),
        list_at="",
        about="List the projects that can be found, with their models and the champion of each. Where there are none, "
        "list_examples has names that work too.",
    ),
    CommandTool(
        name="list_examples",
        command="examples",
        takes=(),
        list_at="",
        about="List the example projects that travel with omloop, to try and to begin a project from.",
    ),
    CommandTool(
        name="check_data",
        command="data",
        takes=("project", "overrides", "against"),
        list_at="columns",
        is_open=True,
        about="Check a project's records and describe them: rows, parts, columns, and what is odd. It checks the "
        "configuration too, so give it the overrides of a turn before you begin that. With `against` it says what "
        "came, went, changed and moved since an earlier file.",
    ),
    CommandTool(
        name="list_runs",
        command="runs",
        takes=("project", "tag", "sort"),
        list_at="",
        page_size=10,
        about="List the runs of a project, the newest or the best first: status, model, scores, version, tags, note.",
    ),
    CommandTool(
        name="show_run",
        command="runs",
        takes=("project", "run"),
        needs=("run",),
        descriptions={"run": "its name, or a part of it that no other run shares"},
        about="Tell all of one run: scores, the gate's reason, whole configuration, environment, names of its files.",
    ),
    CommandTool(
        name="compare_runs",
        command="compare",
        takes=("project", "runs"),
        about="Compare 2 to 12 runs: scores with intervals, and what differs in configuration, data, code, packages.",
    ),
    CommandTool(
        name="list_versions",
        command="versions",
        list_at="",
        newest_last=True,
        page_size=10,
        about="List the versions of a project, the newest first: model, when made, scores, and which is champion.",
    ),
    CommandTool(
        name="version_at",
        command="versions",
        takes=("project", "at"),
        needs=("at",),
        about="Say which version was champion at a time.",
    ),
    CommandTool(
        name="history",
        command="history",
        list_at="",
        newest_last=True,
        page_size=10,
        about="List the decisions about a project, the newest first: who added, judged, promoted, rolled back or "
        "raised an alarm, when, why, and on which evidence.",
    ),
    CommandTool(
        name="evaluate_version",
        command="evaluate",
        takes=("project", "overrides", "version"),
        is_open=True,
        about="Score a version on the test rows of its project's data, overall and by slice, beside the champion. It "
        "records nothing; judge_version does.",
    ),
    CommandTool(
        name="example_rows",
        command="predict",
        takes=("project", "version"),
        words=("--examples=16",),
        list_at="rows",
        page_size=3,
        about="Show rows that a version takes, in the form in which predict takes them.",
    ),
    CommandTool(
        name="predict",
        command="predict",
        takes=("project", "rows", "csv", "file", "version", "on_problem"),
        stdin="rows",
        descriptions={"csv": "a CSV file with a header line", "file": "files with a picture or a text each"},
        list_at="predictions",
        page_size=100,
        about="Answer rows, a CSV file, or files with a picture or a text each, without a server. Give one of `rows`, "
        "`csv`, `file`. Nothing is kept in the prediction log; record_predictions does that.",
    ),
    CommandTool(
        name="explain",
        command="explain",
        takes=("project", "row", "file", "id", "class", "version"),
        descriptions={"row": "one row, a JSON object as text"},
        about="Say which columns matter to a version, by permutation importance and mean Shapley values; or, with one "
        "of `row`, `file`, `id`, what that answer hangs on. No column is a cause because it matters.",
    ),
    CommandTool(
        name="replay_predictions",
        command="replay",
        takes=("project", "ids", "newest", "random", "seed"),
        list_at="replays",
        about="Ask versions again what the prediction log says they were asked, and compare the answers. Give one of "
        "`ids`, `newest`, `random`.",
    ),
    CommandTool(
        name="last_look",
        command="watch",
        words=("--last",),
        about="Tell what the newest look for drift and loss saw, without looking again. watch_once takes a new one.",
    ),
    CommandTool(
        name="show_alerts",
        command="alerts",
        about="Show which alerts ring, which are silenced, and what was told.",
    ),
    CommandTool(
        name="show_trial",
        command="trial",
        about="Show what the trial of a version beside the champion has found so far; null where none runs.",
    ),
    CommandTool(
        name="list_jobs",
        command="jobs",
        takes=("job",),
        words=("list",),
        descriptions={"job": "only those of this project"},
        list_at="",
        is_open=True,
        about="List the jobs that were begun with `on`, the newest first.",
    ),
    CommandTool(
        name="job_status",
        command="jobs",
        takes=("job",),
        needs=("job",),
        descriptions={"job": JOB},
        words=("status",),
        is_open=True,
        about="Say how a job that was begun with `on` stands.",
    ),
    CommandTool(
        name="job_log",
        command="jobs",
        takes=("job",),
        needs=("job",),
        descriptions={"job": JOB},
        words=("logs",),
        is_open=True,
        about="Show the end of what a job printed, and its result once it is over.",
    ),
    CommandTool(
        name="audit",
        command="audit",
        takes=("path", "report"),
        descriptions={"path": "a folder; the server's own by default"},
        list_at="items",
        about="Find evidence in any Python repository for each item of the MLOps check-list: found, weak or missing, "
        "where, and what to do. With `report` it compares the ticked boxes of a Markdown file. It runs nothing there.",
    ),
    CommandTool(
        name="check_report",
        command="report",
        takes=("path", "template"),
        needs=("path",),
        descriptions={"path": "the report, or a folder with its README.md or reports/README.md"},
        words=("check",),
        about="Judge a course report in Markdown as the course's own checker does, question by question, and say what "
        "that checker does not see.",
    ),
    CommandTool(
        name="doctor",
        command="doctor",
        takes=(),
        is_open=True,
        about="Try everything that this installation and workspace need, and say what is missing and what to do.",
    ),
)
