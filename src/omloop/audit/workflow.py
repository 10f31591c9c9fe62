"""Workflows of GitHub Actions, and GitLab's pipeline: what starts them, what varies, what they run."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from itertools import chain, islice

from omloop.audit.evidence import Spot
from omloop.audit.tree import Node

FOLDER = ".github/workflows/"
_GITLAB = ("image", "stages", "variables", "default", "include", "workflow", "cache", "before_script", "after_script")
_LISTED = re.compile(r"^\$\{\{\s*fromJSON\(\s*'(\[.*\])'\s*\)\s*\}\}$", re.IGNORECASE)
_NUMBERS = re.compile(
    r"^ *+(?:- ++)?(?:[\w-]+: *+)?\[?+ *+\d[\d.]*+(?: *+, *+\d[\d.]*+)*+(?: *+,)? *+\]?+ *+(?:#.*)?$", re.MULTILINE
)
MOST_CALLS = 4
"""How deep workflows call each other: https://docs.github.com/actions/using-workflows/reusing-workflows"""
MOST_STEPS = 10_000
"""How many steps of a workflow count, with those of what it calls."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the action that it uses, or the lines that it runs.

    `is_conditional` if it or its job has an `if`; `goes_on` if its failure, or that of its job, does not count.
    """

    line: int
    uses: str
    options: Mapping[str, str]
    run: Sequence[tuple[int, str]]
    is_conditional: bool = False
    goes_on: bool = False

    def within(self, caller: Step) -> Step:
        """The step of an action or a workflow as a step of what calls it, at the caller's line."""
        return replace(
            self,
            line=caller.line,
            run=tuple((caller.line, text) for _, text in self.run),
            is_conditional=self.is_conditional or caller.is_conditional,
            goes_on=self.goes_on or caller.goes_on,
        )


@dataclass(frozen=True)
class Workflow:
    """A file of workflows. `triggers` maps an event to what narrows it down; `matrix` a key to its values.

    `asked` is every text outside the matrices, where a text may name a matrix's keys. `included` has the values of the
    combinations that a matrix adds, and what an expression makes of the matrix.
    """

    path: str
    triggers: Mapping[str, Node | None]
    steps: Sequence[Step]
    matrix: Mapping[str, Sequence[Node]]
    asked: str
    line: int = 0
    included: Mapping[str, Sequence[Node]] = field(default_factory=dict)

    @property
    def spot(self) -> Spot:
        """Where it says what starts it."""
        return Spot(self.path, self.line)

    def is_automatic(self) -> bool:
        """Whether something else than a person starts it."""
        return not set(self.triggers) <= {"workflow_dispatch", "workflow_call"}

    def paths(self) -> Iterator[tuple[str, int]]:
        """Patterns of paths whose change it waits for, with their lines, without those that begin with `!`."""
        for event in ("push", "pull_request", "pull_request_target", "merge_requests"):
            narrowed = self.triggers.get(event)
            listed = narrowed.get("paths") if narrowed else None
            for one in listed.items if listed else ():
                if one.text and not one.text.startswith("!"):
                    yield one.text, one.line


def github_workflow(path: str, root: Node) -> Workflow | None:
    """A workflow of GitHub Actions; None for another file."""
    on, jobs = root.get("on"), root.get("jobs")
    if on is None or jobs is None or not jobs.pairs:
        return None
    triggers = dict(on.pairs) if on.pairs else {one.text: None for one in on.items}
    steps, asked = list[Step](), list[str]()
    matrix: dict[str, list[Node]] = {}
    included: dict[str, list[Node]] = {}
    for job in jobs.pairs.values():
        if _is_off(job):
            continue
        if varied := job.get("strategy", "matrix"):
            matrix.update({key: _values(one) for key, one in varied.pairs.items() if key not in ("include", "exclude")})
            for name, one in _included(varied):
                included.setdefault(name, []).append(one)
        plain = [value for key, value in job.pairs.items() if key != "strategy"]
        asked += [one.text for value in plain for one in value.texts()]
        steps += _steps(job)
    return Workflow(path, triggers, tuple(steps), matrix, "\n".join(asked), on.line, included)


def without_end_zeros(text: str) -> str:
    """The text with unquoted versions as YAML reads them, which takes them for numbers.

    >>> without_end_zeros("python: [3.10, 3.11]"), without_end_zeros("python: '3.10'")
    ('python: [3.1, 3.11]', "python: '3.10'")
    """
    return _NUMBERS.sub(lambda line: re.sub(r"\b(\d\.[1-9])0\b(?!\.)", r"\1", line[0]), text)


