"""Every generated workflow, by the tools that read such files, and by what GitHub does not say until it is too late."""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tests.deploy.validators import checked
from tests.deploy.workflows import (
    SERVICE,
    SERVICES,
    expressions,
    jobs,
    parsed,
    scripts,
    steps,
    workflows,
    write_all,
)

from omloop.cli.commands import COMMANDS
from omloop.cli.parser import load, parser_of
from omloop.core import OmloopError
from omloop.deploy.github import github_files, own_files

ROOT = Path(__file__).parents[2]
ALL: Mapping[str, Mapping[str, str]] = {name: github_files(one) for name, one in SERVICES.items()} | {
    "ours": own_files()
}
each = pytest.mark.parametrize("texts", ALL.values(), ids=ALL)
TRIGGERING = {  # files of a repository that has everything a workflow may wait for
    "omloop.toml": "",
    "mkdocs.yml": "",
    "docs/index.md": "",
    "src/package/module.py": "",
    "constraints.txt": "",
    "dvc.yaml": "",
    "dvc.lock": "",
    ".dvc/config": "",
    "rides.csv.dvc": "",
    "data/city.csv.dvc": "",
    "deploy/{project}/locks/train.txt": "",
    "deploy/{project}/serve.Dockerfile": "",
    "projects/{project}/project.py": "",
    "projects/{project}/conf/data/file.yaml": "",
}


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of each kind of repository in a folder of its own."""
    folder = tmp_path_factory.mktemp("repositories")
    return [write_all(texts, folder / name) for name, texts in ALL.items()]


SCHEMAS = {
    "github-workflows": r"\.github/workflows/.*",
    "dependabot": r".*/dependabot\.yml",
    "github-actions": r".*/action\.yml",
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_file_fits_its_schema(schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)  # knows addresses, of which there are none; takes 3 s
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        pytest.skip("check-jsonschema is not installed")
    path = Path(found.origin).parent / "builtin_schemas" / "vendor" / f"{schema}.json"
    validator = pytest.importorskip("jsonschema").Draft7Validator(json.loads(path.read_bytes()))
    where = {**ALL["ours"], **ALL["google"]}  # which have all that the others have
    chosen = [text for path, text in where.items() if re.fullmatch(SCHEMAS[schema], path)]
    assert chosen
    for text in chosen:
        quoted = re.sub(
            r"^on:", '"on":', text, flags=re.MULTILINE
        )  # which YAML 1.1 takes for true, and GitHub does not
        assert [error.message for error in validator.iter_errors(yaml.safe_load(quoted))] == [], text[:200]


def test_actionlint_finds_nothing(repositories: list[Path]) -> None:
    for folder in repositories:
        checked("actionlint", "-shellcheck=", "-pyflakes=", *sorted((folder / ".github" / "workflows").iterdir()))


def test_zizmor_finds_nothing_that_an_attacker_could_use(repositories: list[Path]) -> None:
    for folder in repositories:
        checked("zizmor", "--offline", "--quiet", "--no-progress", "./.github", folder=folder)


def test_shellcheck_finds_nothing_in_any_script(tmp_path: Path) -> None:
    every = {script.text: script for texts in ALL.values() for script in scripts(texts)}
    files = []
    for number, script in enumerate(every.values()):
        known = "".join(f"export {name}=''\n" for name in script.variables)
        files.append(tmp_path / f"{number}.sh")
        files[-1].write_text(f"#!/bin/bash\n# {script.where}\n{known}{script.text}", encoding="utf-8")
    checked("shellcheck", *files)


@each
def test_no_script_holds_an_expression_that_others_could_fill_in(texts: Mapping[str, str]) -> None:
    assert [script.where for script in scripts(texts) if "${{" in script.text] == []


@each
def test_every_command_is_one_that_omloop_takes(texts: Mapping[str, str]) -> None:
    called = re.compile(r"\bomloop (\w[^|;\n)>\\]*)")
    lines = [line for script in scripts(texts) for line in called.findall(script.text.replace("\\`", "|"))]
    for line in lines:
        words = [re.sub(r"\$\{?\w+(\[@\])?\}?", "x=1", word) for word in shlex.split(line)]
        assert words[0] in COMMANDS, line
        try:
            parser_of(words[0], load(words[0])).parse_words(words[1:])
        except SystemExit:
            pytest.fail(f"omloop does not take: omloop {line}")
    assert (len(lines) > 8) is (texts is not ALL["ours"])


@each
def test_every_path_that_a_workflow_waits_for_can_be_committed(texts: Mapping[str, str], tmp_path: Path) -> None:
    (project,) = {path.split("/")[1] for path in texts if path.startswith("deploy/")} or {"none"}
    there = {path.format(project=project): text for path, text in TRIGGERING.items()}
    write_all({**texts, **there, ".gitignore": (ROOT / ".gitignore").read_text()}, tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    seen = ["git", "ls-files", "--others", "--exclude-standard"]
    files = subprocess.run(seen, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    for path, workflow in workflows(texts).items():
        for event in workflow["on"].values():
            for pattern in event.get("paths", ()) if isinstance(event, dict) else ():
                assert any(_matches(pattern, file) for file in files), f"{path} waits for {pattern}"


def _matches(pattern: str, path: str) -> bool:
    """Whether GitHub takes a path for one that fits the pattern of a filter: `**` crosses folders, `*` does not."""
    stars = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    return re.fullmatch("".join(stars.get(part, re.escape(part)) for part in parts), path) is not None


@each
def test_every_axis_of_a_matrix_is_used(texts: Mapping[str, str]) -> None:
    for where, job in jobs(texts):
        matrix = job.get("strategy", {}).get("matrix", {})
        axes = {*matrix, *(name for one in matrix.get("include", ()) for name in one)} - {"include", "exclude"}
        used = set(re.findall(r"matrix\.(\w+)", " ".join(expressions(job))))
        assert axes == used, where


@each
def test_every_reference_to_a_job_a_step_or_an_output_leads_somewhere(texts: Mapping[str, str]) -> None:
    for path, workflow in workflows(texts).items():
        for name, job in workflow["jobs"].items():
            needed = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            assert set(needed) <= set(workflow["jobs"]), f"{path}: {name}"
            said = " ".join(expressions(job))
            for other, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", said):
                assert other in needed and output in workflow["jobs"][other]["outputs"], f"{path}: {name}"
            assert set(re.findall(r"steps\.(\w+)\.", said)) <= {step.get("id") for step in job.get("steps", ())}, path
            if job.get("uses", "").startswith("./"):
                assert "workflow_call" in workflows(texts)[job["uses"][2:]]["on"]
    for where, _, step in steps(texts):
        if step.get("uses", "").startswith("./"):
            action = parsed(texts[f"{step['uses'][2:]}/action.yml"])
            assert set(step.get("with", {})) <= set(action["inputs"]), where


@each
def test_a_job_may_do_what_it_needs_and_no_more_and_for_a_bounded_time(texts: Mapping[str, str]) -> None:
    for path, workflow in workflows(texts).items():
        assert workflow["permissions"] == {} and workflow["concurrency"]["group"], path
        assert workflow["defaults"] == {"run": {"shell": "bash"}}, path  # without it a pipe's failure is lost
        for name, job in workflow["jobs"].items():
            assert job["permissions"] and ("uses" in job or int(job["timeout-minutes"]) <= 360), f"{path}: {name}"
            if any("id-token" in str(right) for right in job["permissions"]) and "deploy-pages" not in str(job):
                assert "google-github-actions/auth" in str(job) or "uses" in job, f"{path}: {name}"


@each
def test_every_action_is_held_to_a_version(texts: Mapping[str, str]) -> None:
    used = {step["uses"] for _, _, step in steps(texts) if "uses" in step}
    assert all(re.fullmatch(r"\./.*|[\w./-]+@v\d+(\.\d+\.\d+)?", one) for one in used), used
    checkouts = [step for _, _, step in steps(texts) if "checkout@" in step.get("uses", "")]
    assert checkouts and all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@each
def test_nobody_logs_in_with_a_key_in_a_file(texts: Mapping[str, str]) -> None:
    keys = r"credentials_json|service_account_key|GOOGLE_APPLICATION_CREDENTIALS"
    assert not re.search(keys, "".join(texts.values()))


@each
def test_files_end_in_one_line_break_and_lines_in_no_blank(texts: Mapping[str, str]) -> None:
    odd = [path for path, text in texts.items() if text != text.strip("\n") + "\n" or re.search(r"[ \t]$", text, re.M)]
    assert odd == []


def test_our_own_workflows_are_what_the_tool_writes() -> None:
    texts = own_files()
    for path, text in texts.items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, "run: python docs/make_workflows.py"
    committed = {path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*") if path.is_file()}
    assert committed == set(texts)


def test_our_own_tests_run_on_three_systems_and_two_pythons() -> None:
    (tests,) = workflows({path: text for path, text in own_files().items() if path.endswith("/tests.yml")}).values()
    matrix = tests["jobs"]["tests"]["strategy"]["matrix"]
    assert [one.partition("-")[0] for one in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert len(matrix["python"]) == 2 and "run.py test" in str(tests)


def test_two_projects_share_what_belongs_to_the_repository_and_nothing_else() -> None:
    other = replace(SERVICE, project="weather", folder="projects/weather")
    mine, theirs = github_files(SERVICE), github_files(other)
    shared = set(mine) & set(theirs)
    assert all(mine[path] == theirs[path] for path in shared)
    assert ".github/dependabot.yml" in shared and ".github/workflows/rides-tests.yml" not in shared


def test_the_server_is_deployed_by_a_workflow_where_its_registry_is_googles() -> None:
    deployed = {name: any(path.endswith("-deploy.yml") for path in texts) for name, texts in ALL.items()}
    assert deployed == {"github": False, "google": True, "elsewhere": False, "ours": False}


def test_torch_is_an_axis_only_where_a_project_needs_it() -> None:
    tests = {name: ALL[name][f".github/workflows/{one.host}-tests.yml"] for name, one in SERVICES.items()}
    found = {name: "cuda" in text for name, text in tests.items()}
    assert found == {"github": False, "google": True, "elsewhere": False}


def test_presets_are_a_choice_and_words_of_a_turn() -> None:
    (train,) = (t for path, t in ALL["google"].items() if path.endswith("-train.yml"))
    inputs = parsed(train)["on"]["workflow_dispatch"]["inputs"]
    assert inputs["preset"]["options"] == ["full", "small"]
    (script,) = (one.text for one in scripts({".github/workflows/train.yml": train}) if "PRESET" in one.variables)
    assert "preset='model=linear data.fraction=0.1'" in script


def test_a_folder_or_a_preset_that_a_script_would_take_apart_is_refused() -> None:
    with pytest.raises(OmloopError, match=r"'projects/my rides' of rides cannot stand in a workflow"):
        github_files(replace(SERVICE, folder="projects/my rides"))
    with pytest.raises(OmloopError, match=r"preset 'a b\)' of rides cannot stand in a workflow"):
        github_files(replace(SERVICE, presets={"a b)": "experiment='a b)'"}))
