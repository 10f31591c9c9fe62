"""Workflows of GitHub Actions, and GitLab's pipeline: what starts them, what varies, what they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

from omloop.audit.evidence import Spot
from omloop.audit.tree import Node

FOLDER = ".github/workflows/"
_GITLAB = ("image", "stages", "variables", "default", "include", "workflow", "cache", "before_script", "after_script")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the action that it uses, or the lines that it runs; `is_conditional` if it or its job has an `if`."""

    line: int
    uses: str
    options: Mapping[str, str]
    run: Sequence[tuple[int, str]]
    is_conditional: bool = False


@dataclass(frozen=True)
class Workflow:
    """A file of workflows. `triggers` maps an event to what narrows it down; `matrix` a key to its values.

    `asked` is every text outside the matrices, where a text may name a matrix's keys. `included` has the values of the
    combinations that a matrix adds.
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
    steps, matrix, asked = [], {}, []
    included: dict[str, list[Node]] = {}
    for job in jobs.pairs.values():
        if _is_off(job):
            continue
        varied = job.get("strategy", "matrix")
        for key, value in (varied.pairs if varied else {}).items():
            if key not in ("include", "exclude"):
                matrix[key] = value.items
            for name, one in (pair for added in value.items for pair in added.pairs.items() if key == "include"):
                included.setdefault(name, []).append(one)
        plain = [value for key, value in job.pairs.items() if key != "strategy"]
        asked += [one.text for value in plain for one in value.texts()]
        listed = job.get("steps")
        narrowed = job.get("if") is not None
        steps += [_step(one, narrowed) for one in (listed.items if listed else []) if not _is_off(one)]
        if called := job.get("uses"):
            steps.append(Step(called.line, called.text, {}, (), narrowed))
    return Workflow(path, triggers, tuple(steps), matrix, "\n".join(asked), on.line, included)


def gitlab_workflow(path: str, root: Node) -> Workflow:
    """GitLab's pipeline, which every push starts."""
    jobs = {name: one for name, one in root.pairs.items() if name not in _GITLAB and one.get("script")}
    steps = []
    for job in jobs.values():
        script = job.get("script")
        lines = [pair for one in (script.items if script else []) for pair in run_lines(one)]
        steps.append(Step(job.line, "", {}, tuple(lines)))
    return Workflow(path, {"push": None}, tuple(steps), {}, "", 1)


def action_steps(root: Node) -> list[Step]:
    """The steps of a composite action."""
    listed = root.get("runs", "steps")
    return [_step(one) for one in (listed.items if listed else []) if one.pairs]


def _step(node: Node, narrowed: bool = False) -> Step:
    run, uses, options = node.get("run"), node.get("uses"), node.get("with")
    given = {key: one.text for key, one in options.pairs.items()} if options else {}
    line = (uses or run or node).line
    narrowed = narrowed or node.get("if") is not None
    return Step(line, uses.text if uses else "", given, tuple(run_lines(run)) if run else (), narrowed)


def _is_off(node: Node) -> bool:
    """Whether a job or a step is empty, or switched off by `if: false`."""
    condition = node.get("if")
    return not node.pairs or (condition is not None and condition.text.strip("${} ").lower() == "false")


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
