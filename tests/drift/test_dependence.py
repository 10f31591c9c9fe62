"""The dispersion of errors in their order."""

import numpy as np
import pytest

from omloop.drift.dependence import UNLEARNED, dispersion_of, learned_dispersions


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
