"""What is foreseen is what listening would have shown."""

import numpy as np
import pytest

from omloop.bundle import Cells, Reference
from omloop.drift import foresee

CHANCE = np.random.default_rng(0)
COLUMNS = {f"c{index}": CHANCE.normal(size=10_000) for index in range(4)}
REFERENCE = Reference.of(COLUMNS, dict.fromkeys(COLUMNS, ()), series=COLUMNS)


def test_it_says_how_soon_a_shift_is_seen_and_that_silence_is_silent() -> None:
    foreseen = foresee(REFERENCE, streams=5)
    assert foreseen.rang == 0
    large, small = (foreseen.delays[f"{by} standard deviations in c2"] for by in (0.5, 0.2))
    assert large == 250 < small <= 1500
    assert "0 of 5 simulated streams of 25,000 predictions rang" in foreseen.words
    assert "0.5 standard deviations in c2 is seen within 250 predictions" in foreseen.words


def test_it_is_the_same_for_the_same_seed() -> None:
    assert foresee(REFERENCE, streams=2, seed=3) == foresee(REFERENCE, streams=2, seed=3)


def test_traffic_that_repeats_itself_is_seen_later() -> None:
    rows = {name: np.repeat(values[:2000], 5) for name, values in COLUMNS.items()}
    reference = Reference.of(rows, dict.fromkeys(rows, ()), series=rows)
    name = "0.3 standard deviations in c2"
    assert foresee(reference, streams=5).delays[name] > foresee(REFERENCE, streams=5).delays[name]


def test_a_reference_without_numbers_promises_silence_alone() -> None:
    reference = Reference.of({"word": np.zeros(500)}, {"word": ("a",)})
    assert foresee(reference, streams=1).delays == {}


def test_what_comes_of_the_references_own_noise_is_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were words pooled in the order of the reference's counts, as once they were, it would say so."""
    words = CHANCE.integers(0, 300, 2000).astype(float)
    reference = Reference.of({"word": words}, {"word": tuple(map(str, range(300)))})
    assert foresee(reference, streams=2).rang == 0
    monkeypatch.setattr(Cells, "order", property(lambda cells: np.argsort(-np.array(cells.counts), kind="stable")))
    assert foresee(reference, streams=2).rang == 2
