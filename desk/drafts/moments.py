"""When drafts would be published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark.readers.columns import is_missing
from benchmark.readers.moments import read_times

PROBLEM = "no time that can be read, between 1995 and 2100"
MEND = "Write it as 2030-05-14 18:00, with a zone behind it (+02:00) or in UTC"
_FAR_EAST = "Pacific/Kiritimati"


@dataclass(frozen=True)
class Moments:
    at: list[dt.datetime | None]
    """Of each draft, in UTC; None where what it says is no time."""
    notes: list[str]
    passed: set[int]
    """Places of drafts whose own time was before now."""


def moments(told: Sequence[Any], at: dt.datetime | None, now: dt.datetime) -> Moments:
    """The moment given for all, else what each says, else now.

    Args:
        told: what the drafts say, None where they say nothing.
    """
    given = [not is_missing(one) for one in told]
    if at is not None:
        notes = [f"their own times are set aside: all are judged as published at {shown(at)}"] * any(given)
        if in_utc(at) < now:
            notes.append(f"{shown(at)}, at which all are judged, has passed")
        return Moments([in_utc(at)] * len(told), notes, set())
    values = pd.Series([one if known else None for one, known in zip(told, given, strict=True)], dtype=object)
    found = read_times(values, "iso")
    zoned = read_times(values, "iso", _FAR_EAST)
    notes = []
    if local := int((found.notna() & (found != zoned)).sum()):
        notes.append(f"times that say no zone are taken as UTC: those of {_drafts(local)}")
    if silent := given.count(False):
        notes.append(f"{_drafts(silent)} without a time of their own, judged as published now, {shown(now)}")
    moments: list[dt.datetime | None] = [
        now if not known else None if pd.isna(one) else one.to_pydatetime().replace(tzinfo=dt.UTC)
        for one, known in zip(found, given, strict=True)
    ]
    passed = {i for i, one in enumerate(moments) if given[i] and one is not None and one < now}
    return Moments(moments, notes, passed)


def in_utc(moment: dt.datetime) -> dt.datetime:
    """A moment with its zone, UTC; one without is UTC already."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def shown(moment: dt.datetime) -> str:
    return f"{in_utc(moment):%Y-%m-%d %H:%M} UTC"


def _drafts(count: int) -> str:
    return f"{count:,} draft{'s' * (count != 1)}"
