"""Resampling whole clusters: exactness against posts really repeated, and what the intervals promise."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from waiting import PATIENCE

from benchmark.errors import UnknownName
from benchmark.scores.bootstrap import (
    ENOUGH_CLUSTERS,
    MS_PER_DAY,
    Resamples,
    clusters,
    interval,
    mean_replicates,
    replicates,
)
from benchmark.scores.metrics import POINT_METRICS, quantile_terms, score, score_quantiles

CHECKOUT = Path(__file__).parents[1]
ALL = list(POINT_METRICS)

tied = st.integers(-3, 3).map(float)
# A millionth apart at least: the spread of labels that differ by less is lost in the sums of a resample.
real = st.floats(-1e3, 1e3).map(lambda value: round(value, 6))


@st.composite
def clustered_posts(draw):
    """Labels, predictions and clusters [n]; ties are common, and clusters of very different size."""
    n, c = draw(st.integers(2, 25)), draw(st.integers(2, 6))
    values = arrays(np.float64, n, elements=draw(st.sampled_from([tied, tied | real])))
    of_posts = draw(arrays(np.int64, n, elements=st.integers(0, c - 1)))
    return draw(values), draw(values), np.unique(of_posts, return_inverse=True)[1]


def posts_by_users(n: int, users: int, seed: int = 0):
    """Labels, predictions and clusters [n]; most of a residual is the user's."""
    rng = np.random.default_rng(seed)
    of_posts = np.arange(n) % users
    prediction = rng.normal(size=n)
    return prediction + rng.normal(size=users)[of_posts] + 0.3 * rng.normal(size=n), prediction, of_posts


def paired_difference(metric, y, one, other, resamples):
    return replicates(y, one, resamples, [metric])[metric] - replicates(y, other, resamples, [metric])[metric]


@given(clustered_posts(), st.integers(0, 2**32 - 1))
def test_a_replicate_is_the_score_of_the_posts_repeated_as_often_as_their_cluster_was_drawn(posts, seed):
    y, prediction, of_posts = posts
    resamples = Resamples(of_posts, number=8, seed=seed)
    found = replicates(y, prediction, resamples, ALL)
    for resample, counts in enumerate(resamples.counts(0, 8)):
        repeated = np.repeat(np.arange(len(y)), counts[of_posts])
        for metric in ALL:
            expected = math.nan
            if resamples.n_clusters > 1:
                value = score(metric, y[repeated], prediction[repeated]).value
                expected = math.nan if value is None else value
            assert found[metric][resample] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


def test_the_same_clusters_and_seed_draw_the_same_resamples_for_every_row():
    y, prediction, of_posts = posts_by_users(200, 40)
    first, again = (replicates(y, prediction, Resamples(of_posts, 50, seed=3), ALL) for _ in range(2))
    other = replicates(y, prediction, Resamples(of_posts, 50, seed=4), ALL)
    for metric in ALL:
        assert first[metric].tobytes() == again[metric].tobytes()
        assert first[metric].tobytes() != other[metric].tobytes()


def test_a_row_differs_from_itself_by_nothing_in_any_resample():
    y, prediction, of_posts = posts_by_users(200, 40)
    assert not paired_difference("mae", y, prediction, prediction, Resamples(of_posts, 50)).any()


def test_resamples_do_not_depend_on_how_many_are_computed_at_once(monkeypatch):
    y, prediction, of_posts = posts_by_users(200, 40)
    resamples = Resamples(of_posts, 50)
    at_once = replicates(y, prediction, resamples, ALL)
    monkeypatch.setattr("benchmark.scores.bootstrap._COUNTS_AT_ONCE", 3 * resamples.n_clusters)
    assert [stop.stop for stop, _ in resamples.blocks()][:3] == [3, 6, 9]
    one_by_one = replicates(y, prediction, resamples, ALL)
    for metric in ALL:
        np.testing.assert_allclose(at_once[metric], one_by_one[metric], rtol=1e-12)


def test_each_resample_draws_as_many_clusters_as_there_are():
    counts = Resamples(np.arange(500), 20).counts(0, 20)
    assert (counts.sum(axis=1) == 500).all()
    assert len(np.unique(counts, axis=0)) == 20
    never_drawn = (counts == 0).mean()
    assert never_drawn == pytest.approx(1 / math.e, abs=0.01)


def test_a_single_cluster_leaves_nothing_to_resample():
    found = replicates([1, 2, 3], [1, 2, 4], Resamples(np.zeros(3, dtype=np.int64), 5), ALL)
    assert all(np.isnan(values).all() and values.shape == (5,) for values in found.values())
    assert all(math.isnan(end) for end in interval(found["mae"]))


