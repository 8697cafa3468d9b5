"""Posts of any kind, cut by a protocol."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from benchmark.declared.task import Protocol
from benchmark.errors import DataError
from benchmark.split import DAY_MS, Windows, windows

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@st.composite
def cuts(draw: st.DrawFn) -> dict[str, Any]:
    """Posts at quarter-day steps, some unlabelled, with a cut-off among them and any embargo and block."""
    quarters = sorted(draw(st.lists(st.integers(0, 160), min_size=2, max_size=60)))
    labelled = draw(st.lists(st.booleans(), min_size=len(quarters), max_size=len(quarters)))
    protocol = Protocol(
        cut_off=EPOCH + dt.timedelta(days=draw(st.integers(0, 160)) / 4),
        embargo_days=draw(st.sampled_from([0, 0.25, 3])),
        block_days=draw(st.sampled_from([0.25, 1, 7])),
        reveal_days=draw(st.sampled_from([0, 0.25, 3, 10])),
    )
    times = np.array(quarters, np.int64) * DAY_MS // 4
    return {"protocol": protocol, "times": times, "labelled": np.array(labelled, bool)}


def cut(name: str, given_posts: dict[str, Any]) -> Windows:
    """The windows; examples that leave nothing to fit on or to predict are not of interest here."""
    try:
        return windows(name, **given_posts)  # type: ignore[arg-type]
    except DataError:
        assume(False)
        raise


def cut_off_ms(protocol: Protocol) -> int:
    assert protocol.cut_off is not None
    return round(protocol.cut_off.timestamp() * 1000)
