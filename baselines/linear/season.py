"""Season: whether the time of the year can be told from the passing of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.split import DAY_MS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

OF_THE_YEAR = ["day_of_year", "year_sin", "year_cos"]
YEARS = 2
"""In fewer, most days of the year come once: what they seem to say is what the trend of that time was, and a
line through it goes on into days that nobody has seen."""


def without_season(table: pd.DataFrame, times: NDArray[Any]) -> pd.DataFrame:
    """The table of the training posts that a model which adds is fitted on: without the columns of the year,
    where all of the posts lie within YEARS.

    Args:
        times: [n], datetime64[ms] or ms since 1970, of these posts.
    """
    days = times.astype(np.int64) / DAY_MS
    seen_twice = np.ptp(days) >= YEARS * 365.25
    return table if seen_twice else table.drop(columns=OF_THE_YEAR, errors="ignore")
