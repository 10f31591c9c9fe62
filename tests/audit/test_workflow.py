"""Workflows that call each other, vary what they test, and may fail or not."""

from pathlib import Path

import pytest
from tests.audit.conftest import Look, write

from omloop.audit import audit

ONE = ".github/workflows/one.yml"
CALLS = "on: pull_request\njobs:\n  all:\n    uses: ./.github/workflows/two.yml\n"
SETUP = "      - uses: actions/setup-python@v5\n        with: {cache: pip, python-version: %s}\n      - run: pytest\n"


def job(steps: str, *, on: str = "push", head: str = "") -> str:
    return f"on: {on}\njobs:\n  a:\n    runs-on: x\n{head}    steps:\n{steps}"


def matrix(*lines: str) -> str:
    return "    strategy:\n      matrix:\n" + "".join(f"        {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("item", "command"), [("continuous integration", "coverage run -m pytest"), ("lint in CI", "flake8 src")]
)
def test_a_workflow_that_calls_another_does_what_that_does(look: Look, item: str, command: str) -> None:
    two = job(f"      - run: {command}\n", on="workflow_call")
    found = look(item, {ONE: CALLS, ".github/workflows/two.yml": two})
    assert found.state == "found" and f"{ONE}:4" in map(str, found.spots)


def test_workflows_that_call_each_other_end(look: Look) -> None:
    files = {ONE: CALLS, ".github/workflows/two.yml": CALLS.replace("two.yml", "one.yml")}
    assert look("continuous integration", files).why == "workflows, none of which runs tests"


def test_what_an_action_runs_is_told_at_the_line_that_uses_it(look: Look) -> None:
    action = "runs:\n  using: composite\n  steps:\n" + "    # so\n" * 20 + "    - run: pytest\n      shell: bash\n"
    found = look("continuous integration", {ONE: job("      - uses: ./ci/\n"), "ci/action.yml": action})
    assert found.state == "found" and [str(one) for one in found.spots] == [f"{ONE}:1", f"{ONE}:6"]


def test_many_workflows_that_call_each_other_end_soon(look: Look) -> None:
    jobs = "".join(f"  j{n}:\n    uses: ./.github/workflows/w{n % 9}.yml\n" for n in range(200))
    files = {f".github/workflows/w{n}.yml": f"on: push\njobs:\n{jobs}" for n in range(9)}
    assert look("continuous integration", files).state == "weak"


@pytest.mark.parametrize("condition", ["", "    if: github.event_name == 'push'\n"])
def test_a_pull_request_deploys_through_a_called_workflow_too(tmp_path: Path, condition: str) -> None:
    two = job("      - run: gcloud run deploy rides\n", on="workflow_call")
    result = audit(write(tmp_path, {ONE: CALLS + condition, ".github/workflows/two.yml": two}))
    assert [str(one.spot) for one in result.defects] == ([] if condition else [f"{ONE}:4"])


def test_tests_that_the_clock_starts_are_weak_in_true_words(look: Look) -> None:
    found = look("continuous integration", {ONE: job("      - run: pytest\n", on="{schedule: [{cron: '0 3 * * *'}]}")})
    assert (found.state, found.why) == ("weak", "tests are run, but no push and no pull request starts them")


@pytest.mark.parametrize(
    "lines",
    [
        ['python: ${{ fromJSON(\'["3.12", "3.13"]\') }}'],
        ["python: ${{ fromJSON(needs.plan.outputs.versions) }}"],
        ["python: ['3.12']", "include: ${{ fromJSON(vars.MORE) }}"],
        ["setup: [{python: '3.12', os: b}, {python: '3.13', os: b}]"],
    ],
)
def test_what_varies_by_an_expression_or_in_groups_is_a_matrix(look: Look, lines: list[str]) -> None:
    steps = SETUP % "'${{ matrix.python || matrix.setup.python }}'"
    assert look("caching and matrix", {ONE: job(steps, head=matrix(*lines))}).state == "found"


@pytest.mark.parametrize(
    "lines",
    [
        ["interpreter: ['3.10', '3.12']"],
        ['interpreter: ${{ fromJSON(\'["3.10", "3.12"]\') }}'],
        ["include:", "  - {interpreter: '3.10', os: b}", "  - {interpreter: '3.12', os: c}"],
    ],
)
def test_a_key_of_any_name_holds_versions_of_python_where_a_step_uses_it_so(look: Look, lines: list[str]) -> None:
    files = {ONE: job(SETUP % "'${{ matrix.interpreter }}'", head=matrix(*lines))}
    files["pyproject.toml"] = "[project]\nrequires-python = '>=3.12'\ndependencies = ['numpy']\n"
    found = look("caching and matrix", files)
    assert (found.state, found.why) == ("weak", "it tests Python 3.10, and the project asks for >=3.12")


@pytest.mark.parametrize(
    ("listed", "state"),
    [("[3.9, 3.10]", "weak"), ("['3.10', 3.11]", "found"), ("\n        - 3.10\n        - 3.12", "weak")],
)
def test_a_version_without_quotes_loses_its_zero(look: Look, listed: str, state: str) -> None:
    files = {ONE: job(SETUP % "'${{ matrix.python }}'", head=matrix(f"python: {listed}"))}
    found = look("caching and matrix", files)
    assert found.state == state and ("3.1, for YAML" in found.why) == (state == "weak")


