"""Commands of tasks name files and modules, which must be there."""

import pytest
from tests.audit.conftest import Look

ITEM = "command lines and tasks"
FILES = {
    "src/rides/fit.py": "",
    "src/rides/__init__.py": "",
    "images/a.dockerfile": "FROM x\n",
    "docs/site.yml": "a: 1",
}
TASK = "from invoke import task\n\nNAME = 'rides'\n\n\n@task\ndef go(c):\n    c.run({})\n"


@pytest.mark.parametrize(
    "command",
    [
        "docker build -t a . -f images/b.dockerfile", "docker buildx build --file=images/b.dockerfile .",
        "uv run mkdocs serve --config-file docs/b.yml", "python -m rides.b", "A=1 poetry run python3 -u src/b.py --x",
        "python src/rides/fit.py && python src/b.py",
    ],
)  # fmt: skip
@pytest.mark.parametrize("makes", [True, False], ids=["make", "invoke"])
def test_a_task_that_names_what_is_not_there_is_weak(look: Look, command: str, makes: bool) -> None:
    own = {"Makefile": f"go:\n\t@{command}\n"} if makes else {"tasks.py": TASK.format(repr(command))}
    found = look(ITEM, {**FILES, **own})
    assert (found.state, found.spots[0].line) == ("weak", 2 if makes else 8)
    assert found.why.startswith("tasks name what is not there: ") and "b" in found.why.rpartition("/")[2]


@pytest.mark.parametrize(
    "command",
    [
        "'docker build -f images/a.dockerfile .'", "f'docker build -f images/{c}.dockerfile .'",
        "'docker build -f - .'", "'cd docs && mkdocs build -f b.yml'", "'python -m rides.fit'", "f'python -m {NAME}.b'",
        "'python -m torch.distributed.run src/b.py'", "'docker run a python b.py'", "'python /opt/b.py'",
        "'python -c \"import b; python.b\"'", "'python $HOME/b.py'", "'pytest b.py'",
    ],
)  # fmt: skip
def test_what_may_be_there_is_not_judged(look: Look, command: str) -> None:
    assert look(ITEM, {**FILES, "tasks.py": TASK.format(command)}).state == "found"


def test_a_variable_may_name_the_program(look: Look) -> None:
    assert look(ITEM, {**FILES, "Makefile": "go:\n\t$(PYTHON) src/b.py data\n"}).state == "weak"


@pytest.mark.parametrize("files", [{".gitmodules": ""}, {"tasks.py": TASK.format("'ls'") + "    c.cd('other')\n"}])
def test_where_files_may_lie_elsewhere_nothing_is_judged(look: Look, files: dict[str, str]) -> None:
    assert look(ITEM, {"tasks.py": "", "Makefile": "go:\n\tpython b.py\n", **files}).state == "found"


@pytest.mark.parametrize(("words", "name"), [("", "mkdocs.yml"), (" -f site/a.yaml", "site/a.yaml")])
def test_pages_that_a_task_builds_need_their_settings(look: Look, words: str, name: str) -> None:
    files = {"requirements.txt": "mkdocs\n", "Makefile": f"pages:\n\tmkdocs build{words}\n"}
    found = look("documentation", files)
    assert (found.state, found.why) == ("weak", f"MkDocs is run, and {name} is not there")
    page = {f"{name.rpartition('/')[0] or '.'}/docs/index.md": "Where they ride. " * 50}
    assert look("documentation", {**files, **page, name: "site_name: Rides\n"}).state == "found"
