"""Items about tests: of data, of the model, of the API, under load, and how much they cover."""

from __future__ import annotations

import re
from collections.abc import Iterable

from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import classes_of, first, lines_with, not_started, only_declared, run_spots
from omloop.audit.items.learning import data_reads, is_of_data, model_files, training_files
from omloop.audit.modules import local_files, needed_by
from omloop.audit.python_facts import PythonFacts
from omloop.audit.repository import Repository
from omloop.audit.tested import files_beside, run_by_itself, used_files

TESTS = r"(?:^|[\s/])(?:pytest|unittest)\b|\bcoverage run\b|\bpy\.test\b"
_CONTRACT = "omloop.testing.project.ProjectContract"
_COVERS = r"--cov\b|--cov=|\bcoverage run\b|\bcoverage report\b"
_LOADS = r"(?:^|\s)(?:k6 run|hey -|wrk -|ab -n|oha |vegeta attack|artillery run|locust -|omloop load)"
_SKIPPED = frozenset({"pytest.mark.skip", "unittest.skip"})
_CLIENTS = (
    "fastapi.testclient.TestClient",
    "starlette.testclient.TestClient",
    "httpx.AsyncClient",
    "httpx.ASGITransport",
    "httpx.Client",
    "requests.post",
    "httpx.post",
    "requests.get",
    "httpx.get",
    "flask.Flask().test_client",
)


def data_tests(repository: Repository) -> Evidence:
    """Tests with assertions that import the repository's code for data."""
    of_data = {one.path for one in repository.code if is_of_data(one)}
    return _tests_of(repository, of_data, r"data|dataset|loader|preprocess|split|read|simulat", "data")


def model_tests(repository: Repository) -> Evidence:
    """Tests with assertions that import the repository's model or training."""
    of_model = {facts.path for facts, _ in [*model_files(repository), *training_files(repository)]}
    of_model |= {
        one.path
        for one in repository.code
        if re.search(r"(?:^|/)(model|models|train|training|project)(\.py|/)", one.path)
    }
    return _tests_of(repository, of_model, r"model|train|fit|forward|learn|turn|predict|network", "the model")


def _tests_of(repository: Repository, subject: set[str], words: str, what: str) -> Evidence:
    named, good, skipped = list[Spot](), list[Spot](), list[Spot]()
    used = subject - {facts.path for facts, _ in applications(repository)}
    for facts in repository.tests:
        good += [Spot(facts.path, one.line) for one in facts.classes if _CONTRACT in one.bases]
        by_file = re.search(rf"(?:^|_)({words})", facts.path.rpartition("/")[2])
        cases = [one for one in facts.functions if one.name.startswith("test")]
        about = [one for one in cases if by_file or re.search(rf"(?:^|_)({words})", one.name)]
        named += [Spot(facts.path, one.line) for one in about[:1]]
        run = [one for one in cases if one.asserts and _SKIPPED.isdisjoint(one.decorators)]
        skipped += [Spot(facts.path, one.line) for one in about if one.asserts and one not in run]
        asserting = [one for one in about if one in run]
        if not (asserting and (_reaches(repository, facts, subject) or _by_omloop(facts))):
            beside = any(_reaches(repository, one, used) for one in files_beside(repository, facts))
            asserting = [one for one in run if beside and not used.isdisjoint(used_files(repository, facts, one))]
        good += [Spot(facts.path, one.line) for one in asserting[:1]]
    if good:
        return found(f"tests of {what}", *first(good))
    if skipped:
        return weak(f"tests of {what} are skipped", *first(skipped))
    if named:
        reading = {facts.path for facts, _ in data_reads(repository)} if what == "data" else set[str]()
        looking = [spot for spot in named if spot.path in reading]
        told = "tests look at a data file;" if looking else "tests are called so, but"
        return weak(f"{told} none asserts anything of the repository's own code for {what}", *first(looking or named))
    return missing()


def _reaches(repository: Repository, facts: PythonFacts, subject: set[str]) -> bool:
    return any(one.path in subject for one in local_files(repository, facts))


def _by_omloop(facts: PythonFacts) -> bool:
    """Whether it turns a project of omloop, or keeps its contract."""
    return any(one.name in ("omloop.Workspace", "omloop.testing.project.ProjectContract") for one in facts.imports)


