"""Plain: columns of numbers as lists that JSON can hold, and what is counted of each account."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network.network import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def numbers(values: Floats, digits: int = 4) -> list[float | None]:
    """Each to some significant digits, whole numbers without a point; None for what is no finite number."""
    values = np.asarray(values, np.float64)
    known = np.isfinite(values)
    size = np.floor(np.log10(np.where(known & (values != 0), np.abs(values), 1.0)))
    scale = 10.0 ** np.clip(digits - 1 - size, -300, 300)
    # A whole number stays whole and exact: it is a count.
    whole = known & (values == np.rint(values)) & (np.abs(values) < 2**53)
    rounded = np.where(whole, values, np.rint(np.where(known, values, 0.0) * scale) / scale)
    return [
        None if not there else int(value) if exact else value
        for value, there, exact in zip(rounded.tolist(), known.tolist(), whole.tolist(), strict=True)
    ]


def ranks(values: Floats) -> Ints:
    """[n] from 1 for the highest, those alike the same; 0 where there is no value."""
    known = np.isfinite(values)
    found = np.zeros(len(values), np.int64)
    ascending = np.sort(values[known])
    found[known] = 1 + known.sum() - np.searchsorted(ascending, values[known], side="right")
    return found


def of_posts(network: Network) -> tuple[Ints, Floats]:
    """[n] number of posts, and the median engagement of those that are judged; NaN where there is none."""
    published, n = network.published, network.graph.n
    known = published.judged & np.isfinite(published.engagement)
    medians = pd.Series(published.engagement[known]).groupby(published.author[known]).median()
    median = np.full(n, np.nan)
    median[medians.index.to_numpy(np.int64)] = medians.to_numpy()
    return np.bincount(published.author, minlength=n), median
