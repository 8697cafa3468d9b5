"""Season: the time of the year is read where training has seen it come again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from baselines.linear.season import OF_THE_YEAR, without_season


@pytest.mark.parametrize(
    ("days", "read"), [(1, False), (200, False), (729, False), (732, True), (3000, True)]
)
def test_the_year_is_read_where_training_spans_two(days: int, read: bool) -> None:
    times = np.datetime64("2019-06-01", "ms") + np.linspace(0, days, 50).astype("timedelta64[D]")
    table = pd.DataFrame({name: np.arange(50.0) for name in ["hour", *OF_THE_YEAR]})
    assert set(OF_THE_YEAR) <= set(table)
    assert list(without_season(table, times)) == (list(table) if read else ["hour"])


def test_a_single_post_has_no_season() -> None:
    table = pd.DataFrame({"hour": [1.0], "day_of_year": [5.0]})
    assert list(without_season(table, np.array([0]))) == ["hour"]
