"""Turn after turn on the same test rows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from omloop.core import PartUse
from omloop.promote import Case, MetricFunction, Rules, judge, use_of

QUICK = Rules(resamples=100)


def series(
    metric: MetricFunction, noises: Sequence[float], *, rows: int = 300, seed: int = 1, champion: float = 0.5
) -> list[Case]:
    """Candidates with some noise each, for the same rows and the same champion."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=rows)
    theirs = truth + random.normal(scale=champion, size=rows)
    keys = np.array([f"{seed} {row}" for row in range(rows)])
    made = [truth + random.normal(scale=noise, size=rows) for noise in noises]
    return [Case(metric, truth, ours, theirs, seed=1, keys=keys, version=str(n)) for n, ours in enumerate(made)]


def taken(cases: Sequence[Case]) -> tuple[PartUse, ...]:
    return tuple(use for use in map(use_of, cases) if use)


def ever(cases: Sequence[Case]) -> bool:
    """Whether any is promoted, each after those before it."""
    uses = taken(cases)
    return any(judge(replace(case, earlier=uses[:turn]), QUICK).promote for turn, case in enumerate(cases))


@pytest.mark.slow
def test_a_series_of_equal_candidates_hardly_ever_promotes_one(mean_error: MetricFunction) -> None:
    """At most 5 % of 40 series of 12; each turn for itself would promote one in three times as many."""
    found = [series(mean_error, [0.5] * 12, rows=200, seed=seed) for seed in range(40)]
    assert sum(ever(cases) for cases in found) <= 3
    assert sum(any(judge(case, QUICK).promote for case in cases) for cases in found) > 3


@pytest.mark.slow
def test_hopeless_candidates_before_make_it_no_easier_to_promote_an_equal_one(mean_error: MetricFunction) -> None:
    found = [series(mean_error, [2.0] * 6 + [0.5] * 6, rows=100, seed=seed) for seed in range(40)]
    assert sum(ever(cases) for cases in found) <= 2


def test_a_clear_gain_is_promoted_after_nine_equal_candidates(mean_error: MetricFunction) -> None:
    for seed in range(10):
        *before, better = series(mean_error, [0.5] * 9 + [0.3], seed=seed)
        decision = judge(replace(better, earlier=taken(before)), QUICK)
        assert decision.promote and "use 10 of these rows: better" in decision.reason
        assert decision.evidence["use"] == 10


def test_the_bad_luck_of_the_champion_is_not_taken_for_a_gain(mean_error: MetricFunction) -> None:
    """The champion is worse on these rows than it should be: all look better, and the last no better than the rest."""
    *before, last = series(mean_error, [0.5] * 10, champion=0.65)
    assert judge(last, QUICK).promote
    decision = judge(replace(last, earlier=taken(before)), QUICK)
    assert decision.verdict == "not enough evidence"
    assert "use 10 of these rows and no clear gain over the best that were tried on them" in decision.reason


def test_those_that_were_found_better_and_wait_for_a_person_bar_no_other(mean_error: MetricFunction) -> None:
    *before, last = series(mean_error, [0.4] * 4, rows=600)
    waiting = tuple(use for case in before if (use := judge(case, QUICK).use))
    assert all(use.better for use in waiting)
    assert judge(replace(last, earlier=waiting), QUICK).promote
    turned_down = tuple(replace(use, better=False) for use in waiting)
    assert not judge(replace(last, earlier=turned_down), QUICK).promote


def test_the_same_candidate_judged_again_gets_the_same_answer_and_is_no_new_use(mean_error: MetricFunction) -> None:
    first, second, third = series(mean_error, [0.5, 0.45, 0.5])
    uses = taken([first, second, third])
    decision = judge(replace(second, earlier=uses[:1]), QUICK)
    assert judge(replace(second, earlier=uses), QUICK) == decision
    assert decision.use == uses[1]


def test_a_part_that_grew_is_known_again_and_other_rows_are_fresh(mean_error: MetricFunction) -> None:
    cases = series(mean_error, [0.5, 0.5, 0.5], rows=900)
    first, rows = cases[0].only(np.arange(900) < 600), np.arange(900)
    uses = taken([first])
    grown, half, other = (replace(cases[1].only(here), earlier=uses) for here in (rows >= 0, rows >= 300, rows >= 600))
    assert [judge(case, QUICK).evidence["use"] for case in (grown, half, other)] == [2, 2, 1]


def test_gains_in_another_unit_are_not_compared(mean_error: MetricFunction, r2: MetricFunction) -> None:
    first, second = series(mean_error, [0.5, 0.5])
    decision = judge(replace(second, metric=r2, earlier=taken([first])), QUICK)
    assert decision.evidence["use"] == 1


def test_one_that_may_lose_for_costing_less_makes_no_claim_and_no_use(mean_error: MetricFunction) -> None:
    (case,) = series(mean_error, [0.5])
    assert judge(replace(case, allowed=0.2), QUICK).use is None


def test_the_shares_of_the_groups_tell_the_standard_error(mean_error: MetricFunction) -> None:
    (case,) = series(mean_error, [0.5], rows=2000)
    (use,) = taken([case])
    gains = np.abs(case.truth - case.champion) - np.abs(case.truth - case.candidate)
    assert use.gain == pytest.approx(gains.mean())
    assert np.sqrt(np.square(use.shares).sum()) == pytest.approx(gains.std() / np.sqrt(2000), rel=0.15)


def test_rows_of_one_cluster_lie_in_one_group(mean_error: MetricFunction) -> None:
    (case,) = series(mean_error, [0.5], rows=60)
    (use,) = taken([replace(case, clusters=np.arange(60) // 30)])
    assert use.rows == 2 and np.count_nonzero(use.shares) == 2
