"""The kinds of defect that five student projects had, in small copies of them."""

# ruff: noqa: E501  files of others stand here as they are

import pytest
from tests.audit.conftest import Look

PYPROJECT = '[project]\nname = "a"\nrequires-python = ">={}"\ndependencies = [{}]\n'


def workflow(matrix: str, steps: str = "      - run: pytest\n") -> str:
    return (
        f"on: [push]\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        {matrix}\n    steps:\n{steps}"
    )


def test_a_matrix_key_that_no_step_uses_is_weak(look: Look) -> None:
    found = look("caching and matrix", {".github/workflows/a.yml": workflow("torch-version: ['2.5', '2.6']")})
    assert found.state == "weak" and "no step uses the matrix's torch-version" in found.why
    assert str(found.spots[0]) == ".github/workflows/a.yml:7"


def test_a_matrix_of_equal_versions_is_weak(look: Look) -> None:
    steps = "      - uses: actions/setup-python@v5\n        with: {python-version: '${{ matrix.python }}'}\n      - run: pytest\n"
    found = look("caching and matrix", {".github/workflows/a.yml": workflow("python: ['3.12', '3.12']", steps)})
    assert found.state == "weak" and "all values of the matrix's python are 3.12" in found.why


@pytest.mark.parametrize("told", ["python-version: ['3.12', '3.13']", "os: [a, b]"])
def test_a_version_of_python_that_the_project_does_not_take_is_weak(look: Look, told: str) -> None:
    version = "${{ matrix.python-version }}" if "python" in told else "3.12"
    steps = f"      - uses: actions/setup-python@v5\n        with: {{python-version: '{version}', cache: pip}}\n"
    files = {
        "pyproject.toml": PYPROJECT.format("3.13", "'numpy'"),
        ".github/workflows/a.yml": workflow(told, steps + "      - run: pytest ${{ matrix.os }}\n"),
    }
    found = look("caching and matrix", files)
    assert found.state == "weak" and "it tests Python 3.12, and the project asks for >=3.13" in found.why


@pytest.mark.parametrize(
    ("item", "path"), [("workflow on data change", "data"), ("workflow on registry change", "models")]
)
@pytest.mark.parametrize("git", [True, False], ids=["a checkout", "a download"])
def test_a_workflow_on_ignored_paths_can_never_start(look: Look, item: str, path: str, git: bool) -> None:
    files = {
        ".gitignore": f"{path}/\n",
        ".github/workflows/a.yml": f"on:\n  push:\n    paths:\n      - '{path}/**'\njobs:\n  a:\n    steps: [{{run: x}}]\n",
    }
    found = look(item, files, git=git)
    assert found.state == "weak" and "can never start" in found.why and found.spots[0].line == 4


def test_a_workflow_on_a_path_that_is_tracked_though_ignored_can_start(look: Look) -> None:
    files = {
        ".gitignore": "data/*\n!data/keep.csv\n",
        "data/keep.csv": "1",
        ".github/workflows/a.yml": "on:\n  push:\n    paths: ['data/**']\njobs:\n  a:\n    steps: [{run: x}]\n",
    }
    assert look("workflow on data change", files, git=True).state == "found"


def test_imports_that_nobody_declared_are_named(look: Look) -> None:
    files = {
        "pyproject.toml": PYPROJECT.format("3.11", "'scikit-learn', 'google-cloud-storage', 'hydra-core'"),
        "src/a/train.py": "import sklearn\nfrom google.cloud import storage\nfrom omegaconf import DictConfig\nimport os\n"
        "from a import data\nfrom . import data\nimport dotenv\nfrom google.cloud import secretmanager\n",
        "src/a/data.py": "try:\n    import cupy\nexcept ImportError:\n    pass\n",
        "locustfile.py": "import locust\n",
    }
    found = look("dependencies declared", files)
    assert found.why == "imported, but not declared: dotenv, google.cloud.secretmanager, locust"
    assert [str(one) for one in found.spots] == ["src/a/train.py:7", "src/a/train.py:8", "locustfile.py:1"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "torch>=2  # a comment\n-r other.txt\n"),
        ("environment.yml", "dependencies:\n- python=3.12\n- pip:\n  - torch==2.6\n"),
        ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.11'\ntorch = '*'\n"),
        ("pyproject.toml", "[dependency-groups]\ndev = ['torch', {include-group = 'x'}]\n"),
        ("pyproject.toml", "[project.optional-dependencies]\nall = ['Torch[x]>=2; python_version > \"3\"']\n"),
        ("Pipfile", "[packages]\ntorch = '*'\n"),
        ("setup.py", "from setuptools import setup\nsetup(install_requires=['torch>=2', 'setuptools'])\n"),
    ],
)
def test_every_way_to_declare_is_read(look: Look, name: str, text: str) -> None:
    assert look("dependencies declared", {name: text, "train.py": "import torch\n"}).state == "found"


