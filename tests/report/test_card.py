from omloop.core import Estimate, Parity, Report
from omloop.report import ModelCard, card_markdown

SCORES = {"mae": Estimate(1.5, 1.25, 1.75)}


def test_every_number_of_the_run_stands_on_the_card() -> None:
    about = ModelCard(
        title="toy: linear",
        summary="A toy.",
        facts={"Data": "simulated", "Seed": "42"},
        report=Report("test", 640, SCORES, {"sex": {"f": SCORES}}),
        models=[("mean", SCORES), ("linear", SCORES)],
        parity=Parity(64, (1, 2), 1e-6, 1e-7, 2e-8, 1.0, 1e-5),
        refused={"row": "a row number"},
    )
    card = card_markdown(about)
    for part in ("640 rows", "1.50 [1.25, 1.75]", "| linear |", "## By sex", "2.0e-08", "**row**: a row number", "42"):
        assert part in card


def test_names_and_texts_of_a_user_stay_texts_on_the_card() -> None:
    hostile = "<img src=x>|[a](b)\n# head"
    about = ModelCard(
        title=hostile,
        summary=hostile,
        facts={hostile: hostile},
        report=Report("test", 640, SCORES, {hostile: {hostile: SCORES}}),
        models=[(hostile, SCORES)],
        parity=Parity(64, (1, 2), 1e-6, 1e-7, 2e-8, 1.0, 1e-5),
        refused={hostile: hostile},
    )
    card = card_markdown(about)
    assert "<img" not in card
    assert "[a](" not in card
    assert "\n# head" not in card


def test_what_classes_mean_stands_on_the_card_as_text() -> None:
    about = ModelCard(
        title="toy: linear",
        summary="A toy.",
        facts={},
        report=Report("test", 640, SCORES),
        models=[],
        parity=Parity(64, (1, 2), 1e-6, 1e-7, 2e-8, 1.0, 1e-5),
        refused={},
        meanings={"mel": "a <dangerous> skin cancer"},
    )
    assert "## What its answers mean\n\n- **mel**: a &lt;dangerous&gt; skin cancer\n" in card_markdown(about)


def test_a_caution_stands_before_all_that_the_card_says() -> None:
    about = ModelCard(
        title="toy: linear",
        summary="A toy.",
        facts={},
        report=Report("test", 640, SCORES),
        models=[],
        parity=Parity(64, (1, 2), 1e-6, 1e-7, 2e-8, 1.0, 1e-5),
        refused={},
        caution="Not <for> the road.",
    )
    card = card_markdown(about)
    assert card.index("> **Caution**: Not &lt;for&gt; the road.") < card.index("## Where it comes from")
