"""Usual: what a column says of most posts, for drafts that do not tell it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmark.posts import Posts

MOSTLY = ("categorical", "numeric")
NEWEST = 5000
"""Posts that are asked what is usual."""


def usual(train: Posts, columns: pa.Schema) -> dict[str, str | float | bool]:
    """By column: the most frequent value of a category, the median of a number."""
    newest = train.take(np.sort(np.argsort(train.times, kind="stable")[-NEWEST:]))
    found: dict[str, str | float | bool] = {}
    for name in newest.with_role(*MOSTLY):
        values = newest.column(name).dropna()
        if not len(values):
            continue
        if pa.types.is_floating(columns.field(name).type) or pa.types.is_integer(columns.field(name).type):
            found[name] = float(pd.to_numeric(values).median())
        else:
            most = values.mode().iloc[0]
            found[name] = bool(most) if isinstance(most, bool | np.bool_) else str(most)
    return found
