"""What is half there: it is weak, and in words that say which half."""

import pytest
from tests.audit.conftest import Look

API = (
    "from fastapi import FastAPI\nimport scores\napp = FastAPI()\n"
    "@app.post('/scores')\ndef score(x: float):\n    return scores.predict(x)\n"
)
RUNS = (
    "import onnxruntime\nnet = onnxruntime.InferenceSession('net.onnx')\n"
    "def predict(x):\n    return net.run(None, {'x': x})\n"
)
EXPORTS = "import torch\ndef keep(net):\n    torch.onnx.export(net, 'net.onnx')\n"
LINE = "gcloud run deploy rides --image rides"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"api.py": API, "scores.py": RUNS}, "found"),
        ({"scores.py": RUNS}, "found"),
        ({"api.py": API, "scores.py": "def predict(x):\n    return x\n", "export.py": EXPORTS}, "weak"),
        ({"api.py": API, "scores.py": "def predict(x):\n    return x\n", "gate.py": RUNS}, "weak"),
        ({"export.py": EXPORTS}, "weak"),
    ],
)
def test_an_exported_model_must_answer(look: Look, files: dict[str, str], state: str) -> None:
    assert look("ONNX or BentoML", files).state == state


def test_tests_behind_another_workflow_are_weak_in_true_words(look: Look) -> None:
    files = {
        ".github/workflows/a.yml": "name: A\non: push\njobs:\n  a:\n    steps: [{run: echo}]\n",
        ".github/workflows/b.yml": "on: {workflow_run: {workflows: [A]}}\njobs:\n  a:\n    steps: [{run: pytest}]\n",
    }
    why = look("continuous integration", files).why
    assert why == "tests are run, but only behind another workflow, which holds up no pull request"


@pytest.mark.parametrize("name", ["ship.ps1", "tools/ship.cmd", "ship.bat", "ship.sh"])
def test_scripts_of_any_shell_are_read(look: Look, name: str) -> None:
    assert str(look("deployment", {name: f"echo ship\n{LINE}\n"}).spots[0]) == f"{name}:2"


@pytest.mark.parametrize(
    ("told", "lack"), [("def a() -> None:\n    x = 1\n", "docstring"), ("def a():\n    '''Say so.'''\n", "types")]
)
def test_what_functions_lack_is_named(look: Look, told: str, lack: str) -> None:
    whole = "def b() -> None:\n    '''Say so.'''\n"
    found = look("types and docstrings", {"a.py": whole + told})
    assert found.state == "weak" and found.why.endswith(f"where 75% of each is asked; the first without {lack}:")
    assert str(found.spots[0]) == "a.py:3"


ASKED = (
    "from fastapi import FastAPI\nfrom rides.seen import remember\napp = FastAPI()\n@app.post('/rides')\n"
    "def ride(x: float):\n    remember(x)\n    return model.predict([[x]])\n"
)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("    with KEPT.open('a') as file:\n        file.write(str(x))\n", "found"),
        ("    with open('a.csv', mode='ab') as file:\n        file.write(x)\n", "found"),
        ("    _later(x)\n\ndef _later(x):\n    table.insert_rows_json(x)\n", "found"),
        ("    with KEPT.open() as file:\n        print(file.read(), x)\n", "missing"),
        ("    open('a')\n", "missing"),
        ("    rows.to_csv('a.csv', mode='a')\n", "found"),
        ("    rows.to_csv('a')\n", "missing"),
        ("    return x\n\ndef other(x):\n    open('a.csv', 'a').write(x)\n", "missing"),
    ],
)
def test_what_a_route_comes_to_keeps_requests(look: Look, told: str, state: str) -> None:
    files = {"api.py": ASKED, "rides/__init__.py": "", "rides/seen.py": f"def remember(x):\n{told}"}
    assert look("inputs and outputs collected", files).state == state


def test_a_script_whose_module_cannot_be_read_names_what_is_there(look: Look) -> None:
    files = {"pyproject.toml": "[project.scripts]\nride = 'rides.ride:main'\n", "rides/ride.py": "def main(:\n"}
    files["Dockerfile"] = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD ["python", "-m", "rides.ride"]\n'
    assert [look(item, files).state for item in ("command lines and tasks", "dockerfiles")] == ["found", "found"]
