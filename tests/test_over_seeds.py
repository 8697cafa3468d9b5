"""A row of several seeds: its interval holds the chance of training beside that of the posts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.scores.bootstrap import interval
from leaderboard.tables.over_seeds import over_seeds

RESAMPLES = 4000
POSTS = np.random.default_rng(1).normal(0, 0.02, RESAMPLES)
"""What the choice of posts does in a resample."""


def seeds(*scores: float) -> list[np.ndarray]:
    return [score + POSTS for score in scores]


def test_of_one_seed_nothing_is_known_of_its_chance() -> None:
    assert (over_seeds(seeds(1.0)) == 1.0 + POSTS).all()


def test_a_row_that_is_the_same_under_every_seed_has_the_interval_of_its_posts() -> None:
    np.testing.assert_allclose(over_seeds(seeds(1.0, 1.0, 1.0)), 1.0 + POSTS, rtol=1e-12)


@pytest.mark.parametrize("k", [2, 3, 5, 10])
def test_the_variance_is_that_of_the_posts_and_of_a_mean_of_so_many_seeds(k: int) -> None:
    scores = np.random.default_rng(k).normal(1, 0.1, k)
    found = over_seeds(seeds(*scores))
    expected = POSTS.var() + scores.var(ddof=1) / k
    assert found.var() == pytest.approx(expected, rel=0.15)
    assert found.mean() == pytest.approx(scores.mean(), abs=4 * (expected / RESAMPLES) ** 0.5)


def test_seeds_that_disagree_widen_the_interval_of_a_difference() -> None:
    """The difference of two rows that differ by less than their seeds do cannot be told."""
    one, other = over_seeds(seeds(1.0, 1.1, 1.2)), over_seeds(seeds(1.2, 1.15, 1.13))
    low, high = interval(one - other)
    assert low < 0 < high
    without = np.mean(seeds(1.0, 1.1, 1.2), axis=0) - np.mean(seeds(1.2, 1.15, 1.13), axis=0)
    assert interval(without)[1] < 0, "without their chance, the difference of these three runs is certain"


def test_rows_that_share_what_their_seeds_decide_are_paired_in_it() -> None:
    """An ensemble that holds a network moves with it from seed to seed."""
    low, high = interval(over_seeds(seeds(1.0, 1.2, 1.4)) - over_seeds(seeds(1.1, 1.3, 1.5)))
    assert (low, high) == pytest.approx((-0.1, -0.1))


@given(st.lists(st.floats(0, 10), min_size=1, max_size=5), st.integers(1, 50))
def test_it_is_undefined_where_a_seed_is_and_the_same_each_time(scores: list[float], resamples: int) -> None:
    of_seeds = [np.full(resamples, score) for score in scores]
    of_seeds[0][0] = np.nan
    found = over_seeds(of_seeds)
    assert np.isnan(found[0]) and not np.isnan(found[1:]).any()
    np.testing.assert_array_equal(found, over_seeds(of_seeds))
