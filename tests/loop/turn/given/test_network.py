"""A trained network: how it takes examples, and what it answers to them."""

from typing import Any

import numpy as np
import pytest
import torch

from omloop.core import OmloopError
from omloop.loop.turn.given.model import given_model
from omloop.loop.turn.given.options import AddOptions
from omloop.package.torch.given import given_network

ROWS = 40
CHANCE = np.random.default_rng(0)
ROWS_OF_TWO = CHANCE.normal(size=(ROWS, 2)).astype(np.float32)
PICTURES = CHANCE.integers(0, 256, (ROWS, 6, 5, 3), dtype=np.uint8)
TRUTH = (ROWS_OF_TWO[:, 0] > 0).astype(int)
LOGITS = torch.nn.Linear(2, 2)


def first_row(network: torch.nn.Module, feed: Any, **how: Any) -> list[float]:
    made = given_network(network, feed, **{"classes": True, "answers": None, **how})
    with torch.inference_mode():
        found: list[float] = made(torch.from_numpy(feed[:1]))[0].tolist()
    return found


def test_logits_become_probabilities_and_probabilities_stay() -> None:
    with torch.inference_mode():
        wanted = torch.softmax(LOGITS(torch.from_numpy(ROWS_OF_TWO[:1])), 1)[0].tolist()
    assert first_row(LOGITS, ROWS_OF_TWO) == pytest.approx(wanted)
    assert first_row(torch.nn.Sequential(LOGITS, torch.nn.Softmax(1)), ROWS_OF_TWO) == pytest.approx(wanted)


def test_one_logit_is_that_of_the_second_class() -> None:
    assert sum(first_row(torch.nn.Linear(2, 1), ROWS_OF_TWO)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("network", "layout"),
    [
        (torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.Flatten(), torch.nn.LazyLinear(2)), "channels first"),
        (torch.nn.Sequential(torch.nn.Linear(90, 2)), "flat"),
    ],
)
def test_pictures_are_given_in_the_layout_that_the_network_takes(network: torch.nn.Module, layout: str) -> None:
    network(torch.zeros(2, 3, 6, 5) if layout == "channels first" else torch.zeros(2, 90))
    made = given_network(network, PICTURES, classes=True, answers=None)
    assert made.layout == layout and network.training and not made.network.training


@pytest.mark.parametrize(
    ("network", "examples", "targets", "options", "said"),
    [
        (torch.nn.Linear(3, 2), ROWS_OF_TWO, TRUTH, {}, r"takes no float32 \(n, 2\)"),
        (LOGITS, ROWS_OF_TWO, np.where(TRUTH, "yes", "no"), {}, r"outputs=\('no', 'yes'\)"),
        (LOGITS, [{"sex": "f"}] * ROWS, TRUTH, {}, "'sex' holds words, and a network reads numbers"),
        (LOGITS, ["a text"] * ROWS, TRUTH, {}, "which tokenizer"),
        (LOGITS, ROWS_OF_TWO, TRUTH, {"answers": "logit"}, "it is 'logits' or 'probabilities'"),
    ],
)
def test_what_does_not_fit_a_network_says_what_would(
    network: Any, examples: Any, targets: Any, options: Any, said: str
) -> None:
    with pytest.raises(OmloopError, match=said):
        given_model(network, examples, targets, AddOptions.of(**options))


def test_words_of_the_targets_are_the_classes_in_the_order_of_the_outputs() -> None:
    found = given_model(LOGITS, ROWS_OF_TWO, np.where(TRUTH, "yes", "no"), AddOptions.of(outputs=("no", "yes")))
    assert found.outputs.classes == ("no", "yes")


def test_one_number_to_targets_of_many_is_a_number() -> None:
    found = given_model(torch.nn.Linear(2, 1), ROWS_OF_TWO, ROWS_OF_TWO[:, 0], AddOptions.of())
    assert found.outputs.classes == () and found.fitted.predict(ROWS_OF_TWO).shape == (ROWS,)
