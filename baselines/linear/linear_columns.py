"""Linear columns: a table as a linear model reads it. Loads scikit-learn when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer

EDGE = 3.0
"""Standard deviations: of numbers, no post lies further out."""


def linear_columns(seed: int, most: int | None = None) -> ColumnTransformer:
    """Not fitted yet: frequent levels of categories as columns of their own, numbers as normal ranks.

    Args:
        most: columns of a category, at most; None: any number.
    """
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

    from baselines.linear.medians import Medians
    from baselines.linear.ranks import NormalRanks

    # Counts are heavy-tailed: ranks, mapped to a normal, keep one viral account from tilting the plane.
    # Those that only ever grow, as an account's posts, lie beyond all ranks later: they stay at the edge.
    numbers = make_pipeline(
        Medians(),
        NormalRanks(n_quantiles=100, random_state=seed),
        FunctionTransformer(np.clip, kw_args={"a_min": -EDGE, "a_max": EDGE}),
    )
    levels = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=10, max_categories=most, dtype=np.float32
    )
    return make_column_transformer(
        (levels, make_column_selector(dtype_include="category")),
        (numbers, make_column_selector(dtype_include="number")),
    )
