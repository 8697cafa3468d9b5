"""What the board says of intervals that are narrower than they say, and by how much."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.scores.drawn import Drawn
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.narrow import DRIFTS, OF_DRIFT, drifting, narrow, narrow_differences, too_narrow
from benchmark.scores.uncertainty import Uncertainty, drift_of
from tools.intervals.narrow import FADING, of_drift, of_weeks


def weeks(number: int) -> Drawn:
    return Drawn(number, float(number), float(number))


def test_few_weeks_are_told_with_what_would_mend_them() -> None:
    found = narrow(weeks(9))
    assert found is not None and (found.holds, found.factor) == (0.9, 1.5)
    assert "span 9 weeks" in too_narrow(weeks(9))
    assert "about 90 of 100 simulated test sets; 1.5 times as wide, they would in 95" in too_narrow(weeks(9))
    assert "only 5 accounts count" in too_narrow(Drawn(40, 5.0))


@pytest.mark.parametrize("enough", [weeks(26), Drawn(400, 30.0), Drawn(30, 12.0), Drawn(0, 0.0)])
def test_where_there_are_enough_nothing_is_said(enough: Drawn) -> None:
    assert narrow(enough) is None
    assert too_narrow(enough) == ""
    assert drifting(enough, math.nan) == ""


def test_the_fewer_weeks_the_wider_an_interval_would_have_to_be() -> None:
    factors = [found.factor for number in range(2, 20) if (found := narrow(weeks(number)))]
    assert factors == sorted(factors, reverse=True)
    assert len(factors) == 18


def test_drifting_differences_are_told_and_those_that_fade_are_not() -> None:
    year = weeks(52)
    assert narrow_differences(year, DRIFTS[0] - 0.1) is None
    assert narrow_differences(year, DRIFTS[0]) == OF_DRIFT[52][0]
    assert narrow_differences(year, DRIFTS[1]) == OF_DRIFT[52][1]
    assert "carry 4.2 times" in drifting(year, 4.2)
    assert "81 of 100" in drifting(year, 4.2)


def test_in_few_weeks_drift_cannot_be_told_and_among_accounts_there_is_none() -> None:
    assert narrow_differences(weeks(26), 9.0) is None
    assert narrow_differences(weeks(9), 9.0) == narrow(weeks(9))
    assert narrow_differences(Drawn(100, 80.0), 9.0) is None


def test_what_rises_toward_the_slowest_wave_drifts() -> None:
    flat = np.ones((3, 40))
    assert drift_of(flat, 3) == pytest.approx(1)
    assert drift_of(1 / np.arange(1.0, 41)[None] ** 2, 3) > DRIFTS[1]
    assert math.isnan(drift_of(flat[:, :6], 3))


def test_each_difference_counts_for_one_however_large() -> None:
    slow, even = 1 / np.arange(1.0, 41) ** 2, np.ones(40)
    assert drift_of(np.stack([slow, even]), 3) == pytest.approx(drift_of(np.stack([1e6 * slow, even]), 3))


def test_drift_is_read_off_replicates() -> None:
    year = weeks(52)
    counts = Resamples(np.arange(52), 1000).counts(0, 1000) / 52
    rng = np.random.default_rng(0)
    drifting_rows = rng.normal(size=(5, 1)) * np.linspace(-1, 1, 52) + 0.1 * rng.normal(size=(5, 52))
    uncertainty = Uncertainty(year)
    assert uncertainty.drift(drifting_rows @ counts.T) > DRIFTS[1]
    assert uncertainty.drift(rng.normal(size=(5, 52)) @ counts.T) < DRIFTS[0]
    assert math.isnan(uncertainty.drift(np.zeros((3, 1000))))
    assert math.isnan(uncertainty.drift(np.empty((0, 1000))))
    assert math.isnan(Uncertainty(Drawn(52, 52.0)).drift(drifting_rows @ counts.T))


@pytest.mark.slow
@pytest.mark.parametrize("number", [4, 8, 13, 17])
def test_what_is_said_of_few_weeks_is_what_the_simulation_gives(number: int) -> None:
    found = of_weeks(number, 4000, seed=11)
    said = narrow(weeks(number))
    assert said is not None
    assert min(found[one].holds for one in FADING) == pytest.approx(said.holds, abs=0.02)


@pytest.mark.slow
def test_what_is_said_of_drift_is_what_the_simulation_gives() -> None:
    low, some, much = of_drift(52, 1500, seed=11)
    assert [some[0].holds, much[0].holds] == pytest.approx([one.holds for one in OF_DRIFT[52]], abs=0.03)
    assert low[0].holds > some[0].holds
    assert some[1] + much[1] < 0.2 < some[2] + much[2]
