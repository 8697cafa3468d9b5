"""Columns that a mistake adds to the posts, and that no honest protocol could have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.declared.column import Column

if TYPE_CHECKING:
    from benchmark.run.tasks import TaskPosts
    from benchmark.timeline import Schema

Floats = NDArray[np.float64]
PREFIX = "pitfall_"


def with_numbers(posts: TaskPosts, schema: Schema, numbers: Mapping[str, Floats]) -> tuple[TaskPosts, Schema]:
    """The posts with more numeric columns [n], which a baseline sees among the others."""
    table = posts.table
    for name, values in numbers.items():
        table = table.append_column(f"{PREFIX}{name}", pa.array(values, pa.float64(), from_pandas=True))
    added = {f"{PREFIX}{name}": Column(role="numeric") for name in numbers}
    return replace(posts, table=table), replace(schema, columns={**schema.columns, **added})


def group_means(groups: Sequence[object] | NDArray[np.int64], labels: Floats) -> Floats:
    """[n, targets]: of each post the mean label of all posts of its group, its own among them.

    Args:
        groups: [n], None where a post is of none. labels: [n, targets], NaN where there is none.
    """
    told = pd.DataFrame(labels)
    means = told.groupby(pd.Series(list(groups)), dropna=True).transform("mean")
    return means.to_numpy(np.float64)
