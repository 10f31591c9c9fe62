"""The ways in which files declare packages and a version of Python."""

from pathlib import Path

import pytest
from tests.audit.conftest import Look, write

from omloop.audit import audit
from omloop.audit.dependencies import requirement
from omloop.audit.python_versions import allows

ITEM = "dependencies declared"
DYNAMIC = "[tool.setuptools.dynamic]\noptional-dependencies.plots = {file = './needs/plots.txt'}\n"


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "-r needs/plots.txt\n", "needs/plots.txt": "-r more.txt\n", "needs/more.txt": "polars\n"},
        {"api/dev_requirements.txt": "polars\n"},
        {"requirements.in": "polars\n"},
        {"setup.cfg": "[options]\ninstall_requires = file: a.txt, needs/b.txt\n", "needs/b.txt": "polars\n"},
        {"ml/pyproject.toml": DYNAMIC, "ml/needs/plots.txt": "polars\n"},
        {"setup.py": "from setuptools import setup\nsetup(install_requires=['polars >= 1'])\n"},
        {"setup.py": "import setuptools\nneeds = ['polars']\nsetuptools.setup(extras_require={'all': needs})\n"},
    ],
)
def test_files_that_declare_through_others_or_in_few_words_are_read(look: Look, files: dict[str, str]) -> None:
    assert look(ITEM, {**files, "a.py": "import polars\n"}).state == "found"


def test_files_that_name_each_other_are_read_once(look: Look) -> None:
    files = {"requirements.txt": "-r requirements-dev.txt\n", "requirements-dev.txt": "-r requirements.txt\npolars\n"}
    assert look(ITEM, {**files, "a.py": "import polars\n"}).state == "found"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("git+https://git@example.org/team/own-layers.git@v1.2", "own-layers"),
        ("-e git+ssh://git@example.org/team/own_layers", "own-layers"),
        ("https://example.org/torch-2.6.0+cpu-cp312-none.whl", "torch"),
    ],
)
def test_an_address_names_its_package(line: str, name: str) -> None:
    assert requirement(line) == [name]


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"requirements.txt": "# frozen\nnumpy==2.1.0\ntorch==2.6.0+cu124 ; os_name == 'posix'\n"}, "found"),
        ({"requirements.txt": "numpy==2.1.0 \\\n    --hash=sha256:ab\n"}, "found"),
        ({"requirements.txt": "numpy==2.1.0\ntorch>=2.6\n"}, "weak"),
        ({"requirements.txt": "numpy==2.*\n"}, "weak"),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.12'\nnumpy = '*'\n"}, "found"),
        ({"Pipfile": "[packages]\nnumpy = '*'\n\n[requires]\npython_version = '3.12'\n"}, "found"),
        ({"setup.cfg": "[options]\npython_requires = >=3.12\ninstall_requires = numpy\n"}, "found"),
        ({"setup.py": "from setuptools import setup\nsetup(install_requires=['numpy'])\n"}, "weak"),
        (
            {"setup.py": "from setuptools import setup\nsetup(python_requires='>=3.12', install_requires=['numpy'])\n"},
            "found",
        ),
    ],
)
def test_an_environment_has_a_version_of_python_or_is_frozen(look: Look, files: dict[str, str], state: str) -> None:
    assert look("dedicated environment", files).state == state


def test_alternatives_of_poetry_are_not_judged() -> None:
    assert allows("^2.7 || ^3.12", "3.11")


@pytest.mark.parametrize(
    ("name", "text", "told", "lines"),
    [
        ("requirements.txt", "# of Neptune\nnumpy\nNeptune>=1\n", "neptune is declared, but nothing uses it", [3]),
        (
            "pyproject.toml",
            "# dependencies, mlflow too\n[project]\ndependencies = [\n  'mlflow-skinny',\n  \"comet_ml[x]>=3\",\n]\n",
            "mlflow-skinny, comet-ml are declared, but nothing uses them",
            [4, 5],
        ),
        ("environment.yml", "name: a\ndependencies:\n- clearml\n", "clearml is declared, but nothing uses it", [2]),
    ],
)
def test_what_nothing_uses_is_told_with_its_own_line(
    look: Look, name: str, text: str, told: str, lines: list[int]
) -> None:
    found = look("experiment tracking", {name: text})
    assert (found.why, [one.line for one in found.spots]) == (told, lines)


def test_dependencies_begin_where_no_comment_names_them(look: Look) -> None:
    text = "# dependencies\n[project]\ndescription = 'dependencies'\ndependencies = ['numpy']\n"
    assert str(look(ITEM, {"pyproject.toml": text}).spots[0]) == "pyproject.toml:4"


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_the_advice_names_the_file_that_declares_and_every_package(tmp_path: Path, name: str) -> None:
    text = {"requirements.txt": "numpy\n", "pyproject.toml": "[project]\ndependencies = ['numpy']\n"}[name]
    code = "import cv2, dotenv, omegaconf, polars, sklearn\nfrom google.cloud import secretmanager\n"
    told = next(
        one for one in audit(write(tmp_path, {name: text, "a.py": code})).items if one.item.name == ITEM
    ).next_step
    assert told == (
        f"declare in {name}: opencv-python, python-dotenv, google-cloud-secret-manager, omegaconf, polars, scikit-learn"
    )
