"""Versions over HTTP: a list, one, and two beside each other."""

from dataclasses import replace

import pytest
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import NOW, logged, with_champion

from omloop.bundle import Bundle
from omloop.core import Decision
from omloop.loop import Workspace
from omloop.report import SLICES
from omloop.testing.bundles import tiny_bundle, tiny_sure_bundle, tiny_text_bundle

PATH = "/projects/tiny/versions"
CONFIG = "gate:\n  metric: r2\nmodel:\n  name: {}\n"


def configured(weight: float, model: str, run: str = "tiny-1") -> Bundle:
    """A tiny bundle with a configuration and a card."""
    bundle = tiny_bundle(weight)
    manifest = replace(bundle.manifest, lineage=replace(bundle.manifest.lineage, model=model, run=run))
    return Bundle.seal(manifest, {**bundle.files, "config.yaml": CONFIG.format(model).encode(), "card.md": b"# A card"})


@pytest.fixture
def judged(workspace: Workspace) -> Workspace:
    """Three versions: the champion, a better one, and a worse one."""
    workspace = with_champion(workspace, configured(1.0, "linear"))
    registry = workspace.registry("tiny")
    for weight, model, verdict in ((2.0, "forest", "better"), (3.0, "<b>mlp</b>", "worse")):
        version = registry.add(configured(weight, model), by="ada")
        registry.decide(version, Decision(verdict, f"{model} is {verdict}"), against=registry.champion(), by="gate")
    return workspace


def test_the_newest_version_is_first_and_each_says_whether_it_may_be_promoted(
    judged: Workspace, client: Client
) -> None:
    found = client(judged).get(PATH).json()
    assert [one["model"] for one in found["versions"]] == ["<b>mlp</b>", "forest", "linear"]
    assert [one["promotable"] for one in found["versions"]] == [False, True, False]
    assert [one["champion"] for one in found["versions"]] == [False, False, True]
    assert found["versions"][1]["decision"]["reason"] == "forest is better"
    assert (found["metrics"], found["lower_is_better"]) == (["r2", "rmse", "mae"], ["mae", "rmse"])
    assert found["champion"] == found["versions"][2]["version"]


def test_a_decision_against_a_former_champion_counts_no_longer(judged: Workspace, client: Client) -> None:
    registry = judged.registry("tiny")
    linear, forest, mlp = registry.versions()
    registry.promote(mlp, expected=linear, by="ada", reason="a test")
    found = {one["version"]: one for one in client(judged).get(PATH).json()["versions"]}
    assert not found[forest]["promotable"] and not found[forest]["decision"]["counts"]
    assert found[forest]["decision"]["against"] == linear


def test_versions_are_found_by_their_words_a_page_at_a_time(judged: Workspace, client: Client) -> None:
    asked = client(judged)
    found = asked.get(f"{PATH}?q=FOREST").json()
    assert (found["total"], [one["model"] for one in found["versions"]]) == (1, ["forest"])
    second = asked.get(f"{PATH}?page=2&size=2").json()
    assert (second["total"], second["page"], second["size"]) == (3, 2, 2)
    assert [one["model"] for one in second["versions"]] == ["linear"]
    assert asked.get(f"{PATH}?page=9").json()["versions"] == []


def test_one_version_tells_everything_and_the_commands_that_put_it_in_charge(judged: Workspace, client: Client) -> None:
    asked, (linear, forest, mlp) = client(judged), judged.registry("tiny").versions()
    found = asked.get(f"{PATH}/{forest[:6]}").json()
    assert (found["version"], found["card"], found["config"]) == (forest, "# A card", CONFIG.format("forest"))
    assert [event["kind"] for event in found["events"]] == ["decide", "add"]
    (variant,) = found["variants"]
    assert (variant["name"], variant["served"], variant["parity"]["verified"]) == ("model.onnx", True, True)
    assert found["commands"]["promote"] == f"omloop promote tiny {forest}"
    assert asked.get(f"{PATH}/{mlp}").json()["commands"]["promote"] == f"omloop promote tiny {mlp} --force --reason WHY"
    assert "promote" not in asked.get(f"{PATH}/{linear}").json()["commands"]
    assert found["slices"] is None and found["lineage"]["model"] == "forest" and "packages" not in found["lineage"]


