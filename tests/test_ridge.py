"""Ridge: what it makes of numbers that training never reached."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge as Regression

from baselines.linear.gram import Gram
from baselines.linear.linear_columns import EDGE, linear_columns
from baselines.linear.logistic import Logistic


def test_a_number_beyond_all_that_training_saw_counts_as_the_edge_of_it() -> None:
    """An account's number of posts only grows: it would tilt every later prediction."""
    rng = np.random.default_rng(0)
    posts = pd.DataFrame({"count": np.arange(2000.0), "noise": rng.normal(size=2000)})
    columns = linear_columns(0).fit(posts)
    new = pd.DataFrame({"count": [-1e9, 1000, 2500, 1e9], "noise": 0.0})
    seen = columns.transform(new)[:, 0]
    assert seen[[0, 2, 3]].tolist() == [-EDGE, EDGE, EDGE]
    assert abs(seen[1]) < 0.1


def test_the_logistic_regression_finds_the_log_odds_of_each_event() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20_000, 2))
    odds = np.stack([1.5 * x[:, 0] - 1, -x[:, 1]], axis=1)
    happened = (rng.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(np.float32)
    found = Logistic(1.0).fit(x, happened)
    np.testing.assert_allclose(found.coefficients, [[1.5, 0], [0, -1]], atol=0.1)
    np.testing.assert_allclose(found.intercept, [-1, 0], atol=0.1)
    told = found.predict(x)
    np.testing.assert_allclose(told, 1 / (1 + np.exp(-odds)), atol=0.05)


def test_an_event_that_never_happened_has_a_rate_and_hinders_no_other() -> None:
    x = np.arange(8.0)[:, None]
    happened = np.stack([np.zeros(8), np.ones(8), x[:, 0] > 3], axis=1).astype(np.float32)
    told = Logistic(0.01).fit(x, happened).predict(x)
    np.testing.assert_allclose(told[:, :2], np.tile([0.1, 0.9], (8, 1)))
    assert ((told[:, 2] > 0.5) == (x[:, 0] > 3)).all()


@pytest.mark.parametrize("penalty", [0.1, 30.0, 30_000.0])
def test_a_gram_matrix_added_up_by_blocks_solves_as_scikit_learn_does(penalty: float) -> None:
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(997, 40)) + 2).astype(np.float32)
    y = (x[:, :2] @ rng.normal(size=(2, 3)) + rng.normal(size=(997, 3)) + 5).astype(np.float32)
    gram = Gram()
    for rows in np.array_split(np.arange(len(x)), 7):
        gram.add(x[rows], y[rows])
    mine, theirs = gram.solved(penalty), Regression(alpha=penalty).fit(x.astype(float), y.astype(float))
    np.testing.assert_allclose(mine.coefficients, theirs.coef_, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(mine.predict(x), theirs.predict(x), rtol=1e-4, atol=1e-4)


def test_more_columns_than_posts_and_columns_that_say_nothing_are_no_hindrance() -> None:
    rng = np.random.default_rng(0)
    x = np.hstack([rng.normal(size=(20, 50)), np.ones((20, 1)), np.zeros((20, 1))]).astype(np.float32)
    y = rng.normal(size=(20, 1)).astype(np.float32)
    gram = Gram()
    gram.add(x, y)
    found, theirs = gram.solved(3.0), Regression(alpha=3.0).fit(x.astype(float), y.astype(float))
    np.testing.assert_allclose(found.predict(x)[:, 0], theirs.predict(x).ravel(), rtol=1e-4, atol=1e-5)
    assert np.abs(found.coefficients[0, -2:]).max() < 1e-9
