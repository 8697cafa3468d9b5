"""Medians in place of gaps: those of scikit-learn, whichever columns have gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer

from baselines.linear.medians import Medians


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("posts", [1, 30, 31])
def test_what_is_missing_is_the_median_of_what_is_there_as_the_library_has_it(
    dtype: type[np.floating], posts: int
) -> None:
    rng = np.random.default_rng(0)
    x, new = rng.normal(size=(posts, 6)).astype(dtype), rng.normal(size=(9, 6)).astype(dtype)
    x[::4, 1], x[1::3, 2], x[:, 3] = np.nan, np.nan, np.nan  # of the last no number is known
    new[::2] = np.nan  # also where the posts learnt from had no gap
    library = SimpleImputer(strategy="median", keep_empty_features=True).fit(x)
    own = Medians().fit(x)
    for some in (x, new):
        before = some.copy()
        found = own.transform(some)
        assert found.dtype == dtype and not np.isnan(found).any()
        np.testing.assert_array_equal(found, library.transform(some))
        np.testing.assert_array_equal(some, before)


def test_a_table_is_read_as_the_numbers_that_it_holds() -> None:
    table = pd.DataFrame({"followers": np.float32([3, np.nan, 5]), "posts": np.float32([1, 2, 3])})
    np.testing.assert_array_equal(Medians().fit(table).transform(table), [[3, 1], [4, 2], [5, 3]])
