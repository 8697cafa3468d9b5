"""Resampling whole clusters: exactness against posts really repeated, and what the intervals promise."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from waiting import PATIENCE

from benchmark.scores.bootstrap import interval, replicates
from benchmark.scores.clusters import ENOUGH_CLUSTERS, MS_PER_DAY, clusters
from benchmark.scores.measures import MEASURES, measure
from benchmark.scores.measures.calibration import BINS, equal_bins
from benchmark.scores.measures.curves import OfCurve
from benchmark.scores.measures.measure import Among, Predicted
from benchmark.scores.measures.resamples import Resamples

CHECKOUT = Path(__file__).parents[1]
OF_EVENTS = [name for name, one in MEASURES.items() if one.reads == "probabilities"]
COMPARING = [name for name, one in MEASURES.items() if one.compares]
OF_NUMBERS = [name for name in MEASURES if name not in (*OF_EVENTS, *COMPARING)]
"""Replicates of those that compare are tried in test_within_weeks.py and test_influence.py."""

tied = st.integers(-3, 3).map(float)
# A millionth apart at least: the spread of labels that differ by less is lost in the sums of a resample.
real = st.floats(-1e3, 1e3).map(lambda value: round(value, 6))


@st.composite
def clustered_posts(draw):
    """Labels, predictions and clusters [n]; ties are common, and clusters of very different size."""
    n, of_posts = draw(clustered())
    values = arrays(np.float64, n, elements=draw(st.sampled_from([tied, tied | real])))
    return draw(values), spread(draw(values)), of_posts


@st.composite
def clustered_events(draw):
    """The same, of labels 0 and 1 and of probabilities."""
    n, of_posts = draw(clustered())
    happened = arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0]))
    tenths = st.integers(0, 4).map(lambda k: k / 4)
    return draw(happened), spread(draw(arrays(np.float64, n, elements=tenths | st.floats(0, 1)))), of_posts


@st.composite
def clustered(draw):
    n, c = draw(st.integers(2, 25)), draw(st.integers(2, 6))
    of_posts = draw(arrays(np.int64, n, elements=st.integers(0, c - 1)))
    return n, np.unique(of_posts, return_inverse=True)[1]


def spread(points):
    """Predictions with quantiles around them, so that measures of quantiles have something to read; and in
    weeks of some posts, for those within weeks."""
    among = Among(np.arange(len(points)) % 40, np.arange(len(points)) // 40 % 7 + 0.0)
    return Predicted.of(points, {0.1: points - 1, 0.5: points, 0.9: points + 0.5}, among)


def of_mae(y, points, resamples):
    return replicates(measure("mae"), y, Predicted.of(points), resamples)


def posts_by_users(n: int, users: int, seed: int = 0):
    """Labels, predictions and clusters [n]; most of a residual is the user's."""
    rng = np.random.default_rng(seed)
    of_posts = np.arange(n) % users
    prediction = rng.normal(size=n)
    return prediction + rng.normal(size=users)[of_posts] + 0.3 * rng.normal(size=n), prediction, of_posts


def paired_difference(name, y, one, other, resamples):
    found = [replicates(measure(name), y, Predicted.of(row), resamples) for row in (one, other)]
    return found[0] - found[1]


@settings(deadline=None)
@given(clustered_posts(), st.integers(0, 2**32 - 1))
def test_a_replicate_is_the_score_of_the_posts_repeated_as_often_as_their_cluster_was_drawn(posts, seed):
    _agrees_with_written_out_resamples(OF_NUMBERS, *posts, seed)


@settings(deadline=None)
@given(clustered_events(), st.integers(0, 2**32 - 1))
def test_so_is_a_replicate_of_a_score_of_events_and_undefined_where_all_or_none_happened(posts, seed):
    names = [name for name in OF_EVENTS if name != "calibration_error"]
    _agrees_with_written_out_resamples(names, *posts, seed)


