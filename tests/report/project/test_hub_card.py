"""A model card whose metadata the Hub reads."""

import math

import pytest

from omloop.core import Estimate
from omloop.report.project import HubCard, hub_card

SCORES = {"r2": Estimate(0.98765432, 0.9, 1.0), "auc": Estimate(math.nan, math.nan, math.nan)}
ODD = 'file "odd": {name}\n- not: a list'


def card(kinds: tuple[str, str] = ("table", "number"), data: str = "file rides.csv") -> str:
    return hub_card(HubCard("rides", "c0ffee", kinds, data, SCORES, "# rides\n"))


def test_the_hubs_own_library_reads_the_results() -> None:
    hub = pytest.importorskip("huggingface_hub")
    (result,) = hub.ModelCard(card(data=ODD)).data.eval_results
    assert (result.task_type, result.dataset_name, result.metric_type) == ("tabular-regression", ODD, "r2")
    assert result.metric_value == pytest.approx(0.987654)


def test_a_score_that_is_not_defined_is_not_mentioned() -> None:
    assert "auc" not in card() and "nan" not in card()


def test_a_task_that_the_hub_has_no_name_for_has_no_results() -> None:
    assert "pipeline_tag" not in card(("text", "number")) and "model-index" not in card(("text", "number"))


def test_the_card_of_the_bundle_follows_the_metadata() -> None:
    assert card().startswith("---\nlibrary_name: onnx\n") and card().endswith("---\n\n# rides\n")
