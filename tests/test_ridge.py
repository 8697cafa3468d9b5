"""Ridge: what it makes of numbers that training never reached."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from baselines.ridge import Ridge


def test_a_number_beyond_all_that_training_saw_counts_as_the_edge_of_it() -> None:
    """An account's number of posts only grows: extrapolated, it would tilt every later prediction."""
    rng = np.random.default_rng(0)
    posts = pd.DataFrame({"count": np.arange(2000.0), "noise": rng.normal(size=2000)})
    model = Ridge()
    model.seed = 0  # type: ignore[misc]
    fitted = model._pipeline(alpha=1.0).fit(posts, posts[["count"]].to_numpy() / 1000)
    last, later, much_later = fitted.predict(pd.DataFrame({"count": [1999, 2500, 1e9], "noise": 0.0})).ravel()
    assert later == much_later == pytest.approx(last, abs=0.05)
    assert last > 1.8
