"""What a score is: agreement with reference implementations, and plain words where a metric is undefined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics as reference

from benchmark.errors import UnknownName
from benchmark.scores.metrics import METRICS, POINT_METRICS, quantile_terms, score, score_quantiles, skill

tied = st.integers(-4, 4).map(float)
real = st.floats(-1e6, 1e6, allow_subnormal=False)


@st.composite
def labels_and_predictions(draw, elements=tied | real, fewest=3):
    n = draw(st.integers(fewest, 40))
    return draw(arrays(np.float64, n, elements=elements)), draw(arrays(np.float64, n, elements=elements))


def value(metric, y, prediction):
    return score(metric, y, prediction).value


@given(labels_and_predictions())
def test_spearman_gives_ties_their_average_rank_as_scipy_does(pair):
    y, prediction = pair
    assume(np.ptp(y) > 0 and np.ptp(prediction) > 0)
    assert value("spearman", y, prediction) == pytest.approx(
        stats.spearmanr(y, prediction).statistic, abs=1e-12
    )


@given(labels_and_predictions(tied))
def test_spearman_does_not_change_under_a_monotone_transform(pair):
    y, prediction = pair
    assert value("spearman", y, prediction) == value("spearman", np.exp(y), 3 * prediction + 1)


@given(labels_and_predictions())
def test_spearman_changes_its_sign_with_the_predictions(pair):
    y, prediction = pair
    assert value("spearman", y, prediction) == -value("spearman", y, -prediction)


@pytest.mark.parametrize("metric", POINT_METRICS)
@settings(max_examples=25)
@given(pair=labels_and_predictions(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_posts_does_not_matter(metric, pair, seed):
    y, prediction = pair
    order = np.random.default_rng(seed).permutation(len(y))
    one, other = score(metric, y, prediction), score(metric, y[order], prediction[order])
    assert one.note == other.note
    assert (one.value is None) == (other.value is None)
    assert one.value is None or one.value == pytest.approx(other.value, rel=1e-9)


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
    found = score("mape", [0.0, 1e-12, 4.0], [7.0, 7.0, 5.0])
    assert found.value == pytest.approx(0.25)
    assert found.note == "2 of 3 posts left out: their label is 0"


def test_mape_has_no_value_when_every_label_is_zero():
    found = score("mape", [0.0, 0.0], [1.0, 2.0])
    assert found.value is None
    assert found.note == "every label is 0; MAPE is undefined"


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
    found = score("spearman", y, prediction)
    assert found.value == 0.0
    assert found.note is not None
    assert found.note.startswith(what)


def test_a_score_that_needs_no_comment_has_no_note():
    assert [score(metric, [1, 2, 3], [1, 2, 4]).note for metric in POINT_METRICS] == [None] * len(
        POINT_METRICS
    )


def test_r2_has_no_value_on_constant_labels():
    found = score("r2", [0.1, 0.1, 0.1], [1, 2, 3])
    assert (found.value, found.note) == (None, "labels are constant; R2 is undefined")


def test_r2_of_labels_far_from_zero_keeps_its_digits():
    y = 1e9 + np.array([0.0, 1.0, 2.0, 3.0])
    assert value("r2", y, y + 0.5) == pytest.approx(1 - 4 * 0.25 / 5, rel=1e-12)


def test_float32_predictions_are_scored_in_float64():
    y, prediction = np.full(1000, 0.1), np.full(1000, 0.3, dtype=np.float32)
    assert value("mae", y, prediction) == pytest.approx(float(np.float32(0.3)) - 0.1, rel=1e-14)


@pytest.mark.parametrize("metric", POINT_METRICS)
@pytest.mark.parametrize(
    ("y", "prediction", "message"),
    [
        ([1, 2, 3], [1, math.nan, 3], r"1 of 3 predictions not finite; the first: nan at 1"),
        ([1, 2, math.inf], [1, 2, 3], r"1 of 3 labels not finite; the first: inf at 2"),
        ([1, 2, 3], [1, 2], r"labels \(3,\) and predictions \(2,\) must have the same shape"),
        ([[1], [2]], [[1], [2]], r"must have the same shape \(n,\)"),
        ([], [], "no posts"),
    ],
)
def test_what_cannot_be_scored_is_refused(metric, y, prediction, message):
    with pytest.raises(ValueError, match=message):
        score(metric, y, prediction)


def test_an_unknown_metric_is_answered_with_the_nearest_known():
    with pytest.raises(UnknownName, match="unknown metric 'spearmann'; did you mean 'spearman'"):
        score("spearmann", [1], [1])


def test_skill_is_the_share_of_the_references_error_that_is_gone():
    assert skill(0.6, 0.8).value == pytest.approx(0.25)
    assert skill(0.8, 0.8).value == 0
    assert skill(0.1, 0.0).value is None
    assert "undefined" in (skill(0.1, 0.0).note or "")


def test_arrows_point_to_the_better_end():
    arrows = {name: metric.arrow for name, metric in METRICS.items()}
    assert [name for name, arrow in arrows.items() if arrow == "↑"] == ["spearman", "r2"]
    assert [name for name, arrow in arrows.items() if arrow == "↓"] == ["mae", "rmse", "mape", "pinball"]


@given(labels_and_predictions(), st.floats(0.05, 0.85))
def test_pinball_loss_agrees_with_scikit_learn(pair, level):
    y, prediction = pair
    levels = [level, level + 0.1]
    found = score_quantiles(y, np.stack([prediction, prediction + 1], axis=1), levels)["pinball"]
    by_level = [
        reference.mean_pinball_loss(y, prediction + shift, alpha=tau)
        for shift, tau in zip([0, 1], levels, strict=True)
    ]
    assert found.value == pytest.approx(np.mean(by_level))


def test_coverage_counts_labels_between_the_outermost_quantiles_ends_included():
    quantiles = [[0, 5, 10]] * 4
    found = score_quantiles([0, 10, 11, -1], quantiles, [0.1, 0.5, 0.9])["coverage"]
    assert found.value == 0.5
    assert found.note == "80% of the labels should be covered"


@pytest.mark.parametrize("levels", [[0.5], [0.9, 0.1], [0.5, 0.5], [0.0, 0.5], [0.5, 1.0], [0.1, math.nan]])
def test_levels_that_are_no_ascending_probabilities_are_refused(levels):
    with pytest.raises(ValueError, match="levels must be"):
        quantile_terms([1.0], [[1.0] * len(levels)], levels)


def test_quantiles_of_the_wrong_shape_or_not_finite_are_refused():
    with pytest.raises(
        ValueError, match=r"quantiles must have shape \(2, 2\), posts by levels; got \(2, 3\)"
    ):
        quantile_terms([1.0, 2.0], np.zeros((2, 3)), [0.1, 0.9])
    with pytest.raises(ValueError, match="1 of 2 predictions not finite"):
        quantile_terms([1.0, 2.0], [[0, 1], [0, math.inf]], [0.1, 0.9])
