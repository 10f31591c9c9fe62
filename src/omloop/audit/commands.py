"""Command lines anywhere in a repository, and which of them its workflows come to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from omloop.audit.evidence import Spot
from omloop.audit.options import build_file
from omloop.audit.python_facts import PythonFacts
from omloop.audit.repository import Repository
from omloop.audit.tree import Node
from omloop.audit.workflow import Workflow, run_lines

_TARGET = re.compile(r"^([\w.-]+)\s*:(?!=)\s*([^#]*)")
_CALLS = re.compile(r"(?:^|\s|/|@)(make|just|invoke|inv|tox|nox|pre-commit|prek|bash|sh|python3?)(?:\s+(.*))?$")
_MAKEFILES = ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile")
_SCRIPTS = (".sh", ".bash", ".jobscript", ".ps1", ".bat", ".cmd")
_RUNS = ("args", "command", "entrypoint", "cmd", "script", "entry", "run")
_MODULE = re.compile(r"\bpython3? -m (?=\w)")
_FORGIVES = r"\|\|\s*(?:true\b|:|exit 0|echo\b[^;&|]*$)"
_FORGIVEN = " || true"
_INSTALLS = re.compile(
    r"\b((?:pip3?|pipx|uv|poetry|pdm|rye|conda|mamba|micromamba|apt|apt-get|apk|brew|npm|yarn)"
    r"(?:\s+-\S+){0,5}(?:\s+pip|\s+tool)?\s+(?:install|add))\b[^;&|]*"
)
MOST_STEPS = 3
"""How many times a command is followed to those that it starts: a workflow, a Makefile, a script, a tool."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, without the packages that it only installs, and where it stands."""

    text: str
    spot: Spot

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _INSTALLS.sub(r"\1 ", self.text))


def every_command(repository: Repository) -> tuple[Command, ...]:
    """All command lines: of workflows, images, compositions, Makefiles, scripts, tasks, hooks and build files."""
    return repository.once(_every_command)


def _every_command(repository: Repository) -> tuple[Command, ...]:
    return tuple(_all_commands(repository))


def _all_commands(repository: Repository) -> Iterator[Command]:
    for workflow in repository.workflows.values():
        yield from of_workflow(workflow)
    for docker in repository.dockerfiles.values():
        yield from (Command(text, Spot(docker.path, line)) for line, text in docker.commands())
    for path in repository.texts:
        yield from _of_text(repository, path)
    for path, trees in repository.yaml.items():
        if path not in repository.workflows:
            yield from _of_tree(repository, path, trees)
    for facts in repository.code:
        yield from (Command(text, Spot(facts.path, line)) for line, text in facts.commands)
    yield from _sessions(repository, [])


def any_of(*patterns: str) -> str:
    """A pattern that fits where one of these patterns fits."""
    return "|".join(patterns)


def that_may_fail(pattern: str) -> str:
    """The pattern in commands whose failure counts: neither `pytest || true` nor `ruff check --exit-zero`."""
    return rf"^(?!.*(?:{_FORGIVES}|--exit-zero)).*?(?:{pattern})"


def run_where(repository: Repository, pattern: str) -> list[Command]:
    """Commands anywhere that fit a pattern."""
    wanted = re.compile(pattern)
    return [one for one in every_command(repository) if wanted.search(one.text)]


def of_workflow(workflow: Workflow) -> Iterator[Command]:
    """The lines that a workflow's own steps run; `|| true` follows where their failure does not count."""
    for step in workflow.steps:
        end = _FORGIVEN if step.goes_on else ""
        yield from (Command(text + end, Spot(workflow.path, line)) for line, text in step.run)


def in_workflow(repository: Repository, workflow: Workflow) -> list[Command]:
    """The commands of a workflow, with those of the Makefile, tasks, scripts and tools that it starts."""
    reached = list(of_workflow(workflow))
    fresh = reached
    for _ in range(MOST_STEPS):
        fresh = [one for command in fresh for one in _followed(repository, command)]
        fresh = [one for one in dict.fromkeys(fresh) if one not in reached]
        reached += fresh
    return reached