@pytest.mark.parametrize(
    ("files", "imported"),
    [
        ({"setup.cfg": "[options]\ninstall_requires =\n    polars>=1\n    torch\n"}, "polars"),
        ({"setup.cfg": "[options.extras_require]\nall =\n    polars\n"}, "polars"),
        ({"requirements.txt": "-e git+https://example.org/own.git@main#egg=own_layers&subdirectory=a\n"}, "own_layers"),
        ({"environment.yml": "dependencies:\n- conda-forge::opencv=4\n"}, "cv2"),
        (
            {
                "pyproject.toml": '[tool.setuptools.dynamic]\ndependencies = {file = ["needs.txt"]}\n',
                "needs.txt": "polars\n",
            },
            "polars",
        ),
    ],
)
def test_further_ways_to_declare_are_read(look: Look, files: dict[str, str], imported: str) -> None:
    assert look("dependencies declared", {**files, "a.py": f"import {imported}\nimport setuptools\n"}).state == "found"


def test_combinations_that_a_matrix_includes_are_a_matrix(look: Look) -> None:
    rows = "include: [{python: '3.12', os: a}, {python: '3.13', os: a}]"
    steps = "      - uses: actions/setup-python@v5\n        with: {cache: pip}\n      - run: pytest\n"
    assert look("caching and matrix", {".github/workflows/a.yml": workflow(rows, steps)}).state == "found"


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("      - run: pytest tests || true\n", "a workflow goes on whatever its tests say"),
        ("      - run: pytest tests\n        if: ${{ false }}\n", "workflows, none of which runs tests"),
        ("      - run: [\n", ".github/workflows/a.yml cannot be read"),
    ],
)
def test_a_workflow_whose_tests_cannot_fail_is_weak(look: Look, steps: str, why: str) -> None:
    found = look("continuous integration", {".github/workflows/a.yml": workflow("os: [a, b]", steps)})
    assert found.state == "weak" and found.why == why


def test_lint_that_never_fails_is_no_lint(look: Look) -> None:
    files = {".github/workflows/a.yml": workflow("os: [a, b]", "      - run: ruff check src --exit-zero\n")}
    assert look("lint in CI", files).state == "missing"


def test_an_image_may_copy_an_optional_file_with_comments_between(look: Look) -> None:
    files = {
        "Dockerfile": "ARG V=3.12\nFROM python:$V-slim\nCOPY a.py \\\n  # and more\n  poetry.loc* req[s].txt ./\nRUN x\n",
        "a.py": "",
        "pyproject.toml": PYPROJECT.format("3.11", "'numpy'"),
    }
    assert look("dockerfiles", files).state == "found"
    files["pyproject.toml"] = PYPROJECT.format("3.13", "'numpy'")
    assert "Python 3.12" in look("dockerfiles", files).why


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_begins_with_a_byte_order_mark_is_read(look: Look, encoding: str) -> None:
    files = {"requirements.txt": "polars==1.0\ntorch==2.6\n".encode(encoding), "a.py": "import polars, torch\n"}
    assert look("dependencies declared", files).state == "found"


