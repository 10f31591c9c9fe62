"""One command from a file to a project that turns, unedited."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from omloop.cli import main
from omloop.core import ConfigError, OmloopError
from omloop.loop import Workspace, find_project
from omloop.loop.project.from_data import project_from_data
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn


@pytest.fixture
def place(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    return Workspace(replace(workspace.settings, projects="projects"))


def rentals(path: Path, rows: int = 300) -> None:
    """A German table: semicolons, decimal commas, Latin-1, dates with the day first, rows without a target."""
    draw = np.random.default_rng(5)
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["nummer", "frei ab", "größe", "ort", "balkon", "miete"])
        for row in range(rows):
            size, town = 20 + 80 * draw.random(), ["Köln", "Bonn", 'Bad "Ems"'][draw.integers(3)]
            rent = f"{12 * size + 500 * draw.random():.2f}".replace(".", ",") if row % 10 else ""
            day = f"{1 + row % 28:02}.{1 + row // 28 % 12:02}.2023"
            balcony = ["true", "false"][draw.integers(2)]
            writer.writerow([4711 + row, day, f"{size:.1f}".replace(".", ","), town, balcony, rent])


def test_a_table_in_a_foreign_dialect_turns_unedited(place: Workspace, tmp_path: Path) -> None:
    rentals(tmp_path / "wohnungen.csv")
    made = project_from_data("rents", place.settings, Path("wohnungen.csv"), target="miete")
    assert made.lines <= 60 and made.guess.answer.missing == 30
    project = find_project("rents", place.settings)
    types = {column.name: column.type for column in project.inputs.columns}  # type: ignore[attr-defined]
    assert types == {"frei ab": "date", "größe": "number", "ort": "category", "balkon": "boolean"}
    assert "nummer" in project.ignored and project.time == "frei ab"
    found = turn(Plan.of(project, ["model=linear"], place))
    assert found.promoted and found.report.metrics["r2"].value > 0.5


@pytest.mark.parametrize(("rows", "models"), [(60, ["baseline", "blend"]), (2100, ["baseline", "linear", "boosting"])])
def test_few_records_learn_with_the_mean_of_three_and_more_with_the_best(
    place: Workspace, tmp_path: Path, rows: int, models: list[str]
) -> None:
    lines = [f"{row * 5 % 13 + row / 100},{row * 3 % 17}" for row in range(rows)]
    (tmp_path / "made.csv").write_text("\n".join(["x,y", *lines]))
    project_from_data("made", place.settings, Path("made.csv"), target="y")
    assert list(Plan.of("made", [], place).config.models)[: len(models)] == models


def test_what_it_simulates_needs_no_file(place: Workspace, tmp_path: Path) -> None:
    rentals(tmp_path / "wohnungen.csv")
    project_from_data("rents", place.settings, Path("wohnungen.csv"), target="miete")
    (tmp_path / "wohnungen.csv").unlink()
    assert turn(Plan.of("rents", ["model=linear", "data=simulated", "data.rows=300"], place)).promoted
    with pytest.raises(OmloopError, match=r"wohnungen\.csv"):
        turn(Plan.of("rents", ["model=linear"], place))


def test_pictures_in_folders_turn_unedited(place: Workspace, tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    for label, shade in (("day", 200), ("night", 40)):
        (tmp_path / "sky" / label).mkdir(parents=True)
        for number in range(25):
            pixels = np.clip(draw.normal(shade, 20, (20, 20)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "sky" / label / f"{number}.png")
    made = project_from_data("skies", place.settings, Path("sky"))
    assert made.lines <= 60 and made.guess.answer.words == ("day", "night")
    assert turn(Plan.of("skies", ["model=pca_linear"], place)).report.metrics["accuracy"].value > 0.9


def test_texts_turn_unedited(place: Workspace, tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    words = {"good": ["fine", "lovely", "great", "warm"], "bad": ["awful", "cold", "dull", "poor"]}
    with (tmp_path / "notes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["remark", "mood"])
        for row in range(200):
            mood = ["good", "bad"][row % 2]
            writer.writerow([f"the {row} day was {' and '.join(draw.choice(words[mood], 6))}", mood])
    made = project_from_data("moods", place.settings, Path("notes.csv"), target="mood", text="remark")
    assert made.lines <= 60
    assert turn(Plan.of("moods", ["model=bag_of_words"], place)).report.metrics["accuracy"].value > 0.9


def test_many_odd_columns_go_to_a_file_of_their_own(place: Workspace, tmp_path: Path) -> None:
    draw = np.random.default_rng(6)
    names = [f'x {number}: "a\\b" [{number}] ☀' for number in range(80)]
    with (tmp_path / "wide.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "class"])
        writer.writerows([*draw.normal(size=80).round(3), f"group {row % 3}"] for row in range(120))
    made = project_from_data("wide", place.settings, Path("wide.csv"), target="class")
    assert made.lines <= 60 and (made.folder / "schema.json").is_file()
    project = find_project("wide", place.settings)
    assert list(project.inputs.fields) == names and len(project.outputs.classes) == 3
    assert len(project.simulate(50, 1, 0.0)["class"]) == 50


def test_a_target_of_odd_signs_is_no_broken_source(place: Workspace, tmp_path: Path) -> None:
    target = 'a "quoted" \\ """name"""'
    with (tmp_path / "odd.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["x", target])
        writer.writerows([row * 5 % 13 + row / 100, row * 3 % 17] for row in range(60))
    made = project_from_data("odd", place.settings, Path("odd.csv"), target=target)
    project = find_project("odd", place.settings)
    assert project.target == target and target in project.summary and made.lines <= 60


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        (b"", {"target": "y"}, "is empty"),
        (b"y\n1\n2\n", {"target": "y"}, "one column"),
        (b"x,y\n" + b"1,5\n2,5\n" * 30, {"target": "y"}, "5"),
        (b"%PDF-1.7 x", {"target": "y"}, "PDF"),
        (b"x,y\n1,2\n", {"target": ""}, "--target"),
        (b"x,price\n" + b"1,5\n2,6\n" * 30, {"target": "prize"}, "Did you mean 'price'"),
    ],
)
def test_what_cannot_be_learned_from_leaves_nothing_behind(
    place: Workspace, tmp_path: Path, content: bytes, words: dict[str, str], told: str
) -> None:
    (tmp_path / "given.csv").write_bytes(content)
    with pytest.raises(OmloopError, match=told):
        project_from_data("never", place.settings, Path("given.csv"), **words)
    assert not list((tmp_path / "projects").glob("*")) if (tmp_path / "projects").exists() else True


def test_an_index_without_a_name_is_left_out_as_an_id(place: Workspace, tmp_path: Path) -> None:
    lines = [f"{row},{row * 5 % 13 + row / 100},{row * 3 % 17}" for row in range(60)]
    (tmp_path / "odd.csv").write_text("\n".join([",x,y", *lines]))
    made = project_from_data("odd", place.settings, Path("odd.csv"), target="y")
    project = find_project("odd", place.settings)
    assert list(made.guess.left_out) == [""] == list(project.ignored) and project.inputs.fields == ("x",)
    assert turn(Plan.of(project, ["model=linear"], place)).version


def test_a_name_that_is_taken_is_told_before_the_file_is_read(place: Workspace, tmp_path: Path) -> None:
    (tmp_path / "projects" / "rents").mkdir(parents=True)
    with pytest.raises(ConfigError, match="exists already"):
        project_from_data("rents", place.settings, Path("never.csv"), target="y")


def test_the_command_tells_what_was_decided_and_how_to_decide_otherwise(
    place: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rentals(tmp_path / "wohnungen.csv")
    assert main(["new", "rents", "--from", "wohnungen.csv", "--target", "miete"]) == 0
    out = capsys.readouterr().out
    assert "day first" in out and "semicolons" in out and "omloop turn rents && omloop serve rents" in out
    assert main(["new", "again", "--from", "wohnungen.csv", "--target", "miete", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["left_out"].keys() == {"nummer"} and said["unlabelled"] == 30 and said["roles"]["time"] == "frei ab"
    assert main(["new", "third", "--target", "miete"]) == 1
    assert "--from PATH" in capsys.readouterr().err
