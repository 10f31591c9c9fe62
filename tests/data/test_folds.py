import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.data import folds_of


@given(st.lists(st.integers(0, 30), min_size=1, max_size=120), st.integers(2, 8), st.integers(0, 5))
def test_nobody_who_belongs_together_is_parted(ids: list[int], count: int, seed: int) -> None:
    groups, targets = np.array(ids).astype(str), np.array(ids) % 3
    folds = folds_of(groups, targets, count, seed=seed, classes=True)
    assert folds.min() >= 0 and folds.max() < count
    assert len(set(zip(groups.tolist(), folds.tolist(), strict=True))) == len(set(ids))


@pytest.mark.parametrize("classes", [True, False])
def test_each_fold_has_its_share_of_every_class_and_of_all_numbers(classes: bool) -> None:
    keys, targets = np.arange(240).astype(str), np.arange(240) % 40 if classes else np.arange(240) / 7
    folds = folds_of(keys, targets, 5, seed=1, classes=classes)
    assert np.bincount(folds).tolist() == [48] * 5
    strata = targets.astype(int) if classes else np.arange(240) // 24
    shares = np.array([np.bincount(strata[folds == fold], minlength=strata.max() + 1) for fold in range(5)])
    assert (shares.max(axis=0) - shares.min(axis=0)).max() <= 1


def test_folds_go_by_content_and_seed_and_not_by_order() -> None:
    keys, targets = np.arange(60).astype(str), np.arange(60) % 2
    one = folds_of(keys, targets, 5, seed=1, classes=True)
    order = np.random.default_rng(0).permutation(60)
    assert (folds_of(keys[order], targets[order], 5, seed=1, classes=True) == one[order]).all()
    assert (folds_of(keys, targets, 5, seed=2, classes=True) != one).any()
