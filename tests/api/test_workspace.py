"""omloop from Python: every verb, rows of every form, results that show themselves, a page and a notebook that run."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import omloop
from omloop import InputError, UnknownNameError
from omloop import Workspace as Verbs
from omloop.api.rows import body_of
from omloop.cli.commands import COMMANDS
from omloop.loop import Workspace
from omloop.loop.bench.tune import Tuning
from omloop.testing.bundles import tiny_bundle
from omloop.testing.client import client
from omloop.testing.memories import MemoryPredictions

NAME = "student_performance"
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
ALONE = {"completion", "mcp"}
"""What only a command line has."""


@pytest.fixture
def ws(turned: Workspace) -> Verbs:
    return Verbs(turned.root, projects=turned.settings.projects)


def test_every_command_is_a_method(ws: Verbs) -> None:
    assert [name for name in COMMANDS if name not in ALONE and not callable(getattr(ws, name.replace("-", "_")))] == []


def test_versions_are_decided_on_as_on_the_command_line(ws: Verbs) -> None:
    first = ws.champion(NAME)
    second = ws.turn(NAME, "data.rows=400", "model=mean").version
    assert ws.versions(NAME) == (first, second) and not ws.evaluate(NAME, version=second).decision
    with pytest.raises(omloop.PromotionError, match="gate"):
        ws.promote(NAME, second)
    assert ws.promote(NAME, second, reason="a test", force=True).champion == second
    assert ws.begin_trial(NAME, first or "", "shadow", share=0.5).version == first
    assert ws.trial(NAME) is not None and ws.end_trial(NAME) and ws.trial(NAME) is None
    assert ws.rollback(NAME).champion == first
    assert [event.kind for event in ws.history(NAME)][-1] == "rollback"


def test_a_run_is_tagged_and_found_again(ws: Verbs) -> None:
    run = ws.train(NAME, "data.rows=400", "model=linear", tags={"for": "paper"}).run
    assert ws.tag(NAME, run, {"old": ""}, note="kept").note == "kept"
    assert {one.name: dict(one.tags) for one in ws.runs(NAME)}[run] == {"for": "paper"}
    assert len(ws.compare(NAME, *[one.name for one in ws.runs(NAME)]).runs) == 2


def test_rows_of_every_form_are_answered_alike(ws: Verbs) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    rows = ws.examples(NAME)
    forms = (rows, tuple(rows), polars.DataFrame(rows), pandas.DataFrame(rows))
    values = [[answer["value"] for answer in ws.predict(NAME, given)] for given in forms]
    values += [
        [answer["value"] for answer in ws.predict(NAME, given)] for given in (pandas.DataFrame(rows), tuple(rows))
    ]
    assert values[0] and all(one == values[0] for one in values)
    assert len(ws.predict(NAME, rows[0])) == 1


def test_pictures_texts_and_absent_values_become_json(tmp_path: Path) -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    body = json.loads(body_of([pixels, pixels[:, :, 0]], ["picture"]))
    assert [row["picture"][:8] for row in body["rows"]] == ["iVBORw0K"] * 2  # PNG, as base64
    file = tmp_path / "one.png"
    file.write_bytes(b"picture")
    assert json.loads(body_of(file, ["picture"])) == {"rows": [{"picture": "cGljdHVyZQ=="}]}
    assert json.loads(body_of(["good", "bad"], ["text"])) == {"rows": [{"text": "good"}, {"text": "bad"}]}
    assert json.loads(body_of({"age": np.float32("nan"), "sex": None, "n": np.int64(3)}, ["age"])) == {
        "rows": [{"age": None, "sex": None, "n": 3}]
    }
    with pytest.raises(InputError, match="given: int"):
        body_of(3, ["text"])
    with pytest.raises(InputError, match="a mapping with age, sex"):
        body_of([[1, 2]], ["age", "sex"])


def test_a_refusal_is_named_as_it_is_imported(ws: Verbs) -> None:
    with pytest.raises(InputError, match="is not a column") as refused:
        ws.predict(NAME, [{"hours": 3}])
    assert f"{type(refused.value).__module__}.{type(refused.value).__name__}" == "omloop.InputError"
    with pytest.raises(UnknownNameError, match="student"):
        ws.watch("studnet_performance")


def test_a_result_is_one_line_and_a_table(ws: Verbs) -> None:
    found = ws.evaluate(NAME)
    assert repr(found).startswith("<RescoreResult: version ") and "\n" not in repr(found)
    assert "<th style='text-align:left'>rmse</th>" in found._repr_html_()
    assert repr(Tuning("v", 2, 0.05, None, [], {})) == "<Tuning: best none, tried 0>"


def test_a_file_of_records_is_taken_whatever_it_is_called(ws: Verbs, tmp_path: Path) -> None:
    path = tmp_path / "it's, {mine}.csv"
    path.write_text("nothing\n1\n")
    with pytest.raises(omloop.DataError, match="column"):
        ws.data(NAME, data=path)


def test_a_client_without_sockets_asks_and_is_recorded() -> None:
    log, bundle = MemoryPredictions(), tiny_bundle()
    with client(bundle, log) as http:
        answer = http.post("/v1/predict", json={"rows": [*bundle.examples.rows]})
        assert answer.status_code == 200 and answer.json()["version"] == bundle.version
        assert http.post("/v1/predict", json={}).status_code == 422
    assert len(log.kept) == len(bundle.examples.rows)


def test_the_page_runs_from_its_top_to_its_end(run_blocks: Callable[[list[str]], dict[str, Any]]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (HOW_TO / "python.md").read_text(encoding="utf-8"), re.DOTALL)
    assert run_blocks(blocks)["answers"].version


def test_the_notebook_runs_from_its_top_to_its_end(run_blocks: Callable[[list[str]], dict[str, Any]]) -> None:
    cells = json.loads((HOW_TO / "from_python.ipynb").read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells)
    assert len(run_blocks(["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"])["answers"]) == 3


@pytest.fixture
def run_blocks(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Run blocks of code one after the other, in a folder of their own; gives what they leave."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMLOOP_PROJECTS", workspace.settings.projects)

    def run(blocks: list[str]) -> dict[str, Any]:
        scope: dict[str, Any] = {}
        for block in blocks:
            exec(compile(block, "block", "exec"), scope)  # noqa: S102  our own page
        return scope

    return run


def test_the_web_page_is_shown_for_as_long_as_it_is_wanted(ws: Verbs) -> None:
    with ws.ui() as address:
        about = httpx.get(f"{address}/api/v1").json()
        projects = httpx.get(f"{address}/api/v1/projects").json()["projects"]
        page = httpx.get(address)
    assert about["writable"] and NAME in [one["name"] for one in projects]
    assert "omloop" in page.text and "frame-ancestors 'none'" in page.headers["content-security-policy"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)
