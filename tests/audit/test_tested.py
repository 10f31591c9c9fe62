"""Tests are judged by what they use, and by the commands that run them."""

import pytest
from tests.audit.conftest import Look

CODE = {
    "rides/__init__.py": "",
    "rides/data.py": "import polars\n\n\ndef trips():\n    return polars.read_csv('a.csv')\n",
    "rides/net.py": "import torch\n\n\nclass Net(torch.nn.Module): ...\n",
}
API = "from fastapi import FastAPI\n\napp = FastAPI()\n"
ASKS = (
    "from fastapi.testclient import TestClient\nfrom app import app\n\n\n"
    "def test_it():\n    assert TestClient(app).get('/').status_code == 200\n"
)
MODEL, DATA = "model tests", "data tests"


@pytest.mark.parametrize("item", [MODEL, DATA])
def test_a_test_counts_by_what_it_uses_whatever_its_name(look: Look, item: str) -> None:
    test = "from rides import net\nfrom rides.data import trips as t\n\n\ndef test_size():\n    assert net.Net(t())\n"
    assert look(item, {**CODE, "tests/unit/test_sizes.py": test}).state == "found"


@pytest.mark.parametrize(("item", "state"), [(MODEL, "found"), (DATA, "missing")])
def test_a_test_uses_what_its_fixtures_and_helpers_do(look: Look, item: str, state: str) -> None:
    shared = "import pytest\nfrom rides.net import Net\n\n\n@pytest.fixture\ndef made():\n    return Net()\n"
    test = "def shape(it):\n    return it(1).shape\n\n\ndef test_it(made):\n    assert shape(made) == (1,)\n"
    files = {**CODE, "tests/conftest.py": shared, "tests/unit/test_a.py": test}
    assert look(item, files).state == state


def test_what_a_set_up_makes_is_used(look: Look) -> None:
    test = (
        "import unittest\nfrom rides.net import Net\n\n\nclass TestIt(unittest.TestCase):\n    def setUp(self):\n"
        "        self.it = Net()\n\n    def test_it(self):\n        self.assertEqual(self.it(1), 1)\n"
    )
    assert look(MODEL, {**CODE, "tests/test_a.py": test}).state == "found"


def test_an_import_that_the_test_does_not_use_is_none(look: Look) -> None:
    test = "from rides.net import Net\n\n\ndef test_sum():\n    assert 1 + 1 == 2\n"
    assert look(MODEL, {**CODE, "tests/test_a.py": test}).state == "missing"


@pytest.mark.parametrize(("mark", "state"), [("skip(reason='slow')", "weak"), ("skipif(1 > 2, reason='')", "found")])
def test_a_test_that_is_skipped_in_any_case_does_not_count(look: Look, mark: str, state: str) -> None:
    test = f"import pytest\nfrom rides.net import Net\n\n\n@pytest.mark.{mark}\ndef test_net():\n    assert Net()(1)\n"
    found = look(MODEL, {**CODE, "tests/test_model.py": test})
    assert found.state == state and (state == "found" or found.why == "tests of the model are skipped")


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("pytest", "found"), ("python -m pytest -x checks/web", "found"), ("pytest checks", "found"),
        ("pytest --cov rides", "found"), ("pytest --ignore checks/core", "found"), ("pytest $PLACES", "found"),
        ("pytest checks/core checks/web/test_web.py::test_it", "found"), ("pytest checks/core", "weak"),
        ("pytest tests/none", "weak"),
    ],
)  # fmt: skip
def test_a_workflow_must_run_the_tests_of_the_application(look: Look, command: str, state: str) -> None:
    job = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {command}\n"
    files = {"app.py": API, "checks/web/test_web.py": ASKS, "checks/core/test_a.py": "", ".github/workflows/a.yml": job}
    assert look("API tests", files).state == state
