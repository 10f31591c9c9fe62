"""The dispersion of errors in their order."""

import numpy as np
import pytest

from omloop.drift.dependence import UNLEARNED, dispersion_of, learned_dispersions, thinned_dispersion


def test_independent_errors_are_seldom_taken_for_dependent_ones() -> None:
    chance = np.random.default_rng(1)
    found = [dispersion_of((chance.random(3000) < 0.05) - 0.05, 0.0) for _ in range(100)]
    assert np.mean([one > 1 for one in found]) < 0.25 and max(found) < 12


@pytest.mark.parametrize("copies", [3, 12])
def test_rows_that_repeat_have_their_number_at_least(copies: int) -> None:
    rows = np.random.default_rng(2).random(6000 // copies) < 0.2
    assert copies * 0.9 < dispersion_of(np.repeat(rows, copies) - 0.2, 0.0) < 3 * copies


def test_it_is_learned_from_what_was_there_before() -> None:
    errors = np.random.default_rng(3).normal(size=5000)
    checks, found = learned_dispersions(errors, 0.0)
    assert found[0] == UNLEARNED and checks == sorted(checks)
    again, few = learned_dispersions(errors[:2000], 0.0)
    assert (checks[: len(again)], found[: len(few)]) == (again, few)


def test_errors_that_do_not_vary_have_none() -> None:
    assert dispersion_of(np.zeros(1000), 0.0) == 1.0


def drawn(errors: np.ndarray, seed: int) -> float | None:
    """The dispersion that a fifth of the errors tells, which were drawn from their order."""
    places = np.random.default_rng(seed).permutation(len(errors))[: len(errors) // 5]
    return thinned_dispersion(errors[places], places)


@pytest.mark.parametrize(("stay", "least"), [(20, 1.5), (300, 10.0)])
def test_a_test_part_in_order_tells_what_its_gaps_hide(stay: int, least: float) -> None:
    chance = np.random.default_rng(stay)
    errors = (chance.random(9000) < np.resize([0.02, 0.3], 9000 // stay).repeat(stay)).astype(float)
    found = drawn(errors, 1)
    assert found is not None and found > least
    independent = [drawn((chance.random(6000) < 0.1).astype(float), seed) for seed in range(50)]
    assert np.mean(np.equal(independent, 1.0)) > 0.8


def test_few_errors_in_order_are_not_believed_to_be_independent() -> None:
    errors = np.random.default_rng(5).normal(size=1250)
    assert drawn(errors, 2) is None
    assert drawn(np.repeat(errors[:50], 25), 2) is not None


def test_what_the_test_part_tells_is_held_on_to_and_saves_time_where_it_is_little() -> None:
    errors = np.random.default_rng(6).normal(size=900)
    assert learned_dispersions(errors, 0.0, known=30.0)[1] == [30.0] * 5
    assert learned_dispersions(errors, 0.0, known=1.0)[1][-1] < learned_dispersions(errors, 0.0)[1][-1]
