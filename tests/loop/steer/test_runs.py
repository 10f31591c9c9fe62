"""Runs over HTTP: a list, one with its curves and files, several beside each other."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from tests.loop.steer.conftest import Client

from omloop.core import Annotation
from omloop.loop import Workspace
from omloop.loop.runs.index import RunIndex

PATH = "/projects/tiny/runs"
SCRIPT = "<script>alert(1)</script>"


def recorded(
    workspace: Workspace, r2: float | None = None, *, steps: int = 3, files: dict[str, bytes] | None = None, **more: Any
) -> str:
    """A run that ended; gives its name."""
    run = workspace.tracker().start("tiny", f"seed: {steps}\n", {"python": "3.11"})
    for step in range(steps):
        run.log(step, {"mlp/train_loss": 9.0 if step == 57 else 1 / (step + 1), "mlp/gone": float("nan")})
    for name, content in (files or {}).items():
        run.keep(name, content)
    scored = {} if r2 is None else {"metrics": {"r2": r2}, "metric": "r2"}
    run.finish(more.pop("status", "finished"), {"kind": "turn", **scored, **more})
    time.sleep(0.005)  # names sort by time, to a 256th of a second
    return run.name


def names(answer: Any) -> list[str]:
    return [run["run"] for run in answer.json()["runs"]]


def settle(workspace: Workspace) -> None:
    """Let the folders of runs look as if nobody had touched them for long."""
    for folder in (workspace.root / "runs" / "tiny").iterdir():
        os.utime(folder, ns=(1_000_000_000, folder.stat().st_mtime_ns - 10**10))


def test_runs_are_listed_newest_first_as_the_command_line_does(workspace: Workspace, client: Client) -> None:
    made = [recorded(workspace, score) for score in (0.5, 0.75, 0.25)]
    answer = client(workspace).get(f"{PATH}?size=2")
    found = answer.json()
    assert (found["total"], names(answer), found["metrics"]) == (3, made[:0:-1], ["r2"])
    run = found["runs"][0]
    assert run["metrics"] == {"r2": {"value": 0.25, "low": None, "high": None}}
    assert (run["label"], run["status"], run["kind"]) == (made[2].rpartition("-")[2], "finished", "turn")
    assert isinstance(run["started"], float)


def test_runs_are_ordered_by_a_metric_or_a_field(workspace: Workspace, client: Client) -> None:
    low, high, none = recorded(workspace, 0.5, model="b"), recorded(workspace, 0.75, model="a"), recorded(workspace)
    asked = client(workspace)
    assert names(asked.get(f"{PATH}?sort=r2")) == [high, low, none]
    assert names(asked.get(f"{PATH}?sort=r2&order=asc")) == [low, high, none]
    assert names(asked.get(f"{PATH}?sort=model&order=asc")) == [high, low, none]
    assert names(asked.get(f"{PATH}?sort=started&order=asc")) == [low, high, none]
    assert "There are: r2" in asked.get(f"{PATH}?sort=r3").json()["error"]["message"]
    assert asked.get(f"{PATH}?sort=r2&order=up").status_code == 400


def test_less_is_better_for_some_metrics(workspace: Workspace, client: Client) -> None:
    made = [recorded(workspace, metrics={"rmse": value}, lower_is_better=["rmse"]) for value in (5.0, 3.0)]
    asked = client(workspace)
    assert names(asked.get(f"{PATH}?sort=rmse")) == made[::-1]
    assert names(asked.get(f"{PATH}?sort=rmse&order=desc")) == made


def test_runs_are_chosen_by_words_status_and_tags(workspace: Workspace, client: Client) -> None:
    one, two = recorded(workspace, model="forest"), recorded(workspace, status="failed", reason="out of memory")
    workspace.tracker().annotate("tiny", one, Annotation({"for": "paper"}, SCRIPT))
    asked = client(workspace)
    for query in ("q=FOREST", "status=finished", "tag=for", "tag=for%3Dpaper", "q=for%3Dpaper", "q=script"):
        assert names(asked.get(f"{PATH}?{query}")) == [one], query
    assert names(asked.get(f"{PATH}?status=failed")) == [two]
    assert names(asked.get(f"{PATH}?tag=for%3Dtalk")) == [] and names(asked.get(f"{PATH}?status=x")) == []


def test_a_script_in_a_note_is_a_text_of_json(workspace: Workspace, client: Client) -> None:
    name = recorded(workspace)
    workspace.tracker().annotate("tiny", name, Annotation({"a": SCRIPT}, SCRIPT))
    for path in (PATH, f"{PATH}/{name}"):
        answer = client(workspace).get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff" and SCRIPT in answer.text


def test_a_run_that_ended_is_read_once_and_again_when_it_is_tagged(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [recorded(workspace, 0.5) for _ in range(3)]
    settle(workspace)
    index = RunIndex(workspace.tracker())
    assert index.files is not None
    read: list[str] = []
    before = index.files.one

    def one(project: str, run: str) -> Any:
        read.append(run)
        return before(project, run)

    monkeypatch.setattr(index.files, "one", one)
    index.brief("tiny")
    index.brief("tiny")
    assert read == made[::-1]
    workspace.tracker().annotate("tiny", made[1], Annotation({"new": "yes"}))
    assert [run.tags.get("new") for run in index.brief("tiny")] == [None, "yes", None] and read[3:] == [made[1]]


def test_a_run_that_goes_on_is_read_each_time(workspace: Workspace, client: Client) -> None:
    run = workspace.tracker().start("tiny", "", {})
    asked = client(workspace)
    assert asked.get(f"{PATH}?status=running").json()["total"] == 1
    run.log(0, {"mlp/loss": 1.0})
    run.finish("finished", {})
    settle(workspace)
    assert asked.get(f"{PATH}?status=running").json()["total"] == 0
    assert asked.get(f"{PATH}/{run.name}").json()["curves"]["mlp/loss"] == {"steps": [0.0], "values": [1.0]}


def test_the_curves_of_a_run_that_goes_on_grow(workspace: Workspace, client: Client) -> None:
    run, asked = workspace.tracker().start("tiny", "", {}), client(workspace)
    for step in range(2):
        run.log(step, {"mlp/loss": 1.0})
        run.flush()
        found = asked.get(f"{PATH}/{run.name}").json()
        assert (found["status"], found["curves"]["mlp/loss"]["steps"]) == ("running", [0.0, 1.0][: step + 1])
    run.finish("finished", {})


def test_one_run_has_its_curves_thinned_with_their_extremes(workspace: Workspace, client: Client) -> None:
    system = "".join(json.dumps({"time": t, "cpu_percent": 50.0}) + "\n" for t in range(5)).encode()
    name = recorded(workspace, steps=5_000, files={"system.jsonl": system, "plots/loss.png": b"\x89PNG"})
    found = client(workspace).get(f"{PATH}/{name.rpartition('-')[2]}").json()
    curve = found["curves"]["mlp/train_loss"]
    assert found["run"] == name and len(curve["steps"]) <= 500 and [*found["curves"]] == ["mlp/train_loss"]
    assert (curve["steps"][0], curve["steps"][-1], max(curve["values"])) == (0.0, 4_999.0, 9.0)
    assert found["machine"]["cpu_percent"]["steps"] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert found["config"] == "seed: 5000\n" and found["environment"] == {"python": "3.11"}
    assert {"name": "plots/loss.png", "bytes": 4} in found["files"]


def test_a_damaged_run_is_shown_as_such_and_hides_no_other(workspace: Workspace, client: Client) -> None:
    good, bad = recorded(workspace, 0.5), recorded(workspace, 0.5)
    (workspace.root / "runs" / "tiny" / bad / "run.json").write_bytes(b"\xff{")
    (workspace.root / "runs" / "tiny" / "99999999-empty").mkdir()
    found = client(workspace).get(PATH).json()["runs"]
    assert [(run["run"], run["status"]) for run in found] == [(bad, "unreadable"), (good, "finished")]
    assert client(workspace).get(f"{PATH}?sort=r2").json()["total"] == 2
    assert client(workspace).get(f"{PATH}/99999999-empty").status_code == 404


def test_runs_are_compared_with_the_curves_of_each(workspace: Workspace, client: Client) -> None:
    made = [recorded(workspace, score, steps=steps) for score, steps in ((0.5, 3), (0.75, 4))]
    labels = [name.rpartition("-")[2] for name in made]
    asked = client(workspace)
    found = asked.get(f"{PATH}/compare?run={labels[0]}&run={made[1]}").json()
    assert (found["runs"], found["differences"]["r2"]) == (made, [0.25])
    assert found["configuration"]["seed"] == ["3", "4"]
    assert found["command"] == f"omloop compare tiny {labels[0]} {labels[1]}"
    assert len(found["curves"][labels[1]]["mlp/train_loss"]["steps"]) == 4
    for query in (f"run={made[0]}", f"run={made[0]}&run={made[0]}"):
        assert "2 to 12 different runs" in asked.get(f"{PATH}/compare?{query}").json()["error"]["message"]


FILES = {
    "plots/loss.png": b"\x89PNG",
    "page.html": b"<script>alert(1)</script>",
    "drawing.svg": b"<svg onload='alert(1)'/>",
    "notes.txt": "søvn".encode(),
    "model.bin": b"\xff\x00",
}


def test_a_file_is_given_as_what_it_is_and_carries_nothing_out(workspace: Workspace, client: Client) -> None:
    name, asked = recorded(workspace, files=FILES), client(workspace)
    found = {file: asked.get(f"{PATH}/{name}/files/{file}") for file in FILES}
    assert {file: answer.content for file, answer in found.items()} == FILES
    assert all(answer.headers["x-content-type-options"] == "nosniff" for answer in found.values())
    types = [answer.headers["content-type"].partition(";")[0] for answer in found.values()]
    assert types == ["image/png", "text/html", "text/plain", "text/plain", "application/octet-stream"]
    policy = found["page.html"].headers["content-security-policy"]
    assert policy.startswith("sandbox;") and "default-src 'none'" in policy
    assert "attachment" in found["model.bin"].headers["content-disposition"]


@pytest.mark.parametrize(
    "name",
    [
        "../run.json",
        "..%2f..%2fsecret",
        "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "run.json",
        "link",
        "%00",
    ],
)
def test_no_file_beside_those_of_the_run_is_given(
    workspace: Workspace, client: Client, name: str, tmp_path: Path
) -> None:
    run = recorded(workspace)
    (tmp_path / "secret").write_text("secret")
    (workspace.root / "runs" / "tiny" / "secret").write_text("secret")
    (workspace.root / "runs" / "tiny" / run / "link").symlink_to(tmp_path / "secret")
    answer = client(workspace).get(f"{PATH}/{run}/files/{name}")
    assert answer.status_code in (404, 503) and str(tmp_path) not in answer.text
    assert answer.headers["content-type"] == "application/json"
