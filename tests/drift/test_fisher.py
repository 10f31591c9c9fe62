"""Fisher's exact test equals SciPy's, and sees what pooling hides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from omloop.drift import chi_squared, fisher, newly_common


@settings(max_examples=50)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(30, 5000), st.integers(30, 500))
def test_it_equals_scipy(reference: int, live: int, rows: int, live_rows: int) -> None:
    table = [[live, live_rows - live], [reference, rows - reference]]
    assert fisher(reference, live, rows, live_rows) == pytest.approx(fisher_exact(table, "greater").pvalue, rel=1e-7)


def test_missing_values_that_were_never_missing_are_seen() -> None:
    """One live row in forty: pooled with its neighbour it would drown."""
    reference, live = np.array([*[312] * 16, 0]), np.array([*[31] * 16, 12])
    assert chi_squared(reference, live)[1] > 0.01
    assert newly_common(reference, live) < 1e-9


def test_what_became_rarer_is_not_newly_common() -> None:
    assert newly_common(np.array([4000, 900, 10]), np.array([400, 90, 0])) == pytest.approx(1.0)


def test_a_value_outside_of_the_reference_has_the_chance_of_its_rank() -> None:
    """The largest of 10 + 5 values is one of the 5 with probability 5/15."""
    assert fisher(0, 1, 10, 5) == pytest.approx(1 / 3)


def test_samples_of_millions_are_no_trouble() -> None:
    assert fisher(20_000, 9, 4_000_000, 1_000) == pytest.approx(
        fisher_exact([[9, 991], [20_000, 3_980_000]], "greater").pvalue, rel=1e-6
    )
