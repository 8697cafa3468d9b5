"""The intervals of the desk: from the errors of posts held out, an account's own where it has enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from desk.model.intervals import FEWEST, Calibration, bounds


def calibration(errors: Any, accounts: Any = "a", categories: Any = "", new: Any = False) -> Calibration:
    n = len(errors)
    column = np.asarray(errors, np.float32)[:, None]
    whole = [np.broadcast_to(np.asarray(one), n) for one in (accounts, categories, new)]
    return Calibration(column, *whole, strange=column * 3)  # type: ignore[arg-type]


def test_intervals_hold_as_many_as_they_say() -> None:
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(300):
        errors = rng.standard_t(3, 201).astype(np.float32)[:, None]
        low, high = bounds(errors[:100])
        inside.append(((errors[100:] >= low) & (errors[100:] <= high)).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)


def test_a_higher_level_is_never_narrower_and_few_errors_give_the_outermost() -> None:
    errors = np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)
    found = [bounds(errors, level) for level in (0.5, 0.8, 0.9, 0.95, 0.999)]
    assert np.all(np.diff([low for low, _ in found], axis=0) <= 0)
    assert np.all(np.diff([high for _, high in found], axis=0) >= 0)
    few = np.array([[3.0], [1.0], [2.0]], np.float32)
    assert [float(end[0]) for end in bounds(few)] == [1.0, 3.0]
    assert [float(end[0]) for end in bounds(few[:1])] == [3.0, 3.0]


def test_an_account_is_held_against_its_own_errors_then_its_category_then_all() -> None:
    accounts = np.repeat(["a", "b", "c"], [FEWEST, FEWEST - 1, 10])
    categories = np.repeat(["x", "y", "y"], [FEWEST, FEWEST - 1, 10])
    one = calibration(np.arange(len(accounts)), accounts, categories)
    basis, errors = one.group("a", "x", known=True)
    assert (basis, len(errors)) == ("account", FEWEST)
    basis, errors = one.group("b", "y", known=True)
    assert (basis, len(errors)) == ("category", FEWEST + 9)
    basis, errors = one.group("b", "", known=True)
    assert (basis, len(errors)) == ("all", len(accounts))
    basis, errors = one.group("a", "x", known=False)
    assert basis == "all"
    np.testing.assert_array_equal(errors, one.strange)


def test_where_new_accounts_were_held_out_their_errors_count() -> None:
    new = np.arange(200) < FEWEST
    _, errors = calibration(np.arange(200), new=new).group("z", "", known=False)
    assert len(errors) == FEWEST


def test_intervals_allow_for_levels_that_move_after_the_posts_held_out() -> None:
    """Of each account the level moves by chance, once: its own errors alone would not know by how much."""
    rng, n = np.random.default_rng(0), 40
    accounts = np.repeat([f"a{i}" for i in range(n)], 2 * FEWEST)
    scale = np.repeat(rng.uniform(0.3, 3, n), 2 * FEWEST)

    def errors() -> Any:
        return scale * (np.repeat(rng.normal(size=n), 2 * FEWEST) + rng.normal(size=len(accounts)))

    held, later = calibration(errors(), accounts), errors()
    ends = {name: bounds(held.group(name, "", known=True)[1]) for name in np.unique(accounts)}
    inside = [ends[name][0] <= error <= ends[name][1] for name, error in zip(accounts, later, strict=True)]
    assert 0.86 <= np.mean(inside) <= 0.95
    widths = {name: float(high[0] - low[0]) for name, (low, high) in ends.items()}
    assert max(widths.values()) > 5 * min(widths.values())