def in_workflows(repository: Repository, pattern: str) -> list[tuple[Workflow, Command]]:
    """Workflows that come to a command that fits, with the first such command of each."""
    wanted = re.compile(pattern)
    hits = []
    for workflow, commands in repository.once(_all_in_workflows):
        if hit := next((one for one in commands if wanted.search(one.text)), None):
            hits.append((workflow, hit))
    return hits


def _all_in_workflows(repository: Repository) -> list[tuple[Workflow, list[Command]]]:
    return [(one, in_workflow(repository, one)) for one in repository.workflows.values()]


def _followed(repository: Repository, command: Command) -> Iterator[Command]:
    """What a command starts; where its own failure does not count, neither does that of the others."""
    forgiven = re.search(_FORGIVES, command.text)
    text = command.text[: forgiven.start()] if forgiven else command.text
    for one in _started(repository, text):
        yield replace(one, text=one.text + _FORGIVEN) if forgiven else one


def _started(repository: Repository, text: str) -> Iterator[Command]:
    if submitted := build_file(text):
        yield from _of_tree(repository, submitted, repository.yaml.get(submitted, []))
        return
    found = _CALLS.search(_MODULE.sub("", text.strip()))
    if not found:
        return
    program, words = found[1], (found[2] or "").split()
    plain = [word for word in words if not word.startswith("-") and "=" not in word]
    if program in ("make", "just"):
        for path in _MAKEFILES:
            yield from _recipes(repository, path, plain or [""])
    elif program in ("invoke", "inv"):
        yield from _tasks(repository, plain)
    elif program in ("pre-commit", "prek"):
        yield from _hooks(repository)
    elif program == "tox":
        yield from _of_text(repository, "tox.ini")
    elif program == "nox":
        yield from _sessions(repository, [part for word in words for part in word.split("=")])
    elif plain:
        name = plain[0].removeprefix("./")
        yield from _of_text(repository, name)
        script = repository.python.get(name)
        asked = _asked(script, plain[1:]) if script else ()
        yield from (Command(told, Spot(name, line)) for line, told in asked)


def _asked(facts: PythonFacts, words: list[str]) -> Iterator[tuple[int, str]]:
    """The commands that a script starts: those of the function that the first word names, or else all of them."""
    own = next((one for one in facts.functions if words and one.name == words[0].replace("-", "_")), None)
    yield from own.commands if own else facts.commands


def _recipes(repository: Repository, path: str, targets: list[str]) -> Iterator[Command]:
    """The lines of targets of a Makefile, and of the targets that these need."""
    rules, current, first = dict[str, tuple[list[str], list[Command]]](), "", ""
    for number, line in enumerate(repository.texts.get(path, "").splitlines(), 1):
        if found := _TARGET.match(line):
            current = found[1]
            first = first or (current if not current.startswith(".") else "")
            rules.setdefault(current, (found[2].split(), []))
        elif current and line.startswith(("\t", "    ")) and line.strip():
            rules[current][1].append(Command(_recipe(line), Spot(path, number)))
    waiting, seen = [one or first for one in targets], set[str]()
    while waiting:
        target = waiting.pop(0)
        if target in rules and target not in seen:
            seen.add(target)
            yield from rules[target][1]
            waiting += rules[target][0]


def _recipe(line: str) -> str:
    """A line of make or tox without its marks; a dash says that its failure does not count."""
    told = line.strip().lstrip("@- ")
    return told + _FORGIVEN if "-" in line.strip()[: -len(told) or None] else told


