"""A share of the records: the right size, whole groups, every class, and the same ones each time."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import Columns, ConfigError, Project
from omloop.data import fraction_of
from omloop.data.fraction import choose_fraction
from omloop.kinds import Classes

FRACTIONS = st.floats(0.001, 1.0)


@st.composite
def grouped(draw: Any) -> tuple[np.ndarray, list[str]]:
    """Groups of one to six records of one class each, the classes unequal."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 6), st.sampled_from("aaaabbc")), min_size=1, max_size=80))
    names = [(f"group {number}", label) for number, (size, label) in enumerate(sizes) for _ in range(size)]
    return np.array([name for name, _ in names]), [label for _, label in names]


@settings(max_examples=60, deadline=None)
@given(grouped(), FRACTIONS, st.integers(0, 5))
def test_groups_stay_whole(records: tuple[np.ndarray, list[str]], fraction: float, seed: int) -> None:
    groups, strata = records
    rows = choose_fraction(groups, strata, fraction, seed=seed)
    assert rows == np.flatnonzero(np.isin(groups, groups[rows])).tolist()


@settings(max_examples=60, deadline=None)
@given(grouped(), FRACTIONS, st.integers(0, 5))
def test_every_class_keeps_its_share_and_no_more_than_half_a_group_too_many(
    records: tuple[np.ndarray, list[str]], fraction: float, seed: int
) -> None:
    groups, strata = records
    before, after = (
        Counter(strata),
        Counter(strata[row] for row in choose_fraction(groups, strata, fraction, seed=seed)),
    )
    for label, count in before.items():
        assert after[label] >= 1
        assert after[label] <= max(fraction * count + 3, 6)


@settings(max_examples=60, deadline=None)
@given(grouped(), FRACTIONS, FRACTIONS, st.integers(0, 5))
def test_a_larger_fraction_contains_a_smaller_one(
    records: tuple[np.ndarray, list[str]], one: float, other: float, seed: int
) -> None:
    small, large = (set(choose_fraction(*records, fraction, seed=seed)) for fraction in sorted((one, other)))
    assert small <= large


@settings(max_examples=30, deadline=None)
@given(grouped(), FRACTIONS, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(
    records: tuple[np.ndarray, list[str]], fraction: float, random: Any
) -> None:
    groups, strata = records
    order = list(range(len(strata)))
    random.shuffle(order)
    mixed = choose_fraction(groups[order], [strata[row] for row in order], fraction, seed=1)
    assert sorted(order[row] for row in mixed) == choose_fraction(groups, strata, fraction, seed=1)


def test_all_of_the_records_are_left_alone(project: Project, records: Columns) -> None:
    kept, notes = fraction_of(project, records, 1.0, seed=0)
    assert kept is records and notes == ()


def test_what_was_left_out_is_told(project: Project, records: Columns) -> None:
    kept, notes = fraction_of(project, records, 0.1, seed=0)
    assert {len(values) for values in kept.values()} == {30}
    assert notes == ("only 30 of 300 records were taken: data.fraction=0.1",)


def test_the_same_seed_takes_the_same_records_and_another_seed_others(project: Project, records: Columns) -> None:
    one, again, other = (fraction_of(project, records, 0.3, seed=seed)[0]["row"] for seed in (1, 1, 2))
    assert one == again != other


def test_a_project_of_classes_keeps_them_in_their_shares_within_each_dealt_part(
    project: Project, records: Columns
) -> None:
    classified = replace(project, outputs=Classes("tool", ("None", "Chat")), target="tool", part="part")
    parts = ["test" if row % 5 == 0 else "train" for row in range(300)]
    before = {**records, "part": parts}
    after, _ = fraction_of(classified, before, 0.5, seed=3)
    counts, wanted = (Counter(zip(found["tool"], found["part"], strict=True)) for found in (after, before))
    assert all(abs(counts[kind] - wanted[kind] / 2) <= 1 for kind in wanted)


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.01, float("nan"), float("inf")])
def test_what_is_no_share_is_refused(project: Project, records: Columns, fraction: float) -> None:
    with pytest.raises(ConfigError, match=r"data\.fraction=.* give more than 0 and at most 1"):
        fraction_of(project, records, fraction, seed=0)
