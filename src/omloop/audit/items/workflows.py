"""Items about workflows: whether they run tests and lint, vary what they say, and wait for what can happen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from omloop.audit.commands import any_of, in_workflows, that_may_fail
from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import first, only_declared, run_spots, some
from omloop.audit.items.tests import TESTS
from omloop.audit.python_versions import allows
from omloop.audit.repository import Repository
from omloop.audit.tree import Node
from omloop.audit.workflow import FOLDER, Workflow, example_of, matches

_LINT = any_of(
    r"\bruff\b",
    r"\bflake8\b",
    r"\bpylint\b",
    r"\bblack\b.*--check",
    r"\bpycodestyle\b",
    r"\bpyflakes\b",
    r"\bmypy\b",
    r"\bpyright\b",
)
_HOOKS = r"\b(?:pre-commit|prek) run\b"
_TIDYING = re.compile(
    r"end-of-file-fixer|trailing-whitespace|mixed-line-ending|check-(?:yaml|toml|json|xml|added-large-files)"
    r"|check-(?:case-conflict|merge-conflict|symlinks|executables-have-shebangs|vcs-permalinks)|detect-private-key"
    r"|fix-byte-order-marker|no-commit-to-branch|requirements-txt-fixer|pretty-format-json|nbstripout"
)
"""Hooks that look at no code."""
_STARTS = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})
_STYLE = r"\bruff\b|\bflake8\b|\bpylint\b|\bblack\b|\bpycodestyle\b"
_DATA = re.compile(r"(?:^|/)data(?:/|$|\*)|\.dvc\b|dvc\.(?:lock|yaml)|(?:^|/)datasets?/")
_MODEL = re.compile(r"(?i)(?:^|/)models?(?:/|$|\*|\.dvc)|registry|checkpoints?/")
_CODE = re.compile(r"(?:\*\*/)?(?:src|confs?|configs?|tests?|docs)/")
_EVENT = re.compile(r"(?i)model|regist|promot|stag|alias|champion|version")


def style(repository: Repository) -> Evidence:
    """Settings of a linter, and commands that run it."""
    settings = [
        repository.line_of(path, r"^\[tool\.(ruff|black|flake8|pylint)")
        for path, read in repository.toml.items()
        if path.endswith("pyproject.toml") and _tools(read)
    ]
    settings += [Spot(path, 1) for path in repository.find(r"\.?ruff\.toml$|\.flake8$|\.pylintrc$")]
    run = run_spots(repository, _STYLE)
    run += [Spot(path, number) for path, number in _hook_lines(repository, r"ruff|flake8|black|pylint")]
    if run:
        return found(
            "a linter is run" + (" with settings of its own" if settings else ""), *first([*settings[:1], *run])
        )
    if settings:
        return weak("a linter is set up, and nothing runs it", *first(settings))
    return only_declared(repository, "ruff", "flake8", "black", "pylint")


def _tools(read: object) -> bool:
    tool = read.get("tool") if isinstance(read, dict) else None
    return isinstance(tool, dict) and not {"ruff", "black", "flake8", "pylint"}.isdisjoint(tool)


def _hook_lines(repository: Repository, pattern: str) -> Iterator[tuple[str, int]]:
    for path, name in _hooks(repository):
        if re.search(pattern, name.text):
            yield path, name.line


def _hooks(repository: Repository) -> Iterator[tuple[str, Node]]:
    for path in repository.find(r"\.pre-commit-config\.ya?ml$"):
        for tree in repository.yaml.get(path, ()):
            repos = tree.get("repos")
            for repo in repos.items if repos else ():
                hooks = repo.get("hooks")
                for hook in hooks.items if hooks else ():
                    if name := hook.get("id"):
                        yield path, name


def ci(repository: Repository) -> Evidence:
    """A workflow that runs tests on pushes or pull requests."""
    running = in_workflows(repository, that_may_fail(TESTS))
    automatic = [(workflow, hit) for workflow, hit in running if _STARTS & set(workflow.triggers)]
    if automatic:
        return found("a workflow runs the tests", *first([automatic[0][0].spot, *(hit.spot for _, hit in automatic)]))
    if running:
        why = "no push and no pull request starts them"
        if "workflow_run" in running[0][0].triggers:
            why = "only behind another workflow, which holds up no pull request"
        return weak(f"tests are run, but {why}", running[0][0].spot)
    if forgiven := in_workflows(repository, TESTS):
        return weak("a workflow goes on whatever its tests say", forgiven[0][1].spot)
    broken = [path for path, _ in repository.unread if path.startswith(FOLDER)]
    if repository.workflows or broken:
        why = f"{broken[0]} cannot be read" if broken else "workflows, none of which runs tests"
        return weak(why, *first([*map(Spot, broken), *(one.spot for one in repository.workflows.values())]))
    return missing()


def varied_ci(repository: Repository) -> Evidence:
    """Tests with a cache, on several systems or versions, each of which a step uses."""
    testing = [workflow for workflow, _ in in_workflows(repository, TESTS)]
    if not testing:
        return missing()
    wrong = [one for workflow in repository.workflows.values() for one in _idle(workflow)]
    wrong += [one for workflow in testing for one in _outside(repository, workflow)]
    if wrong:
        return weak(some([why for why, _ in wrong], 2), *first(spot for _, spot in wrong))
    caches = [
        Spot(one.path, step.line) for one in testing for step in one.steps if _caches(step.uses, dict(step.options))
    ]
    varied = [
        Spot(one.path, values[0].line)
        for one in testing
        for values in (*one.matrix.values(), *one.included.values())
        if _vary(values)
    ]
    if caches and varied:
        return found("a cache, and tests on several systems or versions", *first([varied[0], caches[0]]))
    if caches or varied:
        return weak(
            "a cache, but one system and one version" if caches else "a matrix, but no cache",
            *first([*caches, *varied]),
        )
    return missing()


def _vary(values: Sequence[Node]) -> bool:
    """Whether values differ; what an expression computes may."""
    texts = [tuple(one.text for one in value.texts()) for value in values]
    return len(set(texts)) > 1 or any("${{" in text for told in texts for text in told)


def _caches(action: str, options: dict[str, str]) -> bool:
    if "actions/cache" in action:
        return True
    if "setup-uv" in action:
        return options.get("enable-cache", "auto") != "false"
    return "setup-" in action and bool(options.get("cache"))


def _idle(workflow: Workflow) -> Iterator[tuple[str, Spot]]:
    """Keys of a matrix that nothing names, and versions of Python that are all the same."""
    for key, values in workflow.matrix.items():
        if (
            values
            and not re.search(rf"matrix\.{re.escape(key)}\b|matrix\[['\"]{re.escape(key)}", workflow.asked)
            and "toJSON(matrix)" not in workflow.asked
        ):
            yield f"no step uses the matrix's {key}", Spot(workflow.path, values[0].line)
        texts = [one.text for one in values if one.text]
        if len(texts) > 1 and len(set(texts)) == 1:
            yield f"all values of the matrix's {key} are {texts[0]}", Spot(workflow.path, values[0].line)


def _outside(repository: Repository, workflow: Workflow) -> Iterator[tuple[str, Spot]]:
    """Versions of Python that the project does not take, or that lost a zero."""
    asked = repository.dependencies.python
    for version, line in _versions(workflow):
        if version == "3.1":
            yield "it tests Python 3.1, for YAML reads 3.10 so where no quotes are around it", Spot(workflow.path, line)
        elif asked and not allows(asked, version):
            yield f"it tests Python {version}, and the project asks for {asked}", Spot(workflow.path, line)


def _versions(workflow: Workflow) -> Iterator[tuple[str, int]]:
    """The versions of Python that it tests, with their lines: of keys called so or used so, and of steps."""
    used = " ".join(step.options.get("python-version", "") for step in workflow.steps)
    for key, values in (*workflow.matrix.items(), *workflow.included.items()):
        if "python" in key or re.search(rf"\bmatrix\.{re.escape(key)}(?![\w-])", used):
            yield from ((one.text, one.line) for one in values)
    for step in workflow.steps:
        version = step.options.get("python-version", "")
        if re.match(r"\d", version):
            yield version, step.line


def lint_in_ci(repository: Repository) -> Evidence:
    """A workflow that lints, by a linter or by hooks that look at code."""
    spots = _checking(repository, _LINT, r"ruff-action|pre-commit-ci|super-linter|black@|psf/black")
    hooks = _checking(repository, _HOOKS, r"pre-commit/action")
    called = [name for _, name in _hooks(repository)]
    idle = bool(called) and all(_TIDYING.fullmatch(one.text) for one in called)
    if spots := first(spots if idle else [*spots, *hooks]):
        return found("a workflow lints", *spots)
    if hooks:
        return weak("a workflow runs the hooks, and none of them lints", *first(hooks))
    named = [
        one.spot for one in repository.workflows.values() if re.search(r"(?i)lint|format|codecheck|style", one.path)
    ]
    return weak("a workflow is called so, but lints nothing", *first(named)) if named else missing()


def _checking(repository: Repository, pattern: str, actions: str) -> list[Spot]:
    """Commands and actions whose failure counts, in workflows that start by themselves."""
    hits = in_workflows(repository, that_may_fail(pattern))
    uses = [
        (one, step.line)
        for one in repository.workflows.values()
        for step in one.steps
        if re.search(actions, step.uses) and not step.goes_on
    ]
    spots = [hit.spot for workflow, hit in hits if workflow.is_automatic()]
    return spots + [Spot(one.path, line) for one, line in uses if one.is_automatic()]


def pre_commit(repository: Repository) -> Evidence:
    """Hooks before a commit."""
    lines = [Spot(path, line) for path, line in _hook_lines(repository, r"")]
    if lines:
        return found(f"{len(lines)} hooks", *first(lines)[:1])
    files = [Spot(path) for path in repository.find(r"\.pre-commit-config\.ya?ml$")]
    return weak("a file without hooks", *files) if files else only_declared(repository, "pre-commit")


def on_data(repository: Repository) -> Evidence:
    """A workflow that waits for paths of data that git does not ignore."""
    return _waiting(repository, _DATA)


def on_registry(repository: Repository) -> Evidence:
    """A workflow that an event of the registry starts, or paths of models that git does not ignore."""
    others = list[Spot]()
    for workflow in repository.workflows.values():
        if "repository_dispatch" not in workflow.triggers:
            continue
        narrowed = workflow.triggers["repository_dispatch"]
        types = narrowed.get("types") if narrowed else None
        named = [one.text for one in types.items] if types else []
        if any(_EVENT.search(one) for one in named) or _EVENT.search(workflow.path):
            return found(f"an event starts it ({some(named) or 'any'})", workflow.spot)
        others.append(workflow.spot)
    waiting = _waiting(repository, _MODEL)
    if waiting.state == "missing" and others:
        return weak("an event starts a workflow, and nothing says that it is of a registry", *first(others))
    return waiting


def _waiting(repository: Repository, about: re.Pattern[str]) -> Evidence:
    asked = [
        (workflow, path, line)
        for workflow in repository.workflows.values()
        for path, line in workflow.paths()
        if about.search(path) and not _is_code(repository, path)
    ]
    if not asked:
        return missing()
    ignored = repository.checkout.ignored({example_of(path) for _, path, _ in asked})
    alive = [(workflow, path, line) for workflow, path, line in asked if _can_change(repository, path, ignored)]
    if alive:
        return found(
            f"a workflow waits for {some([path for _, path, _ in alive])}",
            *first(Spot(one.path, line) for one, _, line in alive),
        )
    told = f"it waits for {some([path for _, path, _ in asked])}, which git ignores: it can never start"
    return weak(told, *first(Spot(one.path, line) for one, _, line in asked))


def _is_code(repository: Repository, pattern: str) -> bool:
    """Whether a pattern means code or settings, such as `src/models/**`."""
    return bool(_CODE.match(pattern)) or any(matches(pattern, path) for path in repository.python)


def _can_change(repository: Repository, pattern: str, ignored: set[str]) -> bool:
    return example_of(pattern) not in ignored or any(matches(pattern, path) for path in repository.paths)
