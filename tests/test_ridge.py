"""Ridge: what it makes of numbers that training never reached."""

from __future__ import annotations

import numpy as np
import pandas as pd

from baselines.linear.logistic import Logistic
from baselines.ridge import EDGE, Ridge


def test_a_number_beyond_all_that_training_saw_counts_as_the_edge_of_it() -> None:
    """An account's number of posts only grows: it would tilt every later prediction."""
    rng = np.random.default_rng(0)
    posts = pd.DataFrame({"count": np.arange(2000.0), "noise": rng.normal(size=2000)})
    model = Ridge()
    model.seed = 0  # type: ignore[misc]
    columns = model._columns().fit(posts)
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
    np.testing.assert_allclose(found.coef_, [[1.5, 0], [0, -1]], atol=0.1)
    np.testing.assert_allclose(found.intercept_, [-1, 0], atol=0.1)
    told = found.predict(x)
    np.testing.assert_allclose(told, 1 / (1 + np.exp(-odds)), atol=0.05)


def test_an_event_that_never_happened_has_a_rate_and_hinders_no_other() -> None:
    x = np.arange(8.0)[:, None]
    happened = np.stack([np.zeros(8), np.ones(8), x[:, 0] > 3], axis=1).astype(np.float32)
    told = Logistic(0.01).fit(x, happened).predict(x)
    np.testing.assert_allclose(told[:, :2], np.tile([0.1, 0.9], (8, 1)))
    assert ((told[:, 2] > 0.5) == (x[:, 0] > 3)).all()
