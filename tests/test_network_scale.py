"""What graphs cost: every step is measured, and how seconds grow is told."""

from __future__ import annotations

import pytest

from tools.network_scale import STEPS, exponent, measured


@pytest.mark.slow
def test_each_step_is_measured_in_order() -> None:
    found = measured(2_000)
    assert list(found["steps"]) == list(STEPS)
    assert 1_500 < found["edges"] <= 2_000 and found["accounts"] == pytest.approx(140, abs=3)
    peaks = [peak for _, peak in found["steps"].values()]
    assert peaks == sorted(peaks) and found["peak"] >= peaks[-1] > 0


def test_the_exponent_is_that_of_a_power() -> None:
    assert exponent([10, 100, 1000], [2.0, 20.0, 200.0]) == pytest.approx(1)
    assert exponent([10, 100], [1.0, 100.0]) == pytest.approx(2)