def _values(node: Node) -> list[Node]:
    """The values of a matrix's key, also those of a list that stands as JSON in `fromJSON`."""
    found = _LISTED.match(node.text)
    try:
        read = json.loads(found[1]) if found else []
    except ValueError:
        read = []
    return [Node(str(one), node.line, node.body) for one in read] or node.items


def _included(matrix: Node) -> Iterator[tuple[str, Node]]:
    """The values of the combinations that a matrix adds; the expression where one makes them, or the whole matrix."""
    if not matrix.pairs:
        yield "matrix", matrix
    added = matrix.get("include")
    for one in added.items if added else ():
        yield from one.pairs.items() if one.pairs else [("include", one)]


def _steps(job: Node) -> Iterator[Step]:
    listed, called = job.get("steps"), job.get("uses")
    whole = _step(job)  # a workflow that the job calls, or only what it says of all its steps
    for one in listed.items if listed else ():
        if not _is_off(one):
            yield _step(one, whole)
    if called:
        yield whole


def gitlab_workflow(path: str, root: Node) -> Workflow:
    """GitLab's pipeline, which every push starts."""
    jobs = {name: one for name, one in root.pairs.items() if name not in _GITLAB and one.get("script")}
    steps = []
    for job in jobs.values():
        script = job.get("script")
        lines = [pair for one in (script.items if script else []) for pair in run_lines(one)]
        forgiven = _is_literally(job.get("allow_failure"), "true")
        steps.append(Step(job.line, "", {}, tuple(lines), goes_on=forgiven))
    return Workflow(path, {"push": None}, tuple(steps), {}, "", 1)


def action_steps(root: Node) -> list[Step]:
    """The steps of a composite action."""
    listed = root.get("runs", "steps")
    return [_step(one) for one in (listed.items if listed else []) if one.pairs]


def with_called(workflow: Workflow, others: Mapping[str, Workflow], yaml: Mapping[str, list[Node]]) -> Workflow:
    """The workflow with the steps of the repository's own actions and workflows, each at the line that uses it."""
    steps = (one for step in workflow.steps for one in chain([step], _called(step, others, yaml, MOST_CALLS)))
    return replace(workflow, steps=tuple(islice(steps, MOST_STEPS)))


def _called(step: Step, others: Mapping[str, Workflow], yaml: Mapping[str, list[Node]], left: int) -> Iterator[Step]:
    if not left or not step.uses.startswith("./"):
        return
    path = posixpath.normpath(step.uses)
    trees = [tree for end in ("yml", "yaml") for tree in yaml.get(f"{path}/action.{end}", ())]
    steps = [one for tree in trees for one in action_steps(tree)]
    steps += others[path].steps if path in others else ()
    for one in steps:
        yield one.within(step)
        yield from _called(one.within(step), others, yaml, left - 1)


def _step(node: Node, job: Step | None = None) -> Step:
    run, uses, options = node.get("run"), node.get("uses"), node.get("with")
    given = {key: one.text for key, one in options.pairs.items()} if options else {}
    goes_on = node.get("continue-on-error")
    return Step(
        (uses or run or node).line,
        uses.text if uses else "",
        given,
        tuple(run_lines(run)) if run else (),
        node.get("if") is not None or bool(job and job.is_conditional),
        _is_literally(goes_on, "true") or bool(job and job.goes_on),
    )


def _is_literally(node: Node | None, value: str) -> bool:
    return node is not None and node.text.strip("${} ").lower() == value


def _is_off(node: Node) -> bool:
    """Whether a job or a step is empty, or switched off by `if: false`."""
    return not node.pairs or _is_literally(node.get("if"), "false")


def run_lines(node: Node) -> Iterator[tuple[int, str]]:
    """The lines of a script, without comments and `echo`; a backslash at its end joins a line to the next."""
    begun, at = "", 0
    for number, line in enumerate(node.text.splitlines(), node.body):
        if begun and line.lstrip().startswith("#"):
            continue
        at = at if begun else number
        begun += line.strip()
        if begun.endswith("\\"):
            begun = begun[:-1] + " "
            continue
        if begun and not begun.startswith(("#", "echo ")):
            yield at, begun
        begun = ""


def matches(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern of GitHub's, nearly: `**` and `*` both go over slashes.

    >>> matches("data/**", "data/raw/a.csv"), matches("**.dvc", "data.dvc"), matches("*.dvc", "src/a.py")
    (True, True, False)
    """
    return fnmatch(path, pattern.replace("**/", "*").replace("**", "*"))


def example_of(pattern: str) -> str:
    """A path that fits a pattern.

    >>> example_of("data/**"), example_of("models/*.pkl")
    ('data/x', 'models/x.pkl')
    """
    path = pattern.replace("**/", "").replace("**", "x").replace("*", "x").replace("?", "x")
    return path if path else "x"
