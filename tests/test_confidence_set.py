"""The 95% confidence set of the best rows: that it holds them, and what it does not depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.scores.drawn import Drawn
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.uncertainty import Uncertainty
from leaderboard.tables.confidence_set import LEVEL, Standing, standings
from leaderboard.tables.paired import paired_interval

CLUSTERS, RESAMPLES = 40, 200
ACCOUNTS = Uncertainty(Drawn(CLUSTERS, CLUSTERS))
WEEKS = Uncertainty(Drawn(CLUSTERS, CLUSTERS, weeks=CLUSTERS))
COUNTS = Resamples(np.arange(CLUSTERS), RESAMPLES).counts(0, RESAMPLES) / CLUSTERS

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def drawn(losses: Floats, uncertainty: Uncertainty = ACCOUNTS) -> list[Standing]:
    """Of the losses of rows on clusters, [k, clusters]."""
    return standings(losses.mean(axis=1), losses @ COUNTS.T, uncertainty)


def errors(k: int, seed: int = 0) -> Floats:
    """Of k equal rows, half of them shared."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=(k, CLUSTERS)) + rng.normal(size=CLUSTERS))


def best(found: list[Standing]) -> list[bool]:
    return [one.best for one in found]


def test_a_row_that_is_clearly_worse_is_struck_and_one_that_is_not_stays() -> None:
    losses = errors(3) + np.array([[0.0], [0.05], [3.0]])
    found = drawn(losses)
    assert best(found) == [True, True, False]
    assert (found[2].rank_low, found[2].rank_high) == (3, 3)
    assert [(one.rank_low, one.rank_high) for one in found[:2]] == [(1, 2), (1, 2)]


@pytest.mark.parametrize("uncertainty", [ACCOUNTS, WEEKS])
def test_one_row_is_the_best(uncertainty: Uncertainty) -> None:
    assert drawn(errors(1), uncertainty) == [Standing(1.0, 1.0, 1.0)]
    assert drawn(errors(1)[:0], uncertainty) == []


@pytest.mark.parametrize("uncertainty", [ACCOUNTS, WEEKS])
def test_rows_that_are_the_same_are_all_the_best_and_go_together(uncertainty: Uncertainty) -> None:
    same = np.repeat(errors(1), 3, axis=0)
    assert drawn(same, uncertainty) == [Standing(1.0, 1.0, 3.0)] * 3
    good = errors(2, seed=1)[1:] - 5
    found = drawn(np.concatenate([same, good]), uncertainty)
    assert best(found) == [False, False, False, True]
    assert len({one.p for one in found[:3]}) == 1


def test_a_difference_that_is_the_same_in_every_resample_is_a_difference() -> None:
    losses = np.repeat(errors(1), 2, axis=0) + np.array([[0.0], [1e-3]])
    assert best(drawn(losses)) == [True, False]
    rounding = np.repeat(errors(1), 2, axis=0) + np.array([[0.0], [1e-12]])
    assert best(drawn(rounding)) == [True, True]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.permutations(range(6)), st.booleans())
def test_the_order_of_the_rows_does_not_matter(seed: int, order: list[int], weeks: bool) -> None:
    uncertainty = WEEKS if weeks else ACCOUNTS
    losses = errors(6, seed) + np.linspace(0, 1.5, 6)[:, None]
    found = drawn(losses, uncertainty)
    turned = drawn(losses[order], uncertainty)
    assert [turned[order.index(i)].rank_low for i in range(6)] == [one.rank_low for one in found]
    assert [turned[order.index(i)].p for i in range(6)] == pytest.approx([one.p for one in found])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 8))
def test_the_set_holds_the_row_that_scored_best_and_ranks_hold_the_rank(seed: int, k: int) -> None:
    losses = errors(k, seed) + np.linspace(0, 2, k)[:, None]
    scores = losses.mean(axis=1)
    found = drawn(losses)
    assert found[int(scores.argmin())].p == 1
    for one, rank in zip(found, 1 + scores.argsort().argsort(), strict=True):
        assert one.rank_low <= rank <= one.rank_high
        assert 0 <= one.p <= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(-1, 1))
def test_of_two_rows_it_says_what_their_interval_says(seed: int, shift: float) -> None:
    """But for chance: one counts resamples, the other reads off quantiles."""
    losses = errors(2, seed) + np.array([[0.0], [shift]])
    told = losses @ COUNTS.T
    low, high, _ = paired_interval(told[1].copy(), told[0].copy(), ACCOUNTS)
    p = min(one.p for one in drawn(losses))
    beyond = max(low, -high) / (high - low)
    if beyond > 0.15:
        assert p < LEVEL
    if beyond < -0.15:
        assert p >= LEVEL


def test_resamples_without_a_score_are_left_out_and_a_row_without_one_has_no_standing() -> None:
    losses = errors(3) + np.array([[0.0], [0.0], [3.0]])
    told = losses @ COUNTS.T
    told[1, ::3] = np.nan
    whole = standings(losses.mean(axis=1), told, ACCOUNTS)
    assert best(whole) == [True, True, False]
    scores = losses.mean(axis=1)
    scores[0] = np.nan
    told[0] = np.nan
    found = standings(scores, told, ACCOUNTS)
    assert np.isnan(found[0].p) and not found[0].best
    assert best(found[1:]) == [True, False]


def test_where_no_resample_is_defined_nothing_can_be_told() -> None:
    found = standings(np.array([1.0, 9.0]), np.full((2, RESAMPLES), np.nan), ACCOUNTS)
    assert found == [Standing(1.0, 1.0, 2.0)] * 2


@pytest.mark.slow
def test_twelve_equal_rows_stay_in_the_set_and_pair_by_pair_they_do_not() -> None:
    """Bound: three Monte-Carlo standard errors above 5%."""
    struck = {"set": 0, "pairs": 0}
    for seed in range(150):
        losses = errors(12, seed)
        struck["set"] += not all(best(drawn(losses)))
        told = losses @ COUNTS.T
        first = int(losses.mean(axis=1).argmin())
        ends = [paired_interval(told[i].copy(), told[first].copy(), ACCOUNTS) for i in range(12)]
        struck["pairs"] += any(low > 0 for low, *_ in ends)
    assert struck["set"] / 150 < 0.05 + 0.055
    assert struck["pairs"] / 150 > 0.4