@settings(deadline=None)
@given(clustered_events(), st.integers(0, 2**32 - 1))
def test_the_bins_of_a_calibration_error_are_those_of_the_posts_that_are_scored(posts, seed):
    """A resample draws posts into them again, and cuts no bins of its own."""
    y, predicted, of_posts = posts
    resamples = Resamples(of_posts, number=8, seed=seed)
    found = replicates(measure("calibration_error"), y, predicted, resamples)
    bins, residuals = equal_bins(predicted.points, BINS), y - predicted.points
    for resample, counts in enumerate(resamples.counts(0, 8)):
        repeated = np.repeat(np.arange(len(y)), counts[of_posts])
        by_bin = [residuals[repeated][bins[repeated] == one].sum() for one in range(BINS)]
        expected = math.nan if resamples.n_clusters < 2 else np.abs(by_bin).sum() / len(repeated)
        assert found[resample] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


def _agrees_with_written_out_resamples(names, y, predicted, of_posts, seed):
    resamples = Resamples(of_posts, number=8, seed=seed)
    found = {name: replicates(measure(name), y, predicted, resamples) for name in names}
    for resample, counts in enumerate(resamples.counts(0, 8)):
        repeated = np.repeat(np.arange(len(y)), counts[of_posts])
        for name in names:
            expected = math.nan
            if resamples.n_clusters > 1:
                expected = measure(name).value(y[repeated], predicted.part(repeated))
            assert found[name][resample] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), name


def test_resamples_of_events_alone_or_of_none_leave_curves_undefined_and_probabilities_not():
    y, of_posts = np.array([1.0, 1.0, 0.0]), np.array([0, 0, 1])
    predicted, resamples = Predicted.of([0.9, 0.5, 0.7]), Resamples(of_posts, 20)
    one_alone = (resamples.counts(0, 20) == 0).any(axis=1)
    assert 0 < one_alone.sum() < 20
    for name in OF_EVENTS:
        undefined = np.isnan(replicates(measure(name), y, predicted, resamples))
        expected = one_alone if isinstance(measure(name), OfCurve) else [False] * 20
        assert undefined.tolist() == list(expected), name


class EachOnce(Resamples):
    """The resample that is the posts themselves."""

    def counts(self, start, stop):
        return np.ones((stop - start, self.n_clusters), np.uint16)


@pytest.mark.parametrize("name", MEASURES)
def test_the_value_of_a_measure_is_its_replicate_where_each_cluster_is_drawn_once(name):
    y, prediction, of_posts = posts_by_users(200, 40)
    if name in OF_EVENTS:
        y, prediction = (y > 0).astype(np.float64), 1 / (1 + np.exp(-prediction))
    (replicate,) = replicates(measure(name), y, spread(prediction), EachOnce(of_posts, 1))
    whole = measure(name).value(y, spread(prediction))
    assert replicate == pytest.approx(whole, rel=1e-12, nan_ok=True)  # of few that compete it is undefined