def test_scores_by_group_are_those_that_the_run_kept(workspace: Workspace, client: Client) -> None:
    runs = []
    for score in (0.5, 0.75):
        run = workspace.tracker().start("tiny", "", {})
        run.keep(SLICES, b'{"sex": {"f": {"r2": {"value": %g, "low": null, "high": null}}}}' % score)
        run.finish("finished", {})
        runs.append(run.name)
    workspace = with_champion(workspace, configured(1.0, "linear", runs[0]))
    second = workspace.registry("tiny").add(configured(2.0, "forest", runs[1]), by="ada")
    asked, first = client(workspace), workspace.registry("tiny").champion()
    assert asked.get(f"{PATH}/{second}").json()["slices"]["sex"]["f"]["r2"]["value"] == 0.75
    (row,) = asked.get(f"{PATH}/compare?a={first}&b={second}").json()["slices"]
    assert (row["grouping"], row["group"], row["metric"]) == ("sex", "f", "r2")
    assert (row["a"]["value"], row["b"]["value"]) == (0.5, 0.75)


def test_two_versions_differ_in_settings_and_in_what_they_answer(judged: Workspace, client: Client) -> None:
    a, b, _ = judged.registry("tiny").versions()
    found = client(judged).get(f"{PATH}/compare?a={a}&b={b}").json()
    assert found["config"] == [{"key": "model.name", "a": "linear", "b": "forest"}]
    assert [one["name"] for one in found["metrics"]] == ["r2", "rmse", "mae"] and found["slices"] is None
    told = found["predictions"]
    assert told["source"] == "examples" and told["agreement"] < 1 and told["why"] == ""
    first = told["changed"][0]
    assert first["b"]["value"] == pytest.approx(2 * first["a"]["value"]) and first["row"].keys() == {
        "hours",
        "age",
        "sex",
    }


def test_versions_answer_again_what_was_asked_lately_beside_what_turned_out_true(
    judged: Workspace, client: Client
) -> None:
    a, b, _ = judged.registry("tiny").versions()
    logged(judged, [NOW - seconds for seconds in range(20, 0, -1)], labels={0: 41.0})
    told = client(judged).get(f"{PATH}/compare?a={a}&b={b}").json()["predictions"]
    assert (told["source"], told["rows"], told["agreement"], told["more"]) == ("log", 20, 0.0, 0)
    truth = {one["place"]: one.get("truth") for one in told["changed"]}
    assert truth[0] == 41.0 and truth[1] is None


def test_versions_that_answer_different_things_are_not_held_against_each_other(
    judged: Workspace, client: Client
) -> None:
    registry = judged.registry("tiny")
    other = registry.add(tiny_text_bundle(), by="ada")
    told = client(judged).get(f"{PATH}/compare?a={registry.champion()}&b={other}").json()["predictions"]
    assert told["changed"] == [] and "answer different things" in told["why"]


def test_the_settings_are_left_out_where_nothing_reads_them(
    judged: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(text: str) -> None:
        raise ModuleNotFoundError("No module named 'yaml'", name="yaml")

    monkeypatch.setattr("omloop.loop.steer.compare_versions.flat_settings", absent)
    a, b, _ = judged.registry("tiny").versions()
    assert client(judged).get(f"{PATH}/compare?a={a}&b={b}").json()["config"] is None


def test_history_is_told_newest_first_and_by_kind(judged: Workspace, client: Client) -> None:
    asked = client(judged)
    found = asked.get("/projects/tiny/history?size=2").json()
    assert (found["total"], [one["number"] for one in found["events"]]) == (6, [6, 5])
    assert found["events"][0]["evidence"]["verdict"] == "worse"
    kinds = {one["kind"] for one in asked.get("/projects/tiny/history?kind=add,promote").json()["events"]}
    assert kinds == {"add", "promote"}


def test_the_line_of_champions_says_from_when_to_when(judged: Workspace, client: Client) -> None:
    registry = judged.registry("tiny")
    linear, forest, _ = registry.versions()
    registry.promote(forest, expected=linear, by="ada", reason="better")
    registry.rollback(by="bo", reason="worse after all")
    found = client(judged).get("/projects/tiny/champions").json()["champions"]
    assert [one["version"] for one in found] == [linear, forest, linear]
    assert [one["by"] for one in found] == ["test", "ada", "bo"]
    assert found[0]["end"] == found[1]["begin"] and found[2]["end"] is None


def test_how_sure_a_version_may_be_is_told_where_it_says_so(workspace: Workspace, client: Client) -> None:
    registry = with_champion(workspace, tiny_sure_bundle()).registry("tiny")
    older = registry.add(tiny_bundle(), by="ada")
    asked = client(workspace)
    found = asked.get(f"{PATH}/{registry.champion()}").json()
    assert found["confidence"]["half"] == found["outputs"]["interval"]["half"] == 8.0
    assert asked.get(f"{PATH}/{older}").json()["confidence"] is None
