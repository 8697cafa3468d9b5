"""What a score is: agreement with reference implementations, and plain words where a measure is undefined."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics as reference

from benchmark.errors import UnknownName
from benchmark.scores.measures import MEASURES, OF_QUANTILES, measure
from benchmark.scores.measures.calibration import equal_bins
from benchmark.scores.measures.curves import RecallAtTenth
from benchmark.scores.measures.measure import Among, Predicted, finite

WITHIN_WEEKS = [name for name, one in MEASURES.items() if one.within_weeks]
"""They are tried in test_within_weeks.py."""
COMPARING = [name for name, one in MEASURES.items() if one.compares]
"""And these in test_influence.py, beside those."""
OF_POINTS = [name for name, one in MEASURES.items() if one.reads == "points" and not one.compares]
OF_EVENTS = [name for name, one in MEASURES.items() if one.reads == "probabilities"]
OF_CURVES = ["average_precision", "auc", "precision_at_tenth", "recall_at_tenth"]

tied = st.integers(-4, 4).map(float)
real = st.floats(-1e6, 1e6, allow_subnormal=False)


@st.composite
def labels_and_predictions(draw, elements=tied | real, fewest=3):
    n = draw(st.integers(fewest, 40))
    return draw(arrays(np.float64, n, elements=elements)), draw(arrays(np.float64, n, elements=elements))


@st.composite
def events_and_probabilities(draw, fewest=2):
    """0 or 1, at least one of each; probabilities of which many are equal."""
    n = draw(st.integers(fewest, 40))
    y = draw(arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0])))
    some = st.integers(0, 5).map(lambda k: k / 5)
    points = draw(arrays(np.float64, n, elements=some | st.floats(0, 1, allow_subnormal=False)))
    assume(0 < y.sum() < n)
    return y, points


def value(name, y, points, quantiles=None):
    return measure(name).value(np.asarray(y, np.float64), Predicted.of(points, quantiles))


def note(name, y, points, quantiles=None):
    return measure(name).note(np.asarray(y, np.float64), Predicted.of(points, quantiles))


@settings(deadline=None)
@given(labels_and_predictions())
def test_spearman_gives_ties_their_average_rank_as_scipy_does(pair):
    y, prediction = pair
    assume(np.ptp(y) > 0 and np.ptp(prediction) > 0)
    assert value("spearman", y, prediction) == pytest.approx(
        stats.spearmanr(y, prediction).statistic, abs=1e-12
    )


@settings(deadline=None)
@given(labels_and_predictions(tied))
def test_spearman_does_not_change_under_a_monotone_transform(pair):
    y, prediction = pair
    assert value("spearman", y, prediction) == value("spearman", np.exp(y), 3 * prediction + 1)


@settings(deadline=None)
@given(labels_and_predictions())
def test_spearman_changes_its_sign_with_the_predictions(pair):
    y, prediction = pair
    assert value("spearman", y, prediction) == -value("spearman", y, -prediction)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_POINTS)
@settings(deadline=None, max_examples=25)
@given(pair=labels_and_predictions(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_posts_does_not_matter(name, pair, seed):
    _same_in_any_order(name, *pair, seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_EVENTS)
@settings(deadline=None, max_examples=25)
@given(pair=events_and_probabilities(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_posts_does_not_matter_for_events_either(name, pair, seed):
    _same_in_any_order(name, *pair, seed)


def _same_in_any_order(name, y, prediction, seed):
    order = np.random.default_rng(seed).permutation(len(y))
    assert note(name, y, prediction) == note(name, y[order], prediction[order])
    one, other = value(name, y, prediction), value(name, y[order], prediction[order])
    assert one == pytest.approx(other, rel=1e-9, nan_ok=True)


@settings(deadline=None)
@given(labels_and_predictions())
def test_errors_agree_with_scikit_learn(pair):
    y, prediction = pair
    assert value("mae", y, prediction) == pytest.approx(reference.mean_absolute_error(y, prediction))
    assert value("rmse", y, prediction) == pytest.approx(reference.root_mean_squared_error(y, prediction))
    assume(np.std(y) > 1e-3)
    assert value("r2", y, prediction) == pytest.approx(reference.r2_score(y, prediction))


def test_mape_is_a_fraction():
    assert value("mape", [2.0, 4.0], [1.0, 5.0]) == pytest.approx((0.5 + 0.25) / 2)


def test_mape_leaves_out_posts_with_a_label_of_zero_and_counts_them():
    posts = [0.0, 1e-12, 4.0], [7.0, 7.0, 5.0]
    assert value("mape", *posts) == pytest.approx(0.25)
    assert note("mape", *posts) == "2 of 3 posts left out: their label is 0"


def test_mape_has_no_value_when_every_label_is_zero():
    posts = [0.0, 0.0], [1.0, 2.0]
    assert math.isnan(value("mape", *posts))
    assert note("mape", *posts) == "every label is 0; MAPE is undefined"


@pytest.mark.parametrize(
    ("y", "prediction", "what"),
    [
        ([1, 2, 3], [5, 5, 5], "predictions are constant"),
        ([4, 4, 4], [1, 2, 3], "labels are constant"),
        ([4, 4, 4], [5, 5, 5], "labels and predictions are constant"),
        ([1, 2], [1, 2], "only 2 posts"),
    ],
)
def test_spearman_without_a_ranking_is_zero_with_a_note_never_nan(y, prediction, what):
    assert value("spearman", y, prediction) == 0.0
    assert note("spearman", y, prediction).startswith(what)


def test_a_score_that_needs_no_comment_has_no_note():
    assert {note(name, [1, 2, 3], [1, 2, 4]) for name in OF_POINTS} == {None}


def test_r2_has_no_value_on_constant_labels():
    posts = [0.1, 0.1, 0.1], [1, 2, 3]
    assert math.isnan(value("r2", *posts))
    assert note("r2", *posts) == "labels are constant; R2 is undefined"


def test_r2_of_labels_far_from_zero_keeps_its_digits():
    y = 1e9 + np.array([0.0, 1.0, 2.0, 3.0])
    assert value("r2", y, y + 0.5) == pytest.approx(1 - 4 * 0.25 / 5, rel=1e-12)


def test_float32_predictions_are_scored_in_float64():
    y, prediction = np.full(1000, 0.1), np.full(1000, 0.3, dtype=np.float32)
    assert value("mae", y, prediction) == pytest.approx(float(np.float32(0.3)) - 0.1, rel=1e-14)


@pytest.mark.slow
@settings(deadline=None)
@given(events_and_probabilities())
def test_average_precision_and_auc_agree_with_scikit_learn_ties_and_all(pair):
    y, points = pair
    assert value("average_precision", y, points) == pytest.approx(
        reference.average_precision_score(y, points)
    )
    assert value("auc", y, points) == pytest.approx(reference.roc_auc_score(y, points))


@settings(deadline=None)
@given(events_and_probabilities())
def test_curves_agree_with_a_naive_loop(pair):
    y, points = pair
    for name, naive in (
        ("average_precision", naive_average_precision),
        ("auc", naive_auc),
        ("precision_at_tenth", naive_precision_at_tenth),
        ("recall_at_tenth", naive_recall_at_tenth),
    ):
        assert value(name, y, points) == pytest.approx(naive(y, points)), name


def naive_average_precision(y, points):
    """Precision where each event stands, all posts of its own probability counted in."""
    at_events = [y[points >= points[i]].mean() for i in np.flatnonzero(y == 1)]
    return np.mean(at_events)


def naive_auc(y, points):
    pairs = [(one, other) for one in points[y == 1] for other in points[y == 0]]
    return np.mean([1.0 if one > other else 0.5 if one == other else 0.0 for one, other in pairs])


def naive_precision_at_tenth(y, points):
    return naive_hits(y, points, len(y) / 10) / (len(y) / 10)


def naive_recall_at_tenth(y, points):
    return naive_hits(y, points, len(y) / 10) / y.sum()


def naive_hits(y, points, left):
    """Mean over any order of equal posts: each part of a step is as full of events as the whole of it."""
    hits = 0.0
    for at in sorted(set(points), reverse=True):
        step = y[points == at]
        hits += step.mean() * min(len(step), left)
        left -= min(len(step), left)
    return hits


def test_precision_at_a_tenth_counts_the_first_tenth_and_shares_ties():
    y = np.array([1, 0] + [0] * 16 + [1, 1], np.float64)
    points = np.linspace(1, 0, 20)
    assert value("precision_at_tenth", y, points) == 0.5, "2 of 20 posts, one of them an event"
    assert value("precision_at_tenth", y, np.full(20, 0.3)) == pytest.approx(3 / 20), "all equal: by chance"
    assert value("precision_at_tenth", y[:5], points[:5]) == 1.0, "half a post, the first"


def test_recall_at_a_tenth_is_what_is_found_of_all_events_by_looking_at_the_first_tenth():
    y = np.array([1, 0] + [0] * 16 + [1, 1], np.float64)
    points = np.linspace(1, 0, 20)
    assert value("recall_at_tenth", y, points) == pytest.approx(1 / 3), "2 of 20 posts, one of 3 events"
    assert value("recall_at_tenth", y, np.full(20, 0.3)) == pytest.approx(1 / 10), "all equal: by chance"
    assert value("recall_at_tenth", y, y) == pytest.approx(2 / 3), "more events than can be looked at"


def test_another_budget_is_a_class_of_its_own_and_no_other_line():
    class RecallAtHalf(RecallAtTenth):
        name, title, share = "recall_at_half", "Recall, first half", 0.5

    y = np.array([1, 0, 0, 1], np.float64)
    assert RecallAtHalf().value(y, Predicted.of([0.9, 0.8, 0.2, 0.1])) == 0.5


@pytest.mark.slow
@settings(deadline=None)
@given(events_and_probabilities())
def test_the_calibration_error_agrees_with_a_naive_loop(pair):
    y, points = pair
    assert value("calibration_error", y, points) == pytest.approx(naive_calibration_error(y, points))


def naive_calibration_error(y, points):
    """Ten bins: a value stands in the one in which the middle of its ranks lies."""
    bins = {}
    for i, point in enumerate(points):
        middle = Fraction(2 * int((points < point).sum()) + int((points == point).sum()), 2 * len(points))
        bins.setdefault(math.floor(10 * middle), []).append(i)
    return sum(abs((y[bin] - points[bin]).sum()) for bin in bins.values()) / len(y)


def test_the_calibration_error_is_how_far_shares_of_events_are_from_what_was_foretold():
    points = np.repeat([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95], 20)
    y = np.concatenate([np.arange(20) < round(20 * point) for point in np.unique(points)]).astype(np.float64)
    assert value("calibration_error", y, points) == pytest.approx(0, abs=1e-12)
    assert value("calibration_error", y, points + 0.04) == pytest.approx(0.04), "each bin is as far off"
    assert value("calibration_error", y, np.full(200, 0.6)) == pytest.approx(0.1), "one bin: half are events"


@pytest.mark.slow
@settings(deadline=None)
@given(events_and_probabilities(), st.integers(1, 15))
def test_bins_keep_equal_predictions_together_and_hold_as_many_posts_as_they_can(pair, bins):
    _, points = pair
    of_posts = equal_bins(points, bins)
    assert of_posts.min() >= 0 and of_posts.max() < bins
    for one in np.unique(points):
        assert len(set(of_posts[points == one])) == 1
    assert (np.diff(of_posts[np.argsort(points)]) >= 0).all()
    largest = np.unique(points, return_counts=True)[1].max()
    assert np.bincount(of_posts).max() <= len(points) / bins + largest


@settings(deadline=None)
@given(events_and_probabilities())
def test_curves_are_of_the_order_alone(pair):
    y, points = pair
    points = np.round(points * 1024) / 1024  # so that half of them is exact, and ties stay ties
    halved = 0.25 + points / 2
    for name in OF_CURVES:
        assert value(name, y, points) == value(name, y, halved)


@pytest.mark.parametrize("name", OF_CURVES)
@pytest.mark.parametrize(("label", "told"), [(0.0, "no post is an event"), (1.0, "every post is an event")])
def test_curves_are_undefined_and_say_so_where_all_or_no_posts_are_events(name, label, told):
    posts = np.full(4, label), [0.1, 0.2, 0.3, 0.4]
    assert math.isnan(value(name, *posts))
    assert note(name, *posts) == f"{told}; {MEASURES[name].title} is undefined"


@pytest.mark.parametrize("name", OF_CURVES)
def test_curves_say_how_many_posts_are_events_because_chance_is_there(name):
    assert note(name, [1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]) == "25.0% of the posts are events"


@settings(deadline=None)
@given(events_and_probabilities())
def test_brier_and_log_loss_agree_with_scikit_learn(pair):
    y, points = pair
    assert value("brier", y, points) == pytest.approx(reference.brier_score_loss(y, points))
    expected = reference.log_loss(y, np.clip(points, 1e-6, 1 - 1e-6), labels=[0, 1])
    assert value("log_loss", y, points) == pytest.approx(expected)


def test_a_certainty_that_was_wrong_loses_much_and_not_everything():
    assert value("log_loss", [1, 1], [0.0, 1.0]) == pytest.approx(-math.log(1e-6) / 2, rel=1e-6)


@pytest.mark.parametrize("name", MEASURES)
def test_perfect_predictions_have_the_perfect_value_and_no_error(name):
    """Of coverage none is perfect: there the value is held against the distance of the levels."""
    one = MEASURES[name]
    assert one.name == name
    assert one.title
    assert one.better in ("higher", "lower", None)
    assert one.error(one.perfect) == 0
    y = np.repeat([1.0, 0.0], [2, 18])
    if one.better:
        tight, among = dict.fromkeys((0.1, 0.5, 0.9), y), Among(np.zeros(20, np.int64), y)
        assert one.value(y, Predicted.of(y, tight, among)) == pytest.approx(one.perfect, abs=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, one in MEASURES.items() if one.better])
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_error_grows_away_from_perfect_towards_the_worse_end(name, one, other):
    towards = -1 if MEASURES[name].better == "higher" else 1
    near, far = sorted([abs(one), abs(other)])
    at = [float(MEASURES[name].error(MEASURES[name].perfect + towards * off)) for off in (near, far)]
    assert 0 <= at[0] <= at[1]


@pytest.mark.parametrize(
    ("y", "prediction", "message"),
    [
        ([1, 2, 3], [1, math.nan, 3], r"1 of 3 predictions not finite; the first: nan at 1"),
        ([1, 2, math.inf], [1, 2, 3], r"1 of 3 labels not finite; the first: inf at 2"),
        ([1, 2, 3], [1, 2], r"labels \(3,\) must have the shape \(2,\)"),
        ([[1], [2]], [[1], [2]], r"must have the shape \(n,\)"),
        ([], [], "no posts"),
    ],
)
def test_what_cannot_be_scored_is_refused(y, prediction, message):
    with pytest.raises(ValueError, match=message):
        finite("label", y, len(Predicted.of(prediction).points))


def test_quantiles_of_the_wrong_shape_or_not_finite_are_refused():
    with pytest.raises(ValueError, match=r"quantiles \(3,\) must have the shape \(2,\)"):
        Predicted.of([1.0, 2.0], {0.1: [1.0, 2.0, 3.0]})
    with pytest.raises(ValueError, match="1 of 2 quantiles not finite; the first: inf at 1"):
        Predicted.of([1.0, 2.0], {0.1: [0, 0], 0.9: [1, math.inf]})


def test_an_unknown_measure_is_answered_with_the_nearest_known():
    with pytest.raises(UnknownName, match="unknown measure 'spearmann'; did you mean 'spearman'"):
        measure("spearmann")


@pytest.mark.parametrize(
    ("name", "of_row", "of_reference", "expected"),
    [
        ("mae", 0.6, 0.8, 0.25),
        ("mae", 0.8, 0.8, 0.0),
        ("mae", 1.0, 0.8, -0.25),
        ("auc", 0.9, 0.6, 0.75),
        ("spearman", -0.5, 0.5, -2.0),
    ],
)
def test_skill_is_the_share_of_the_references_error_that_is_gone(name, of_row, of_reference, expected):
    assert measure(name).skill(of_row, of_reference) == pytest.approx(expected)


def test_skill_is_none_where_the_reference_makes_no_error():
    assert not np.isfinite(measure("mae").skill([0.1, 0.0], [0.0, 0.0])).any()
    assert not np.isfinite(measure("auc").skill(0.9, 1.0))


def test_arrows_point_to_the_better_end():
    arrows = {name: one.arrow for name, one in MEASURES.items()}
    up = ["spearman", "r2", *OF_CURVES, *COMPARING]
    assert [name for name, arrow in arrows.items() if arrow == "↑"] == up
    down = ["mae", "rmse", "mape", "brier", "log_loss", "calibration_error", "pinball"]
    assert [name for name, arrow in arrows.items() if arrow == "↓"] == down


@settings(deadline=None)
@given(labels_and_predictions(), st.floats(0.05, 0.85))
def test_pinball_loss_agrees_with_scikit_learn(pair, level):
    y, prediction = pair
    levels = [level, level + 0.1]
    quantiles = {tau: prediction + shift for shift, tau in zip([0, 1], levels, strict=True)}
    by_level = [reference.mean_pinball_loss(y, one, alpha=tau) for tau, one in quantiles.items()]
    assert value("pinball", y, prediction, quantiles) == pytest.approx(np.mean(by_level))


def test_coverage_counts_labels_between_the_outermost_quantiles_ends_included():
    posts = [0, 10, 11, -1], [5] * 4, {0.9: [10] * 4, 0.1: [0] * 4, 0.5: [5] * 4}
    assert value("coverage", *posts) == 0.5
    assert note("coverage", *posts) == "80% of the labels should be covered"


def test_measures_of_quantiles_and_of_what_competes_are_asked_where_there_are_any_and_all_others_always():
    quantiles, among = {0.1: [0.0], 0.5: [1.0], 0.9: [2.0]}, Among(np.zeros(1, np.int64), np.zeros(1))
    assert OF_QUANTILES == ("pinball", "coverage")
    assert WITHIN_WEEKS == ["week_spearman", "week_ndcg", "week_best"]
    assert [*WITHIN_WEEKS, "period_spearman", "period_ndcg", "period_first_ten"] == COMPARING
    for name, one in MEASURES.items():
        assert one.reads_from(Predicted.of([1.0])) == (name not in (*OF_QUANTILES, *COMPARING))
        assert one.reads_from(Predicted.of([1.0], quantiles)) == (name not in COMPARING)
        assert one.reads_from(Predicted.of([1.0], quantiles, among))
