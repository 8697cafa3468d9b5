"""Intervals of one account: stretches of time that depend on each other widen them, and others hardly do."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.scores.bootstrap import interval
from benchmark.scores.clusters import MS_PER_DAY, clusters
from benchmark.scores.drawn import Drawn, drawn_from
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.uncertainty import Uncertainty

WEEKS, RESAMPLES = 41, 1000
ONE_ACCOUNT = Uncertainty(Drawn(WEEKS, WEEKS, weeks=WEEKS))
COUNTS = Resamples(np.arange(WEEKS), RESAMPLES).counts(0, RESAMPLES) / WEEKS


def test_the_error_of_a_mean_is_that_of_its_slowest_waves() -> None:
    """As Lazarus et al. (2018) have it, derived from the replicates alone."""
    of_weeks = np.random.default_rng(0).normal(size=WEEKS)
    at = (np.arange(WEEKS) + 0.5) / WEEKS
    waves = [np.sqrt(2 / WEEKS) * np.cos(np.pi * j * at) @ of_weeks for j in (1, 2, 3)]
    expected = 3.182 / 1.96 * np.sqrt(np.mean(np.square(waves)) / WEEKS)
    assert ONE_ACCOUNT.degrees == 3
    assert ONE_ACCOUNT.error(COUNTS @ of_weeks) == pytest.approx(expected, rel=2e-2)


def test_what_drifts_is_told_less_surely_than_what_jumps() -> None:
    drifting = np.linspace(-1, 1, WEEKS)
    jumping = drifting[np.random.default_rng(0).permutation(WEEKS)]
    spans = [np.subtract(*ONE_ACCOUNT.interval(COUNTS @ one)[::-1]) for one in (drifting, jumping)]
    assert spans[0] > 3 * spans[1]


def test_what_seeds_do_is_not_taken_for_the_posts() -> None:
    """It has no order in time, and is known as well as resamples tell it."""
    of_seeds = np.random.default_rng(1).normal(size=RESAMPLES)
    low, high = ONE_ACCOUNT.interval(of_seeds)
    plain = interval(of_seeds)
    assert high - low == pytest.approx(plain[1] - plain[0], rel=0.15)


def test_accounts_are_drawn_alone_and_those_of_many_posts_count_for_more() -> None:
    replicates = np.random.default_rng(0).normal(size=RESAMPLES)
    assert Uncertainty(Drawn(100, 30.0)).interval(replicates) == interval(replicates, n_clusters=30.0)


def test_resamples_without_a_score_are_left_out_and_none_is_no_interval() -> None:
    replicates = COUNTS @ np.random.default_rng(0).normal(size=WEEKS)
    whole = ONE_ACCOUNT.error(replicates)
    replicates[::10] = np.nan
    assert ONE_ACCOUNT.error(replicates) == pytest.approx(whole, rel=0.05)
    assert np.isnan(ONE_ACCOUNT.interval(np.full(RESAMPLES, np.nan))).all()
    assert ONE_ACCOUNT.interval(np.ones(RESAMPLES)) == (1, 1)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_of_a_few_stretches_there_is_an_interval_and_it_is_wide(number: int) -> None:
    counts = Resamples(np.arange(number), RESAMPLES).counts(0, RESAMPLES) / number
    replicates = counts @ np.arange(number, dtype=float)
    low, high = Uncertainty(Drawn(number, number, weeks=number)).interval(replicates)
    assert np.isfinite([low, high]).all()
    assert high - low > np.ptp(interval(replicates))


def test_what_was_drawn_is_read_off_the_posts() -> None:
    days = np.arange(70) * MS_PER_DAY * 4
    users = np.arange(70) % 35
    assert drawn_from(clusters(users, days), users, days) == Drawn(35, 35.0, None)
    one = np.zeros(70, dtype=np.int64)
    found = drawn_from(clusters(one, days), one, days)
    assert found.weeks == pytest.approx(69 * 4 / 7)
    assert (
        Drawn(26, 26.0, weeks=26.0).enough
        and not Drawn(20, 20.0, weeks=8.0).enough
        and not Drawn(400, 12.0).enough
    )


@pytest.mark.slow
@pytest.mark.parametrize(("slow", "share"), [(0.0, 0.0), (0.615, 0.634)])
def test_a_year_of_weeks_holds_the_truth_in_95_of_100_whether_weeks_depend_or_not(
    slow: float, share: float
) -> None:
    """Correlated as the differences of real rows on one account are: 0.39, 0.24, 0.15 from week to week."""
    rng = np.random.default_rng(0)
    held = np.empty((600, 2), bool)
    for trial in range(600):
        level = np.empty(WEEKS)
        level[0] = rng.normal()
        for week in range(1, WEEKS):
            level[week] = slow * level[week - 1] + np.sqrt(1 - slow**2) * rng.normal()
        of_weeks = np.sqrt(share) * level + np.sqrt(1 - share) * rng.normal(size=WEEKS)
        replicates = COUNTS @ of_weeks
        ends = ONE_ACCOUNT.interval(replicates), interval(replicates, n_clusters=WEEKS)
        held[trial] = [low <= 0 <= high for low, high in ends]
    ours, plain = held.mean(axis=0)
    assert 0.90 < ours < 0.98
    assert not slow or plain < 0.82
