"""Ridge: what it makes of numbers that training never reached."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
