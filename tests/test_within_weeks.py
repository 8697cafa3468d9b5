"""How well the posts of one account and week are told apart: against naive loops, ties and gaps included."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn.metrics import ndcg_score

from benchmark.scores.bootstrap import replicates
from benchmark.scores.measures import MEASURES, measure
from benchmark.scores.measures.measure import Among, Predicted
from benchmark.scores.measures.resamples import Resamples

WITHIN_WEEKS = [name for name, one in MEASURES.items() if one.within_weeks]

few = st.integers(-2, 3).map(float)
any_number = st.floats(-1e3, 1e3).map(lambda value: round(value, 6))


@st.composite
def posts_in_weeks(draw, most=40):
    """Groups, engagement and predictions [n]: ties are common, weeks are short, engagement may be unknown."""
    n = draw(st.integers(1, most))
    groups = draw(arrays(np.int64, n, elements=st.integers(0, draw(st.integers(0, 5))).map(lambda g: 7 * g)))
    values = arrays(np.float64, n, elements=draw(st.sampled_from([few, few | any_number])))
    unknown = draw(arrays(bool, n, elements=st.integers(0, 9).map(lambda k: k == 0)))
    return groups, np.where(unknown, np.nan, draw(values)), draw(values)


def value(name, groups, engagement, points):
    predicted = Predicted.of(points, None, among(groups, engagement))
    return measure(name).value(np.zeros(len(points)), predicted)


def note(name, groups, engagement, points):
    predicted = Predicted.of(points, None, among(groups, engagement))
    return measure(name).note(np.zeros(len(points)), predicted)


def among(groups, engagement):
    return Among(np.asarray(groups, np.int64), np.asarray(engagement, np.float64))


def naive(of_week, groups, engagement, points):
    """The mean over weeks of at least five posts whose engagement is known and not all the same."""
    found = []
    for group in np.unique(groups):
        here = (groups == group) & ~np.isnan(engagement)
        if here.sum() >= 5 and np.ptp(engagement[here]) > 0:
            found.append(of_week(engagement[here], points[here]))
    return np.mean(found) if found else math.nan


def spearman_of_a_week(engagement, points):
    return stats.spearmanr(engagement, points).statistic if np.ptp(points) > 0 else 0.0


def ndcg_of_a_week(engagement, points):
    beaten = [(engagement < one).sum() / (len(engagement) - 1) for one in engagement]
    return ndcg_score([beaten], [points])


def best_of_a_week(engagement, points):
    """Over orders of all equal predictions, the share in which a best post is in the first fifth."""
    first = math.ceil(len(points) / 5)
    inside = np.flatnonzero(points >= np.sort(points)[::-1][first - 1])
    sure = [i for i in inside if points[i] > points[inside].min()]
    edge = [i for i in inside if points[i] == points[inside].min()]
    best = set(np.flatnonzero(engagement == engagement.max()))
    if best & set(sure):
        return 1.0
    left, missed = first - len(sure), 1.0  # drawn one by one from those at the edge
    for k in range(left):
        others = len(edge) - len(best & set(edge)) - k
        missed *= max(others, 0) / (len(edge) - k)
    return 1 - missed


NAIVE = {
    "week_spearman": spearman_of_a_week,
    "week_ndcg": ndcg_of_a_week,
    "week_best": best_of_a_week,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHIN_WEEKS)
@settings(deadline=None, max_examples=60)
@given(posts_in_weeks())
def test_a_value_is_the_mean_over_weeks_of_what_a_naive_loop_finds_in_each(name, posts):
    assert value(name, *posts) == pytest.approx(naive(NAIVE[name], *posts), abs=1e-12, nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHIN_WEEKS)
@settings(deadline=None, max_examples=30)
@given(posts_in_weeks(), st.integers(0, 2**32 - 1))
def test_neither_the_order_of_posts_nor_the_codes_of_weeks_matter(name, posts, seed):
    order = np.random.default_rng(seed).permutation(len(posts[0]))
    groups, engagement, points = (one[order] for one in posts)
    assert value(name, 1000 - groups, engagement, points) == pytest.approx(value(name, *posts), nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHIN_WEEKS)
@settings(deadline=None, max_examples=30)
@given(posts_in_weeks())
def test_the_order_within_a_week_is_all_that_counts(name, posts):
    """Whatever an account usually gets, and whatever is foretold of all of its posts."""
    groups, engagement, points = posts
    raised = value(name, groups, 3 * engagement + groups, np.round(points, 3) * 2 + groups)
    assert raised == pytest.approx(value(name, groups, engagement, np.round(points, 3)), nan_ok=True)


@settings(deadline=None, max_examples=30)
@given(posts_in_weeks())
def test_engagement_itself_is_a_perfect_prediction_and_its_opposite_the_worst(posts):
    groups, engagement, _ = posts
    right = np.where(np.isnan(engagement), 0, engagement)
    for name in WITHIN_WEEKS:
        found = value(name, groups, engagement, right)
        assert math.isnan(found) or found == pytest.approx(1)
    assert value("week_spearman", groups, engagement, -right) == pytest.approx(
        -value("week_spearman", groups, engagement, right), nan_ok=True
    )


@pytest.mark.slow
def test_equal_predictions_count_as_the_mean_over_every_order_of_them():
    engagement, points = np.array([5.0, 1, 4, 4, 2, 0]), np.array([0.5, 0.5, 0.9, 0.5, 0.1, 0.5])
    found = {name: [] for name in ("week_ndcg", "week_best")}
    for order in permutations(range(6)):
        broken = points + 1e-3 * np.array(order)
        for name, values in found.items():
            values.append(value(name, np.zeros(6), engagement, broken))
    for name, values in found.items():
        assert value(name, np.zeros(6), engagement, points) == pytest.approx(np.mean(values)), name


def test_of_equal_predictions_a_best_post_is_first_as_often_as_chance_has_it():
    engagement = np.array([9.0, 1, 2, 3, 4, 5, 6, 7, 8, 0])
    assert value("week_best", np.zeros(10), engagement, np.zeros(10)) == pytest.approx(2 / 10)
    two_best = np.where(engagement == 8, 9, engagement)
    by_chance = 1 - (8 / 10) * (7 / 9)
    assert value("week_best", np.zeros(10), two_best, np.zeros(10)) == pytest.approx(by_chance)


def test_the_first_fifth_is_rounded_up():
    engagement = np.arange(6.0)
    second = np.array([0.0, 1, 2, 3, 9, 8])
    assert value("week_best", np.zeros(6), engagement, second) == 1, "2 of 6"
    assert value("week_best", np.zeros(5), engagement[1:], second[1:]) == 0, "1 of 5"


def test_weeks_weigh_the_same_whatever_their_number_of_posts():
    groups = np.repeat([0, 1], [5, 50])
    engagement = np.concatenate([np.arange(5.0), np.arange(50.0)])
    points = np.concatenate([np.arange(5.0), -np.arange(50.0)])
    assert value("week_spearman", groups, engagement, points) == pytest.approx(0)
    assert note("week_spearman", groups, engagement, points) == (
        "2 account-weeks of 5 posts or more, 55 of 55 posts"
    )


@pytest.mark.parametrize("name", WITHIN_WEEKS)
@pytest.mark.parametrize(
    ("groups", "engagement"),
    [
        (np.arange(12) // 4, np.arange(12.0)),
        (np.zeros(12), np.full(12, 3.0)),
        (np.zeros(12), np.where(np.arange(12) < 4, np.arange(12.0), np.nan)),
        (np.zeros(1), np.zeros(1)),
    ],
    ids=["four posts a week", "all came to the same", "known of four alone", "one post"],
)
def test_without_a_week_to_compare_in_there_is_no_value_and_the_note_says_why(name, groups, engagement):
    assert math.isnan(value(name, groups, engagement, np.arange(len(groups))))
    told = "no account has 5 posts of one week that did not all come to the same"
    title = MEASURES[name].title
    assert note(name, groups, engagement, np.arange(len(groups))) == f"{told}; {title} is undefined"


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHIN_WEEKS)
@settings(deadline=None, max_examples=40)
@given(posts_in_weeks(), st.integers(0, 2**32 - 1))
def test_a_replicate_is_the_score_of_the_accounts_drawn_and_twice_drawn_are_two_accounts(name, posts, seed):
    groups, engagement, points = posts
    accounts = np.unique(groups // 14, return_inverse=True)[1]  # of up to two weeks each
    resamples = Resamples(accounts, number=6, seed=seed)
    predicted = Predicted.of(points, None, among(groups, engagement))
    found = replicates(measure(name), np.zeros(len(points)), predicted, resamples)
    for resample, counts in enumerate(resamples.counts(0, 6)):
        copies = [(i, copy) for i in range(len(points)) for copy in range(counts[accounts[i]])]
        rows = np.array([i for i, _ in copies])
        apart = 1000 * np.array([copy for _, copy in copies]) + groups[rows]
        expected = math.nan
        if resamples.n_clusters > 1:
            expected = value(name, apart, engagement[rows], points[rows])
        assert found[resample] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


def test_a_week_that_lies_in_two_stretches_of_time_is_drawn_whole_with_the_first():
    """Twelve posts of one account: a week of five and one of seven, and stretches of six posts."""
    groups, stretches = np.repeat([0, 1], [5, 7]), np.arange(12) // 6
    engagement = np.concatenate([np.arange(5.0), np.arange(7.0)])
    points = np.concatenate([np.arange(5.0), -np.arange(7.0)])
    predicted, resamples = Predicted.of(points, None, among(groups, engagement)), Resamples(stretches, 20)
    found = replicates(measure("week_spearman"), np.zeros(12), predicted, resamples)
    first, second = resamples.counts(0, 20).T.astype(float)
    # The second week begins with the last post of the first stretch: the second stretch holds no week.
    expected = np.where(first > 0, 0.0, np.nan)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert (second == 2).any() and (first == 2).any()


def test_arrays_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match=r"groups \(2,\) and engagement \(3,\) must have the shape \(3,\)"):
        Predicted.of([1, 2, 3], None, among([0, 0], [1, 2, 3]))
    with pytest.raises(ValueError, match="nothing says which posts compete"):
        measure("week_best").value(np.zeros(3), Predicted.of([1, 2, 3]))


def test_a_part_of_the_posts_competes_within_itself():
    predicted = Predicted.of(np.arange(6.0), {0.5: np.arange(6.0)}, among([0, 0, 0, 1, 1, 1], np.arange(6.0)))
    part = predicted.part(np.array([True, False, True, False, False, True]))
    assert part.points.tolist() == part.quantiles[0.5].tolist() == [0, 2, 5]
    assert part.among is not None
    assert (part.among.groups.tolist(), part.among.engagement.tolist()) == ([0, 0, 1], [0, 2, 5])
    assert Predicted.of([1.0, 2.0]).part(np.array([1])).among is None