@pytest.mark.parametrize(("folder", "state"), [("../../conf", "found"), ("conf", "weak"), ("../conf", "weak")])
def test_hydra_looks_from_the_file_of_its_function(look: Look, folder: str, state: str) -> None:
    code = f"import hydra\n\n@hydra.main(config_path='{folder}', config_name='run')\ndef main(cfg): ...\n"
    assert look("Hydra", {"src/rides/go.py": code, "conf/run.yaml": "lr: 1\n"}).state == state


def test_omegaconf_alone_is_not_hydra(look: Look) -> None:
    code = "from omegaconf import OmegaConf\n\nsettings = OmegaConf.load('run.yaml')\n"
    found = look("Hydra", {"requirements.txt": "omegaconf\n", "a.py": code, "run.yaml": "lr: 1\n"})
    assert found.state == "weak" and found.why == "OmegaConf reads settings, and Hydra composes none"


@pytest.mark.parametrize("folder", ["pages/", "./pages", "pages", "../docs/pages/"])
def test_the_folder_of_a_site_may_be_written_in_any_way(look: Look, folder: str) -> None:
    files = {"docs/mkdocs.yaml": f"site_name: a\ndocs_dir: {folder}\n", "docs/pages/index.md": "words " * 300}
    assert look("documentation", files).why == "a site of pages"


@pytest.mark.parametrize(
    "page",
    ["![ours](figures/system%20overview.png)\n", "![ours][Plan]\n\n[plan]: <figures/system%20overview.png>\n"],
)
def test_a_picture_is_found_however_its_address_is_written(look: Look, page: str) -> None:
    files = {"README.md": f"# a\n\n{page}", "figures/system overview.png": b"\x89PNG"}
    assert look("architecture diagram", files).state == "found"


def test_the_picture_of_a_report_that_omloop_wrote_is_a_diagram(look: Look) -> None:
    page = "# rides\n\n![The circuit of rides](figures/circle.svg)\n"
    files = {"reports/rides/README.md": page, "reports/rides/figures/circle.svg": "<svg/>"}
    assert look("architecture diagram", files).state == "found"


def test_an_image_of_another_python_than_the_project_takes_is_weak(look: Look) -> None:
    files = {"pyproject.toml": PYPROJECT.format("3.12", "'numpy'"), "Dockerfile": "FROM python:3.10-slim\nRUN x\n"}
    found = look("dockerfiles", files)
    assert found.state == "weak" and "Python 3.10" in found.why and str(found.spots[0]) == "Dockerfile:1"


def test_an_image_that_copies_what_git_ignores_is_weak(look: Look) -> None:
    files = {".gitignore": "/models\n", "Dockerfile": "FROM x\nCOPY a.py models/ ./\nCOPY --from=b /x /y\n", "a.py": ""}
    found = look("dockerfiles", files, git=True)
    assert found.state == "weak" and found.why == "it copies models/, which git ignores: a fresh clone lacks it"


def test_a_workflow_called_lint_that_lints_nothing_is_weak(look: Look) -> None:
    found = look(
        "lint in CI", {".github/workflows/linting.yml": "on: [push]\njobs:\n  a:\n    steps: [{run: pytest}]\n"}
    )
    assert found.state == "weak"


def test_an_alert_that_nobody_hears_is_weak(look: Look) -> None:
    rules = {"rules.yml": "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up == 0\n"}
    assert look("alerts", rules).state == "weak"
    heard = {**rules, "alertmanager.yml": "receivers:\n- name: team\n"}
    assert look("alerts", heard).state == "found"


def test_drift_of_data_against_itself_is_weak(look: Look) -> None:
    text = "from evidently import Report\nReport([]).run(reference_data={}, current_data={})\n"
    assert look("robustness to drift", {"a.py": text.format("x", "x")}).state == "weak"
    assert look("robustness to drift", {"a.py": text.format("x", "y")}).state == "found"