def _sessions(repository: Repository, words: list[str]) -> Iterator[Command]:
    """What the sessions of nox run: those that the words name, such as `tests` or `tests-3.12`, or else all."""
    facts = repository.python.get("noxfile.py")
    if not facts:
        return
    asked = {re.split(r"-\d|\(", word)[0] for word in words}
    named = {one.name for one in facts.functions} & asked
    for one in facts.functions:
        if not named or one.name in named:
            yield from (Command(text, Spot(facts.path, line)) for line, text in one.commands)
    for call in facts.calls:
        within = [one.name for one in facts.functions if one.line <= call.line]
        if call.last == "run" and within and (not named or within[-1] in named):
            yield Command(" ".join(filter(None, call.arguments)), Spot(facts.path, call.line))


def _tasks(repository: Repository, names: list[str]) -> Iterator[Command]:
    facts = repository.python.get("tasks.py")
    for one in facts.functions if facts else ():
        if one.name.replace("_", "-") in [name.replace("_", "-") for name in names]:
            yield from (Command(text, Spot("tasks.py", line)) for line, text in one.commands)


def _hooks(repository: Repository) -> Iterator[Command]:
    """The commands that call the hooks."""
    for path in (".pre-commit-config.yaml", ".pre-commit-config.yml"):
        for tree in repository.yaml.get(path, ()):
            for repo in (tree.get("repos") or Node([], 1, 1)).items:
                for hook in (repo.get("hooks") or Node([], 1, 1)).items:
                    if name := hook.get("id"):
                        entry = hook.get("entry")
                        yield Command(entry.text if entry else name.text, Spot(path, name.line))


def _of_text(repository: Repository, path: str) -> Iterator[Command]:
    """The lines of a script, a Makefile, tox.ini, or a toml's tasks and scripts."""
    text, name = repository.texts.get(path, ""), path.rpartition("/")[2]
    if name.endswith((*_SCRIPTS, ".mk")) or name in (*_MAKEFILES, "Procfile", "tox.ini"):
        yield from (Command(_recipe(told), Spot(path, line)) for line, told in run_lines(Node(text, 1, 1)))
    elif name in ("pyproject.toml", "package.json"):
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"""\s*"?[\w:-]+"?\s*[=:]\s*["'{]""", line) and " " in line.strip():
                yield Command(line.strip(), Spot(path, number))


def _of_tree(repository: Repository, path: str, trees: list[Node]) -> Iterator[Command]:
    """What compositions, manifests, hooks and Cloud Build's steps run: texts below `command`, `args`, `entrypoint`."""
    if "." in path and not path.endswith(".dvc"):
        for tree in trees:
            yield from _below(repository, path, tree)


def _below(repository: Repository, path: str, node: Node) -> Iterator[Command]:
    for key, value in node.pairs.items():
        if key in _RUNS:
            yield from _run_by(repository, path, node, key)
        else:
            yield from _below(repository, path, value)
    for one in node.value if isinstance(node.value, list) else ():
        yield from _below(repository, path, one)


def _run_by(repository: Repository, path: str, node: Node, key: str) -> Iterator[Command]:
    value = node.pairs[key]
    words = [one for one in value.texts() if one.text]
    if any("\n" in one.text for one in words):
        yield from (Command(text, Spot(path, line)) for one in words for line, text in run_lines(one))
    elif words:
        program = _program(repository, path, node, key)
        yield Command(f"{program} {' '.join(one.text for one in words)}".strip(), Spot(path, value.line))


def _program(repository: Repository, path: str, node: Node, key: str) -> str:
    """The program that gets the words: an entrypoint, Cloud Build's builder, or the image that a composition builds."""
    if key in ("args", "command") and (own := node.get("entrypoint")):
        return " ".join(one.text for one in own.texts())
    if key == "args":
        builder = node.get("name")
        return builder.text.rpartition("/")[2].partition(":")[0] if builder else ""
    named = node.get("build", "dockerfile") if key == "command" else None
    for docker in repository.dockerfiles.values() if named else ():
        if named and docker.path.endswith(named.text.removeprefix("./")):
            return docker.entrypoint()
    return ""