def test_quantile_metrics_are_resampled_as_means():
    y, prediction, of_posts = posts_by_users(200, 40)
    quantiles, levels = np.stack([prediction - 1, prediction + 1], axis=1), [0.1, 0.9]
    resamples = Resamples(of_posts, 5)
    for name, terms in quantile_terms(y, quantiles, levels).items():
        found = mean_replicates(terms, resamples)
        for resample, counts in enumerate(resamples.counts(0, 5)):
            repeated = np.repeat(np.arange(len(y)), counts[of_posts])
            expected = score_quantiles(y[repeated], quantiles[repeated], levels)[name].value
            assert found[resample] == pytest.approx(expected)


def test_posts_other_than_those_of_the_resamples_are_refused():
    with pytest.raises(ValueError, match="3 posts, but the resamples are of 4"):
        replicates([1, 2, 3], [1, 2, 3], Resamples(np.arange(4)), ["mae"])
    with pytest.raises(ValueError, match="1 of 3 predictions not finite"):
        replicates([1, 2, 3], [1, 2, math.nan], Resamples(np.arange(3)), ["mae"])
    with pytest.raises(UnknownName, match="unknown metric 'pinball'"):
        replicates([1, 2, 3], [1, 2, 3], Resamples(np.arange(3)), ["pinball"])


def test_posts_are_clustered_by_user_where_users_are_many():
    users = [f"u{i % ENOUGH_CLUSTERS:02}" for i in range(60)]
    assert clusters(users, np.arange(60)).tolist() == [i % ENOUGH_CLUSTERS for i in range(60)]


def test_clusters_do_not_depend_on_the_order_of_posts():
    rng = np.random.default_rng(0)
    users, times, order = rng.integers(0, 50, 300), rng.permutation(300) * MS_PER_DAY, rng.permutation(300)
    assert (clusters(users, times)[order] == clusters(users[order], times[order])).all()
    one_account = np.zeros(300)
    assert (clusters(one_account, times)[order] == clusters(one_account, times[order])).all()


def test_users_count_by_their_share_of_the_posts():
    """Thirty users of whom one wrote nearly everything are no thirty clusters."""
    users = np.minimum(np.arange(3000), 29)
    days = np.arange(3000) * MS_PER_DAY // 10
    assert clusters(users, days).max() + 1 == math.ceil(300 / 7)
    assert clusters(np.arange(3000) % 30, days).max() + 1 == 30


