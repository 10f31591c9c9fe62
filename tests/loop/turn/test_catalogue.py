"""A project whose models are the catalogue's goes round, the best of them packaged, its records weighed."""

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import Settings
from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import TurnResult, turn

PROJECT = """
import numpy as np
from omloop import Column, Number, Project, Table, models

CITIES = tuple(f"city {number}" for number in range(60))


def simulate(rows, seed, drift):
    random = np.random.default_rng(seed)
    area, city = random.uniform(20, 200, rows).round(1), random.integers(0, 60, rows)
    rent = 8 * area + 10.0 * (city % 7) + random.normal(0, 20, rows)
    return {"area": [None if random.random() < 0.1 else float(one) for one in area],
            "city": [CITIES[one] for one in city], "rooms": [2] * rows, "persons": random.integers(1, 5, rows),
            "rent": np.where(random.random(rows) < 0.02, 0.0, rent)}


project = Project(
    name="flats", summary="What a flat costs.", target="rent", outputs=Number("rent"), baseline="usual",
    inputs=Table((Column("area", "number", missing=True), Column("city", "category", categories=CITIES),
                  Column("rooms", "integer"))),
    models={"usual": models.baseline(), "line": models.linear(knots=2), "trees": models.boosting(rounds=40, bags=2),
            "wood": models.forest(trees=10)},
    simulate=simulate, weight="persons",
)
"""
CONF = """
defaults: [omloop_base, {data: simulated}, {model: best}, _self_]
data: {rows: 700}
gate: {metric: r2}
"""


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, TurnResult]:
    root = tmp_path_factory.mktemp("flats")
    (root / "projects" / "flats" / "conf").mkdir(parents=True)
    (root / "projects" / "flats" / "project.py").write_text(PROJECT)
    (root / "projects" / "flats" / "conf" / "config.yaml").write_text(CONF)
    workspace = Workspace(Settings(projects=str(root / "projects"), workspace=str(root / "ws")))
    return workspace, turn(Plan.of(find_project("flats", workspace.settings), [], workspace))


def test_the_best_of_the_catalogue_is_promoted_under_the_projects_own_name(
    turned: tuple[Workspace, TurnResult],
) -> None:
    workspace, result = turned
    assert result.promoted and result.chosen in ("line", "trees", "wood")
    session = Session.of(workspace.registry("flats").load(result.version))
    rows = [{"area": None, "city": "city 3", "rooms": 2}, {"area": 1e9, "city": "city 59", "rooms": -5}]
    assert np.isfinite(session.predict(session.inputs.parse(rows))).all()


def test_a_name_of_the_projects_own_chooses_a_model_and_its_options(turned: tuple[Workspace, TurnResult]) -> None:
    workspace, _ = turned
    plan = Plan.of(find_project("flats", workspace.settings), ["model=trees", "model.rounds=7"], workspace)
    chosen = plan.config.models["trees"]
    assert list(plan.config.models) == ["usual", "trees"]
    assert (chosen.name, chosen.rounds, chosen.bags) == ("trees", 7, 2)  # type: ignore[attr-defined]
