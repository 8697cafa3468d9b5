"""The difference of two rows, from the resamples that they share."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.scores.bootstrap import interval
from benchmark.scores.drawn import Drawn
from benchmark.scores.uncertainty import Uncertainty
from leaderboard.tables.paired import ROUNDING, paired_interval

POSTS = np.random.default_rng(0).normal(0, 0.1, 1000)
"""What the choice of posts does to both rows in a resample."""
OWN = np.random.default_rng(1).normal(0, 0.01, 1000)
"""What it does to one of them."""
FEW, MANY = (Uncertainty(Drawn(clusters, clusters)) for clusters in (5, 1000))


def test_what_the_posts_do_to_both_rows_is_no_part_of_their_difference() -> None:
    low, high, same = paired_interval(1.2 + POSTS + OWN, 1.0 + POSTS, MANY)
    assert (low, high) == pytest.approx((0.18, 0.22), abs=0.003)
    assert not same


def test_the_difference_is_of_the_first_less_the_second() -> None:
    low, high, _ = paired_interval(1.0 + POSTS, 1.2 + POSTS + OWN, MANY)
    assert (low, high) == pytest.approx((-0.22, -0.18), abs=0.003)


def test_of_few_clusters_it_is_as_much_wider_as_any_interval_is() -> None:
    few, many = (
        paired_interval(1.0 + POSTS + OWN, 1.0 + POSTS, uncertainty)[:2] for uncertainty in (FEW, MANY)
    )
    assert few == pytest.approx(interval(OWN, n_clusters=5))
    assert few[1] - few[0] > 1.4 * (many[1] - many[0])


def test_rows_that_differ_by_rounding_alone_are_the_same_and_others_are_not() -> None:
    last_bit = np.full(1000, 0.9 * ROUNDING)
    assert paired_interval(POSTS + last_bit, POSTS.copy(), MANY) == (0, 0, True)
    last_bit[7] = 1.1 * ROUNDING
    assert not paired_interval(POSTS + last_bit, POSTS.copy(), MANY)[2]


def test_resamples_in_which_a_row_has_no_score_are_left_out() -> None:
    one = 1.2 + POSTS
    one[::2] = np.nan
    low, high, same = paired_interval(one, 1.0 + POSTS, MANY)
    assert (low, high, same) == (pytest.approx(0.2), pytest.approx(0.2), False)