@pytest.mark.parametrize("name", MEASURES)
def test_the_same_clusters_and_seed_draw_the_same_resamples_for_every_row(name):
    y, prediction, of_posts = posts_by_users(200, 40)
    if name in OF_EVENTS:
        y = (y > 0).astype(np.float64)
    first, again, other = (
        replicates(measure(name), y, spread(prediction), Resamples(of_posts, 50, seed=seed))
        for seed in (3, 3, 4)
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_a_row_differs_from_itself_by_nothing_in_any_resample():
    y, prediction, of_posts = posts_by_users(200, 40)
    assert not paired_difference("mae", y, prediction, prediction, Resamples(of_posts, 50)).any()


def test_resamples_do_not_depend_on_how_many_are_computed_at_once(monkeypatch):
    y, prediction, of_posts = posts_by_users(200, 40)
    events, predicted = (y > 0).astype(np.float64), spread(prediction)

    def every_measure(resamples):
        return {
            name: replicates(one, events if name in OF_EVENTS else y, predicted, resamples)
            for name, one in MEASURES.items()
        }

    at_once = every_measure(Resamples(of_posts, 50))
    monkeypatch.setattr("benchmark.scores.measures.resamples._COUNTS_AT_ONCE", 3 * 40)
    in_blocks = Resamples(of_posts, 50)
    assert [rows.stop for rows, _ in in_blocks.blocks()][:3] == [3, 6, 9]
    for name, values in every_measure(in_blocks).items():
        np.testing.assert_allclose(at_once[name], values, rtol=1e-12, err_msg=name)


def test_counts_are_drawn_once_and_kept_unless_they_are_too_many(monkeypatch):
    y, prediction, of_posts = posts_by_users(200, 40)
    kept, not_kept = Resamples(of_posts, 50), Resamples(of_posts, 50)
    assert next(kept.blocks())[1] is next(kept.blocks())[1]
    monkeypatch.setattr("benchmark.scores.measures.resamples.KEPT_BYTES", 2 * 50 * 40 - 1)
    assert next(not_kept.blocks())[1] is not next(not_kept.blocks())[1]
    assert (of_mae(y, prediction, kept) == of_mae(y, prediction, not_kept)).all()


def test_each_resample_draws_as_many_clusters_as_there_are():
    counts = Resamples(np.arange(500), 20).counts(0, 20)
    assert (counts.sum(axis=1) == 500).all()
    assert len(np.unique(counts, axis=0)) == 20
    never_drawn = (counts == 0).mean()
    assert never_drawn == pytest.approx(1 / math.e, abs=0.01)


def test_a_single_cluster_leaves_nothing_to_resample():
    alone = Resamples(np.zeros(3, dtype=np.int64), 5)
    for one in MEASURES.values():
        found = replicates(one, [1, 0, 1], spread(np.array([0.1, 0.2, 0.4])), alone)
        assert np.isnan(found).all() and found.shape == (5,)
        assert all(math.isnan(end) for end in interval(found))


def test_posts_other_than_those_of_the_resamples_are_refused():
    with pytest.raises(ValueError, match="3 posts, but the resamples are of 4"):
        of_mae([1, 2, 3], [1, 2, 3], Resamples(np.arange(4)))
    with pytest.raises(ValueError, match="1 of 3 labels not finite"):
        of_mae([1, 2, math.nan], [1, 2, 3], Resamples(np.arange(3)))


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


@pytest.mark.parametrize("name", ["mae", "spearman"])
def test_an_interval_is_wider_where_posts_of_a_user_share_their_residual(name):
    y, prediction, of_posts = posts_by_users(2000, 50)

    def width(resamples):
        low, high = interval(replicates(measure(name), y, Predicted.of(prediction), resamples))
        return high - low

    assert width(Resamples(of_posts, 300)) > 2 * width(Resamples(np.arange(2000), 300))


def test_a_paired_difference_is_surer_than_two_intervals_that_overlap():
    y, prediction, of_posts = posts_by_users(2000, 100)
    worse = prediction + 0.4 * np.random.default_rng(1).normal(size=2000)
    resamples = Resamples(of_posts, 500)
    one, other = (interval(of_mae(y, row, resamples)) for row in (prediction, worse))
    assert one[1] > other[0]
    assert interval(paired_difference("mae", y, prediction, worse, resamples))[1] < 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mae", "spearman"])
def test_the_interval_of_a_difference_of_equal_models_holds_zero_19_times_in_20(name):
    held = [_holds_zero(name, seed) for seed in range(500)]
    assert 0.93 <= np.mean(held) <= 0.97


def _holds_zero(name: str, seed: int) -> bool:
    """Two models that err alike; the 200 users, of 1 to 12 posts, share a part of each model's error."""
    rng = np.random.default_rng(seed)
    of_posts = np.repeat(np.arange(200), rng.integers(1, 13, 200))
    n = len(of_posts)
    y = rng.normal(size=200)[of_posts] + rng.normal(size=n)
    rows = [y + 0.7 * rng.normal(size=200)[of_posts] + 0.7 * rng.normal(size=n) for _ in range(2)]
    difference = paired_difference(name, y, *rows, Resamples(of_posts, 400, seed))
    low, high = interval(difference, n_clusters=200)
    return low <= 0 <= high


COMPILE = """
import numpy as np
from benchmark.scores.bootstrap import replicates
from benchmark.scores.measures.measure import Predicted
from benchmark.scores.measures import measure
from benchmark.scores.measures.resamples import Resamples
print(replicates(measure("spearman"), [1, 2, 3, 4], Predicted.of([1, 3, 2, 4]), Resamples(np.arange(4), 3)))
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