def test_words_in_comments_and_readme_are_no_evidence(look: Look) -> None:
    files = {
        "README.md": "We use Hydra, wandb, ONNX and locust. `gcloud run deploy` and `omloop serve` too.\n",
        "train.py": "# import wandb; wandb.log({})\n'''torch.compile, hydra.main'''\n",
        ".github/workflows/a.yml": "on: [push]\njobs:\n  a:\n    steps:\n      - run: |\n          # pytest\n          echo ruff check\n",
    }
    for item in (
        "Hydra",
        "experiment tracking",
        "ONNX or BentoML",
        "load test",
        "deployment",
        "continuous integration",
    ):
        assert look(item, files).state != "found"
    assert look("lint in CI", files).state == "missing"


def test_a_step_is_followed_through_make_and_a_script(look: Look) -> None:
    files = {
        ".github/workflows/a.yml": "on: [push]\njobs:\n  a:\n    steps: [{run: make test}]\n",
        "Makefile": "lint:\n\truff check\n\ntest: prepare\n\tpython run.py test\n\nprepare:\n\tpip install x\n",
        "run.py": "import subprocess\n\ndef test():\n    subprocess.run(['python', '-m', 'pytest'])\n\ndef lint():\n"
        "    subprocess.run(['ruff', 'check'])\n",
    }
    found = look("continuous integration", files)
    assert found.state == "found" and "run.py:4" in map(str, found.spots)
    assert look("lint in CI", files).state == "missing"


def test_what_omloop_can_do_for_a_project_is_weak_until_a_file_starts_it(look: Look) -> None:
    project = {"projects/a/project.py": "from omloop import Project, models\nproject = Project(models={}, read=read)\n"}
    assert look("inputs and outputs collected", project).state == "weak"
    image = {"Dockerfile": 'FROM x\nENTRYPOINT ["omloop"]\nCMD ["serve", "a"]\n'}
    assert look("inputs and outputs collected", {**project, **image}).state == "found"
    assert look("model and training", project).state == "found"


def test_a_command_that_a_variable_holds_is_read(look: Look) -> None:
    text = 'from invoke import task\n\n@task\ndef send(c, name):\n    cmd = f"""\ngcloud run deploy \\\\\n  --image {name}\n""".strip()\n    c.run(cmd)\n'
    assert str(look("deployment", {"tasks.py": text}).spots[0]) == "tasks.py:9"


@pytest.mark.parametrize(("types", "state"), [("[staging]", "found"), ("[lunch]", "weak")])
def test_an_event_must_be_of_a_registry(look: Look, types: str, state: str) -> None:
    text = f"on:\n  repository_dispatch:\n    types: {types}\njobs:\n  a:\n    steps: [{{run: x}}]\n"
    assert look("workflow on registry change", {".github/workflows/a.yml": text}).state == state


@pytest.mark.parametrize("path", ["src/models/**", "configs/data/**", "models/**"])
def test_code_that_is_called_so_is_no_registry_and_no_data(look: Look, path: str) -> None:
    text = f"on:\n  push:\n    paths: ['{path}']\njobs:\n  a:\n    steps: [{{run: x}}]\n"
    files = {".github/workflows/a.yml": text, "models/net.py": ""}
    for item in ("workflow on data change", "workflow on registry change"):
        assert look(item, files).state == "missing"


def test_an_application_that_predicts_nothing_is_weak(look: Look) -> None:
    text = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/items')\ndef items():\n    return {}\n"
    assert look("FastAPI inference", {"api.py": text}).state == "weak"
    reads = text.replace("return {}", "return model.predict([1])")
    assert look("FastAPI inference", {"api.py": reads}).state == "found"


def test_another_tool_s_floor_is_no_coverage(look: Look) -> None:
    assert look("coverage", {"Makefile": "docs:\n\tinterrogate --fail-under 80\n"}).state == "missing"
    assert look("coverage", {"Makefile": "test:\n\tcoverage run -m pytest\n"}).state == "found"


@pytest.mark.parametrize(("logs", "prints", "told"), [(1, 0, "1 call logs"), (2, 5, "2 calls log, but 5 print")])
def test_calls_that_log_are_counted(look: Look, logs: int, prints: int, told: str) -> None:
    text = "import logging\n\nlog = logging.getLogger()\n" + "log.debug('a')\n" * logs + "print('b')\n" * prints
    assert look("logging", {"a.py": text}).why == told
