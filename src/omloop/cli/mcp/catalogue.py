"""The one table of tools: the command of each, its arguments, and its description for an agent."""

from __future__ import annotations

from collections.abc import Sequence

from omloop.cli.mcp.tool import CommandTool

INSTRUCTIONS = (
    "omloop takes machine-learning projects round a circuit: data, train, package, gate, promote, serve, watch. "
    "Begin with list_projects. Each tool is a command of omloop and answers with the JSON of its --json. A turn makes "
    "a version; the champion is the version in charge; the gate says whether a version is better beyond doubt. Do not "
    "call a version better when the gate did not. To read a project is to run its code."
)
READ_ONLY = "This server only reads: `omloop mcp --write` also has the tools that train, promote and change."

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
"""Tools that change nothing."""

WRITING: Sequence[CommandTool] = (
    CommandTool(
        name="new_project",
        command="new",
        takes=("project", "from", "target", "text", "sheet", "like", "kind"),
        effect="adds",
        about="Make a new project from a file of data and the column to predict, or from one that works.",
    ),
    CommandTool(
        name="turn",
        command="turn",
        takes=("project", "overrides", "tag", "note", "on"),
        effect="changes",
        is_open=True,
        about="Take a project once round: data, train, package, evaluate, gate. A version that the gate finds better "
        "becomes champion; with the override promote=ask it waits for promote. It takes from seconds to hours: with "
        "on=local it becomes a job that goes on by itself, and answers at once.",
    ),
    CommandTool(
        name="train",
        command="train",
        takes=("project", "overrides", "tag", "note"),
        effect="adds",
        is_open=True,
        about="Train and compare models, and keep nothing but the run. Use it to try settings before a turn.",
    ),
    CommandTool(
        name="sweep",
        command="sweep",
        takes=(
            "project",
            "overrides",
            "trials",
            "jobs",
            "method",
            "seed",
            "within",
            "no_turn",
            "on",
            "tag",
            "note",
        ),
        effect="changes",
        is_open=True,
        about="Train with many settings, such as model.lr=log:1e-4,0.1 or model.width=32,64, and take the best "
        "through a turn. Bound it with `trials` or `within`; with `no_turn` no version is made.",
    ),
    CommandTool(
        name="optimise",
        command="optimise",
        takes=("project", "version", "overrides"),
        effect="changes",
        is_open=True,
        about="Make smaller and faster variants of a version, measure them, and let the best be the one that answers.",
    ),
    CommandTool(
        name="judge_version",
        command="evaluate",
        takes=("project", "overrides", "version"),
        needs=("version",),
        words=("--gate",),
        effect="adds",
        is_open=True,
        about="Judge a version against the champion and record the decision, so that it can be promoted.",
    ),
    CommandTool(
        name="reproduce",
        command="reproduce",
        takes=("project", "version", "here"),
        effect="adds",
        is_open=True,
        about="Make a version again from what its run kept, and say whether the two are equal.",
    ),
    CommandTool(
        name="build_report",
        command="report",
        takes=("path", "output"),
        needs=("path",),
        descriptions={"path": "the project's name", "output": "the folder to write; reports/NAME by default"},
        words=("build",),
        effect="changes",
        is_idempotent=True,
        about="Write a project's report and model card from its runs, versions, decisions and looks.",
    ),
    CommandTool(
        name="tag_run",
        command="tag",
        takes=("project", "run", "tags", "note"),
        effect="changes",
        is_idempotent=True,
        about="Set or take away tags of a run, or replace its note.",
    ),
    CommandTool(
        name="promote",
        command="promote",
        takes=("project", "version", "force", "reason"),
        descriptions={"force": "promote whatever the gate said; needs `reason`"},
        effect="changes",
        is_idempotent=True,
        about="Make a version champion that the gate found better. `force` passes the gate and needs a `reason`: do "
        "so only when a person asked for it.",
    ),
    CommandTool(
        name="rollback",
        command="rollback",
        takes=("project", "to", "reason"),
        effect="changes",
        about="Put an earlier champion back in charge, the one before by default. A second call goes back further.",
    ),
    CommandTool(
        name="begin_trial",
        command="trial",
        takes=("project", "version", "shadow", "canary", "force", "reason"),
        needs=("version",),
        effect="changes",
        about="Try a version beside the champion: as a shadow that answers for the log alone, or as a canary that "
        "answers a share of the callers. Give one of `shadow`, `canary`, from 0 to 1.",
    ),
    CommandTool(
        name="end_trial",
        command="trial",
        takes=("project", "reason"),
        words=("--stop",),
        effect="changes",
        about="End the trial that runs.",
    ),
    CommandTool(
        name="record_predictions",
        command="predict",
        takes=("project", "rows", "version"),
        needs=("rows",),
        words=("--record",),
        stdin="rows",
        effect="adds",
        about="Answer rows as predict does, and keep the answers in the prediction log, where the watch sees them and "
        "feedback finds them by their ids.",
    ),
    CommandTool(
        name="feedback",
        command="feedback",
        takes=("project", "id", "label", "csv"),
        descriptions={"id": "the id of one prediction, beside `label`"},
        effect="adds",
        is_idempotent=True,
        about="Tell what turned out to be true of earlier predictions: one by `id` and `label`, or a CSV file with "
        "these two columns.",
    ),
    CommandTool(
        name="watch_once",
        command="watch",
        takes=("project", "retrain"),
        words=("--once",),
        effect="changes",
        is_open=True,
        about="Look once for drift and loss, keep what was seen, and tell whom its alerts concern. With `retrain` it "
        "does what the project's policy says, which may train, promote or roll back.",
    ),
    CommandTool(
        name="silence_alerts",
        command="alerts",
        takes=("project", "silence", "reason"),
        needs=("silence", "reason"),
        descriptions={"silence": "for how long, such as 30m or 2h", "reason": "why, for the others"},
        effect="changes",
        about="Tell nobody of a project's alerts for a time such as 2h.",
    ),
    CommandTool(
        name="fetch_job",
        command="jobs",
        takes=("job",),
        needs=("job",),
        descriptions={"job": JOB},
        words=("fetch",),
        effect="adds",
        is_idempotent=True,
        is_open=True,
        about="Bring what a finished job wrote to this machine.",
    ),
    CommandTool(
        name="cancel_job",
        command="jobs",
        takes=("job",),
        needs=("job",),
        descriptions={"job": JOB},
        words=("cancel",),
        effect="changes",
        is_idempotent=True,
        is_open=True,
        about="End a job that was begun with `on`.",
    ),
)
"""Tools that add or change something."""

TOOLS = (*READING, *WRITING)