@pytest.mark.parametrize(
    ("steps", "head"),
    [
        ("      - run: pytest\n        continue-on-error: true\n", ""),
        ("      - run: make check\n", "    continue-on-error: true\n"),
        ("      - run: make check || echo it failed\n", ""),
        ("      - run: make try\n", ""),
    ],
)
def test_tests_whose_failure_does_not_count_are_weak(look: Look, steps: str, head: str) -> None:
    files = {ONE: job(steps, head=head), "Makefile": "check:\n\tpytest tests\ntry:\n\t- pytest tests\n"}
    assert look("continuous integration", files).why == "a workflow goes on whatever its tests say"


def test_an_echo_before_a_failure_forgives_nothing(look: Look) -> None:
    files = {ONE: job("      - run: pytest || (echo no; exit 1)\n      - run: pytest || echo no && exit 1\n")}
    assert look("continuous integration", files).state == "found"


SESSIONS = (
    "import nox\n\n\n@nox.session\ndef checks(it):\n    it.run('mypy', 'src')\n\n\n"
    "@nox.session(python=['3.12'])\ndef unit(it):\n    it.run('python', '-m', 'pytest', *it.posargs)\n"
)


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("nox", "found"),
        ("uvx nox --session=unit-3.12", "found"),
        ("python -m nox -s checks unit", "found"),
        ("nox -s checks", "weak"),
    ],
)
def test_a_session_of_nox_is_followed_by_its_name(look: Look, command: str, state: str) -> None:
    files = {ONE: job(f"      - run: {command}\n"), "noxfile.py": SESSIONS}
    assert look("continuous integration", files).state == state


@pytest.mark.parametrize("step", ["run: uv run prek run -a", "uses: pre-commit/action@v3.0.1"])
@pytest.mark.parametrize(
    ("hooks", "state"), [(["trailing-whitespace", "check-toml"], "weak"), (["check-toml", "isort"], "found")]
)
def test_hooks_lint_if_one_of_them_looks_at_code(look: Look, step: str, hooks: list[str], state: str) -> None:
    listed = "".join(f"  - id: {one}\n" for one in hooks)
    files = {ONE: job(f"      - {step}\n"), ".pre-commit-config.yaml": f"repos:\n- repo: x\n  hooks:\n{listed}"}
    assert look("lint in CI", files).state == state


def test_a_linter_s_action_whose_failure_does_not_count_is_no_lint(look: Look) -> None:
    steps = "      - uses: astral-sh/ruff-action@v3\n        continue-on-error: true\n"
    assert look("lint in CI", {ONE: job(steps)}).state == "missing"


@pytest.mark.parametrize(
    "line", ["- " + " " * 100_000 + "x", "- 3.10" + " " * 100_000 + "x", "- " + "1," * 50_000 + "x"]
)
def test_a_long_line_ends_soon(look: Look, line: str) -> None:
    files = {ONE: job(SETUP % "'3.12'", head=matrix("python:", line)), ".github/workflows/two.yml": f"{line}\n"}
    assert look("continuous integration", files).state == "found"


INSTALLS = ["pip install pytest ruff", "uv add --dev pytest ruff", "python -m pip -q install -U pytest ruff"]


@pytest.mark.parametrize("command", [*INSTALLS, "apt-get -y install pytest ruff && echo done"])
def test_what_is_installed_is_not_run(look: Look, command: str) -> None:
    files = {ONE: job(f"      - run: {command}\n"), "tests/test_a.py": "def test_a():\n    assert True\n"}
    states = [look(item, files).state for item in ("continuous integration", "lint in CI", "code style")]
    assert states == ["weak", "missing", "missing"]


def test_what_is_installed_and_run_in_one_line_is_run(look: Look) -> None:
    files = {ONE: job("      - run: pip install pytest ruff; ruff check . && pytest\n")}
    assert [look(item, files).state for item in ("continuous integration", "lint in CI")] == ["found", "found"]


SUBMIT = "      - run: gcloud builds submit . --config=ci/steps.yaml\n"


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ("- {name: gcr.io/cloud-builders/gcloud, args: [run, deploy, rides]}\n", 2),
        ("- name: google/cloud-sdk:slim\n  entrypoint: gcloud\n  args: [functions, deploy, rides]\n", 4),
        ("- {name: gcr.io/cloud-builders/docker, args: [build, .]}\n", 0),
    ],
)
def test_a_build_file_that_a_pull_request_submits_deploys_too(tmp_path: Path, steps: str, line: int) -> None:
    files = {ONE: job(SUBMIT, on="pull_request"), "ci/steps.yaml": f"steps:\n{steps}"}
    defects = audit(write(tmp_path, files)).defects
    assert [str(one.spot) for one in defects] == ([f"ci/steps.yaml:{line}"] if line else [])


@pytest.mark.parametrize(("text", "state"), [("steps: []\n", "found"), ("steps: [\n", "weak")])
def test_a_build_file_must_be_readable_to_build_images(look: Look, text: str, state: str) -> None:
    found = look("automatic image builds", {ONE: job(SUBMIT), "ci/steps.yaml": text})
    assert (found.state, "ci/steps.yaml, which cannot be read" in found.why) == (state, state == "weak")
