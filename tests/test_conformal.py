"""Conformal bands: they hold their share of what they were fitted on, and follow it where it drifts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines.parts.conformal import Bands
from benchmark import Array

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def predicted(n: int, width: float, seed: int = 0) -> tuple[Array, Array]:
    """Quantiles too narrow or too wide by a factor, of normal labels around means; 2 targets."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(n, 2))
    z = np.array([-1.2816, -0.6745, 0, 0.6745, 1.2816]) * width
    y = mean + rng.normal(size=mean.shape)
    return (mean[:, :, None] + z).astype(np.float32), y.astype(np.float32)


def inside(quantiles: Array, y: Array, pair: int) -> float:
    low, high = quantiles[:, :, pair], quantiles[:, :, -1 - pair]
    return float(((low <= y) & (y <= high)).mean())


@pytest.mark.parametrize("width", [0.3, 1.0, 2.5])
def test_posts_to_come_lie_inside_the_bands_as_often_as_they_say(width: float) -> None:
    bands = Bands(LEVELS).fit(*predicted(1000, width))
    quantiles, y = predicted(5000, width, seed=1)
    found = bands.of(quantiles)
    assert inside(found, y, 0) == pytest.approx(0.8, abs=0.03)
    assert inside(found, y, 1) == pytest.approx(0.5, abs=0.03)
    np.testing.assert_array_equal(found[:, :, 2], quantiles[:, :, 2])


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.floats(0, 5))
def test_quantiles_never_cross_and_the_median_stays(seed: int, n: int, width: float) -> None:
    bands = Bands(LEVELS).fit(*predicted(n, width, seed))
    quantiles, _ = predicted(20, 1.0, seed + 1)
    found = bands.of(quantiles)
    assert (np.diff(found, axis=2) >= 0).all() and np.isfinite(found).all()
    np.testing.assert_array_equal(found[:, :, 2], quantiles[:, :, 2])


def test_of_n_held_out_posts_the_band_holds_the_share_of_n_plus_one() -> None:
    """Of 9 posts a band of 80% reaches to the 8th, as (9 + 1) * 0.8 says."""
    y = np.arange(9, dtype=np.float32)[:, None]
    quantiles = np.zeros((9, 1, 5), np.float32)  # all at 0: a label is missed by itself
    found = Bands(LEVELS).fit(quantiles, y).of(quantiles)
    assert found[0, 0].tolist() == [-7, -4, 0, 4, 7]


def test_where_labels_scatter_more_and_more_the_bands_follow() -> None:
    bands = Bands(LEVELS).fit(*predicted(300, 1.0))
    still = Bands(LEVELS).fit(*predicted(300, 1.0))
    for block in range(40):
        quantiles, y = predicted(50, 0.25, seed=block + 2)  # labels scatter four times as far as it says
        bands.add(quantiles, y)
    quantiles, y = predicted(2000, 0.25, seed=99)
    assert inside(still.of(quantiles), y, 0) < 0.4
    assert inside(bands.of(quantiles), y, 0) == pytest.approx(0.8, abs=0.05)
    assert len(bands.misses) == 300, "the newest take the place of the oldest"


def test_a_band_that_is_missed_too_often_is_asked_for_more() -> None:
    bands = Bands(LEVELS).fit(*predicted(300, 1.0))
    quantiles, y = predicted(50, 1.0, seed=3)
    bands.add(quantiles, y + 100)
    assert (bands.asked < bands.wanted).all()
