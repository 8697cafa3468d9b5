"""One clock: whatever becomes known has a moment, and the rules that were written before it still hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from cutting import cut, cut_off_ms, cuts
from hypothesis import example, given
from hypothesis import strategies as st

from benchmark.split import DAY_MS, Clock

SOME_MS = st.integers(-(10**13), 10**13)


@given(SOME_MS, st.integers(-3 * DAY_MS, 3 * DAY_MS), st.sampled_from([0, 1, DAY_MS // 4, 3 * DAY_MS]))
@example(0, 0, 0)
@example(0, 1, 0)
@example(0, 1, 1)
def test_a_label_is_known_once_it_has_matured_and_never_at_the_moment_of_its_post(
    time: int, later: int, maturity: int
) -> None:
    as_of = time + later
    known = Clock(0, maturity, None).known_at(np.array([time], np.int64)) <= as_of
    assert known.item() == (time + maturity <= as_of and time < as_of)  # as history and split said it
    assert known.item() == (time <= min(as_of - maturity, as_of - 1))  # as the holdout and rolling did


@given(cuts())
def test_a_frozen_cut_is_what_it_was_before_there_was_one_clock(posts: dict[str, Any]) -> None:
    block = cut("frozen", posts).blocks[0]
    times, labelled, cut_off = posts["times"], posts["labelled"], cut_off_ms(posts["protocol"])
    embargo = round(posts["protocol"].embargo_days * DAY_MS)
    settled = labelled & (times <= cut_off - embargo) & (times < cut_off)
    assert block.reveal.tolist() == np.flatnonzero(settled).tolist()
    assert block.context.tolist() == np.flatnonzero(labelled & ~settled & (times < cut_off)).tolist()


@given(cuts())
def test_a_rolling_cut_is_what_it_was_before_there_was_one_clock(posts: dict[str, Any]) -> None:
    found = cut("rolling", posts)
    maturity = round(posts["protocol"].reveal_days * DAY_MS)
    rows = np.flatnonzero(posts["labelled"])
    times, known, seen = posts["times"][rows], 0, 0
    for block in found.blocks:
        start = block.start
        matured = int(np.searchsorted(times, min(start - maturity, start - 1), side="right"))
        assert block.reveal.tolist() == rows[known:matured].tolist()
        assert block.context.tolist() == rows[max(seen, matured) : np.searchsorted(times, start)].tolist()
        known, seen = matured, int(np.searchsorted(times, start + found.clock.block, side="left"))