def coverage(repository: Repository) -> Evidence:
    """Coverage that some command computes."""
    spots = run_spots(repository, _COVERS)
    spots += [
        repository.line_of(path, r"--cov")
        for path, text in repository.texts.items()
        if path.endswith((".toml", ".ini", ".cfg")) and "--cov" in text
    ]
    if spots:
        floor = [
            repository.line_of(path, r"fail_under|fail-under")
            for path, text in repository.texts.items()
            if "fail_under" in text or "fail-under" in text
        ]
        return found("it is computed" + (", with a floor" if floor else "; without a floor"), *first([*spots, *floor]))
    settings = [
        repository.line_of(path, r"^\[tool\.coverage|^\[coverage")
        for path, text in repository.texts.items()
        if "[tool.coverage" in text
    ]
    if settings:
        return weak("it is set up, and no command computes it", *first(settings))
    return only_declared(repository, "pytest-cov", "coverage")


def api_tests(repository: Repository) -> Evidence:
    """Tests that send requests to the application, and a workflow that runs them."""
    if not any(True for _ in applications(repository)):
        return missing("no application to test")
    testing = [
        facts
        for facts in repository.tests
        if any(call.name in _CLIENTS for call in facts.calls) and any(one.asserts for one in facts.functions)
    ]
    spots = [Spot(one.path, next(call.line for call in one.calls if call.name in _CLIENTS)) for one in testing]
    if not spots:
        return missing()
    if not (run := [one for one in spots if run_by_itself(repository, one.path, TESTS)]):
        return weak("tests of the application, which no workflow runs by itself", *first(spots))
    return found("tests of the application, which a workflow runs", *first(run))


def applications(repository: Repository) -> Iterable[tuple[PythonFacts, int]]:
    """Files that make an application which answers requests, with the line."""
    for facts, call in repository.calls(
        "fastapi.FastAPI", "fastapi.APIRouter", "flask.Flask", "litestar.Litestar", "starlette.applications.Starlette"
    ):
        yield facts, call.line


def served_code(repository: Repository) -> dict[str, PythonFacts]:
    """The files that answer requests, with all of the repository's that they need."""
    return needed_by(repository, [facts for facts, _ in applications(repository)])


def load_test(repository: Repository) -> Evidence:
    """Users of Locust's, a script of k6's, or a command that sends load."""
    users = classes_of(repository, "HttpUser", "FastHttpUser", tests=True)
    tasks = any(name.startswith("locust.task") for facts in repository.python.values() for name in facts.decorators)
    if users and not tasks:
        return weak("users of Locust's without a task", *first(users))
    scripts = lines_with(repository, r"k6/http", ".js", ".ts")
    if spots := first([*users, *scripts, *run_spots(repository, _LOADS)]):
        return found("requests are sent to see how much is borne", *spots)
    return not_started(repository, only_declared(repository, "locust"))


def front_end(repository: Repository) -> Evidence:
    """A page for people that asks the model."""
    pages = ("streamlit.", "gradio.", "dash.", "nicegui.", "panel.", "solara.", "taipy.")
    shown: dict[str, list[Spot]] = {}
    for facts, call in repository.calls(*pages):
        shown.setdefault(facts.path, []).append(Spot(facts.path, call.line))
    for path, spots in shown.items():
        facts = repository.python[path]
        asks = any(call.name.startswith(("requests.", "httpx.", "aiohttp.", "urllib.request.")) for call in facts.calls)
        asks = (
            asks
            or any(True for _ in local_files(repository, facts))
            or any(call.last == "predict" for call in facts.calls)
        )
        if asks and len(spots) > 2:
            return found("a page that asks the model", spots[0])
    for path, text in repository.texts.items():
        if path.endswith("package.json") and re.search(
            r'"(react|vue|svelte|next|@angular/core|solid-js|preact)"', text
        ):
            return found(
                "a page in JavaScript",
                repository.line_of(path, r'"(react|vue|svelte|next|@angular/core|solid-js|preact)"'),
            )
    if shown:
        return weak(
            "the beginning of a page, which asks no model", *first(spot for spots in shown.values() for spot in spots)
        )
    return not_started(repository, only_declared(repository, "streamlit", "gradio", "dash", "nicegui"))
