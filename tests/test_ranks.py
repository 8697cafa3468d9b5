"""Ranks as a normal: those of scikit-learn, bit for bit, however many columns are asked for at once."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import QuantileTransformer

from baselines.linear import ranks
from baselines.linear.ranks import NormalRanks


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("at_once", [1, 1000, 2**18])
def test_they_are_those_of_the_library(
    dtype: type[np.floating], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "NUMBERS_AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    posts, new = rng.normal(size=(300, 8)), rng.normal(size=(40, 8)) * 3
    posts[:, :2], new[:, :2] = rng.integers(0, 4, (300, 2)), rng.integers(-1, 6, (40, 2))  # many are equal
    posts[:, 2] = 7  # all are
    posts[::5, 3], new[::3, 3] = np.nan, np.nan
    posts, new = posts.astype(dtype), new.astype(dtype)
    library = QuantileTransformer(n_quantiles=100, output_distribution="normal", random_state=0).fit(posts)
    own = NormalRanks(n_quantiles=100, random_state=0).fit(posts)
    for some in (posts, new, new[:1]):
        found = own.transform(some)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, library.transform(some))
    assert not np.array_equal(own.transform(new), new, equal_nan=True)  # what is given is left as it is
