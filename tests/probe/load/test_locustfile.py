import ast
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from omloop.probe import Example, LoadPlan, locustfile

Start = Callable[..., AbstractContextManager[Any]]
URL = "http://127.0.0.1:8000"
ODD = ['he said """no"""', "back\\slash", "{braces} {0}", "é\u2028", "'", "a\nb"]


def names_of(text: str) -> dict[str, Any]:
    """The constants of a file, without running it."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value.args[0] if isinstance(node.value, ast.Call) else node.value
            found[node.targets[0].id] = ast.literal_eval(value)
    return found


def test_every_row_is_in_the_file_whatever_it_holds() -> None:
    found = names_of(locustfile("tiny", URL, [{"review": odd} for odd in ODD], LoadPlan(25, 5), p99_s=0.05))
    assert [json.loads(body)["rows"][0]["review"] for body in found["BODIES"]] == ODD
    assert (found["USERS"], found["RATE"], found["SECONDS"], found["P99_MS"]) == (3, 25.0, 5.0, 50.0)


def test_a_name_cannot_break_out_of_the_text() -> None:
    ast.parse(locustfile('x"""\nimport os', URL, [{}], LoadPlan(1, 1), p99_s=0.05))


def test_large_rows_are_left_out_but_the_first() -> None:
    rows = [{"image": "x" * 600_000}] * 3
    assert len(names_of(locustfile("tiny", URL, rows, LoadPlan(1, 1), p99_s=0.05))["BODIES"]) == 1


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("locust") is None, reason="needs omloop[load]")
@pytest.mark.parametrize(("p99_s", "code"), [(60.0, 0), (1e-6, 3)])
def test_locust_runs_the_file(serve: Start, example: Example, tmp_path: Path, p99_s: float, code: int) -> None:
    with serve() as server:
        text = locustfile("tiny", server.target.url, [example.row], LoadPlan(20, 3), p99_s=p99_s)
        (tmp_path / "locustfile.py").write_text(text, encoding="utf-8")
        words = [sys.executable, "-m", "locust", "-f", str(tmp_path / "locustfile.py"), "--headless"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done.stderr
        assert len(server.predictions.kept) > 20