def test_posts_of_one_account_are_clustered_in_whole_weeks():
    day = np.arange(0, 210, 0.5)
    of_posts = clusters(np.zeros(420), (day * MS_PER_DAY).astype(np.int64))
    assert (of_posts == day // 7).all()


def test_a_block_of_a_quiet_account_spans_as_many_weeks_as_its_posts_need():
    """1000 posts, two a week: a block needs the cube root, 10 posts, so five weeks."""
    of_posts = clusters(np.zeros(1000), np.arange(1000) * MS_PER_DAY * 7 // 2)
    assert np.bincount(of_posts).tolist() == [10] * 100


def test_blocks_are_shorter_than_a_week_where_weeks_would_be_too_few():
    of_posts = clusters(np.zeros(1000), np.arange(1000) * MS_PER_DAY // 50)
    assert np.bincount(of_posts).tolist() == [10] * 100


def test_twenty_weeks_are_enough_and_nineteen_are_not():
    posts = np.arange(20 * 8)
    days = (posts // 8 * 7 + posts % 8 / 2) * MS_PER_DAY
    whole = clusters(np.zeros(160), days.astype(np.int64))
    assert np.bincount(whole).tolist() == [8] * 20
    shorter = clusters(np.zeros(152), days[:152].astype(np.int64))
    assert np.bincount(shorter).tolist() == [6] * 24 + [8], "the cube root of 152 posts, and what is left"


def test_blocks_are_contiguous_and_none_is_short():
    rng = np.random.default_rng(1)
    times = np.sort(rng.integers(0, 400 * MS_PER_DAY, 771))
    of_posts = clusters(np.zeros(771), times)
    assert set(np.diff(of_posts)) == {0, 1}
    assert np.bincount(of_posts).min() >= math.ceil(771 ** (1 / 3))


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_a_handful_of_posts_still_has_clusters(n):
    assert len(clusters(["a"] * n, np.arange(n))) == n


@pytest.mark.parametrize(
    ("users", "times", "message"),
    [
        (["a", None, "b"], [1, 2, 3], "1 posts have no user; the first is at 1"),
        (["a", "b"], [1, 2, 3], r"users \(2,\) and times \(3,\) must have the same shape"),
    ],
)
def test_posts_without_a_user_or_a_time_are_refused(users, times, message):
    with pytest.raises(ValueError, match=message):
        clusters(users, times)


def test_an_interval_holds_the_middle_of_the_replicates_and_leaves_out_undefined_ones():
    assert interval(np.append(np.arange(101.0), math.nan), 0.9) == pytest.approx((5, 95))
    with pytest.raises(ValueError, match="level"):
        interval([1.0], 95)


def test_an_interval_from_few_clusters_is_as_wide_as_students_t_asks():
    replicates = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    for few in (5, 20, 50):
        expected = stats.t.ppf(0.975, few - 1) * math.sqrt(few / (few - 1))
        low, high = interval(replicates, n_clusters=few)
        assert (-low, high) == pytest.approx((expected, expected), rel=1e-3)
    assert interval(replicates, n_clusters=100_000) == pytest.approx(interval(replicates), rel=1e-3)
    with pytest.raises(ValueError, match="at least two clusters"):
        interval(replicates, n_clusters=1)


@pytest.mark.parametrize("metric", ["mae", "spearman"])
def test_an_interval_is_wider_where_posts_of_a_user_share_their_residual(metric):
    y, prediction, of_posts = posts_by_users(2000, 50)

    def width(resamples):
        low, high = interval(replicates(y, prediction, resamples, [metric])[metric])
        return high - low

    assert width(Resamples(of_posts, 300)) > 2 * width(Resamples(np.arange(2000), 300))


def test_a_paired_difference_is_surer_than_two_intervals_that_overlap():
    y, prediction, of_posts = posts_by_users(2000, 100)
    worse = prediction + 0.4 * np.random.default_rng(1).normal(size=2000)
    resamples = Resamples(of_posts, 500)
    one, other = (interval(replicates(y, row, resamples, ["mae"])["mae"]) for row in (prediction, worse))
    assert one[1] > other[0]
    assert interval(paired_difference("mae", y, prediction, worse, resamples))[1] < 0


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["mae", "spearman"])
def test_the_interval_of_a_difference_of_equal_models_holds_zero_19_times_in_20(metric):
    held = [_holds_zero(metric, seed) for seed in range(500)]
    assert 0.93 <= np.mean(held) <= 0.97


def _holds_zero(metric: str, seed: int) -> bool:
    """Two models that err alike; the 200 users, of 1 to 12 posts, share a part of each model's error."""
    rng = np.random.default_rng(seed)
    of_posts = np.repeat(np.arange(200), rng.integers(1, 13, 200))
    n = len(of_posts)
    y = rng.normal(size=200)[of_posts] + rng.normal(size=n)
    rows = [y + 0.7 * rng.normal(size=200)[of_posts] + 0.7 * rng.normal(size=n) for _ in range(2)]
    difference = paired_difference(metric, y, *rows, Resamples(of_posts, 400, seed))
    low, high = interval(difference, n_clusters=200)
    return low <= 0 <= high


COMPILE = """
import numpy as np
from benchmark.scores.bootstrap import Resamples, replicates
print(replicates([1, 2, 3, 4], [1, 3, 2, 4], Resamples(np.arange(4), 3), ["spearman"])["spearman"])
"""


def _process(**settings: str | Path) -> subprocess.Popen[str]:
    environment = (
        os.environ | {"OMP_NUM_THREADS": "1"} | {name: str(value) for name, value in settings.items()}
    )
    program, pipe = [sys.executable, "-c", COMPILE], subprocess.PIPE
    return subprocess.Popen(program, cwd=CHECKOUT, env=environment, text=True, stdout=pipe, stderr=pipe)


@pytest.mark.slow
def test_two_processes_may_compile_at_once(tmp_path):
    both = [_process(NUMBA_CACHE_DIR=tmp_path) for _ in range(2)]
    (one, error), (other, other_error) = [process.communicate(timeout=PATIENCE) for process in both]
    assert (error, other_error) == ("", "")
    assert one == other
    assert list(tmp_path.rglob("*.nbi"))


@pytest.mark.slow
def test_where_nothing_can_be_cached_the_loops_are_compiled_in_each_process(tmp_path):
    no_folder = tmp_path / "file"
    no_folder.write_text("Below a file no folder can be made, even by root.")
    alone = "UserProvidedCacheLocator"
    process = _process(NUMBA_CACHE_DIR=no_folder / "cache", NUMBA_CACHE_LOCATOR_CLASSES=alone)
    out, error = process.communicate(timeout=PATIENCE)
    assert error == ""
    assert out.startswith("[")
