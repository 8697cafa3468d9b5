"""Readings: rows of one post, read at several moments -> one row a post, and labels that only several
tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.declared.card import Card, Target
from benchmark.declared.layout import FromReadings
from benchmark.errors import DataError, listed
from benchmark.readers.raw import ReadReport

READ_AT = "read_at"
"""Column of a frame of readings: datetime64[ms], when a row was read. It goes no further than the reader."""
_HOUR_MS = 3_600_000.0

Floats = NDArray[np.float64]


def one_row_a_post(card: Card, frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    """As `repeated` of the card's `[table]` says: the first or the last row of each post, or, of readings,
    the first row with labels from all of them. Rows that are alike in everything are one.

    Args:
        frame: the rows in the order of the files, with `READ_AT` if the card names it.
    """
    repeated = card.table.repeated if card.table else "error"
    if repeated == "error":
        return frame
    by = ["post_id", READ_AT] if READ_AT in frame else ["post_id"]
    ordered = frame.sort_values(by, kind="stable", ignore_index=True)
    if repeated == "last":
        kept = ~ordered.duplicated("post_id", keep="last")
        report.drop("earlier row of the same id", int((~kept).sum()))
        return ordered[kept].reset_index(drop=True)
    kept = ~ordered.duplicated("post_id", keep="first")
    if repeated == "first":
        report.drop("later row of the same id", int((~kept).sum()))
        return ordered[kept].reset_index(drop=True)
    posts = ordered[kept].reset_index(drop=True)
    later = len(ordered) - len(posts)
    report.note(f"{len(ordered):,} readings of {len(posts):,} posts: {later:,} are of posts read before")
    return posts.assign(**_labels(card.measured, ordered, np.flatnonzero(kept.to_numpy()), report))


def _labels(
    targets: Mapping[str, Target], ordered: pd.DataFrame, starts: NDArray[np.int64], report: ReadReport
) -> dict[str, Floats]:
    """Labels of each post, NaN where its readings do not tell them; of a target that says no more, its last
    count."""
    ends = np.append(starts[1:], len(ordered))
    moments = ordered[READ_AT].astype("int64").to_numpy().astype(np.float64)
    published = ordered["time"].astype("int64").to_numpy().astype(np.float64)[starts]
    found = {}
    for name, target in targets.items():
        if target.readings is not None and target.readings.distinct is not None:
            posts = np.repeat(np.arange(len(starts)), ends - starts)
            found[name] = _distinct(target.readings, ordered, posts, moments, published)
        else:
            counts = ordered[name].to_numpy(dtype=np.float64)
            told = [
                _label(target.readings, moments[a:b], counts[a:b], born)
                for a, b, born in zip(starts, ends, published, strict=True)
            ]
            found[name] = np.array(told, dtype=np.float64)
        untold = int(np.isnan(found[name]).sum())
        report.note(
            f"{name}: told by the readings of {len(starts) - untold:,} posts, not by those of {untold:,}"
        )
    return found


def _distinct(
    asked: FromReadings,
    ordered: pd.DataFrame,
    posts: NDArray[np.int64],
    moments: Floats,
    published: Floats,
) -> Floats:
    """[n] how many values a column has in the readings of each post's first hours, or whether one is there.

    Args:
        posts: [m] of which post each reading is. moments: [m]. published: [n].
    """
    assert asked.distinct is not None and asked.within_hours is not None
    hours = asked.within_hours * _HOUR_MS
    values = ordered[asked.distinct].astype("string")
    early = values.notna().to_numpy() & (moments <= published[posts] + hours)
    if asked.only is not None:
        named = (values == asked.only).fillna(False).to_numpy(dtype=bool)
        if not named.any():
            known = listed([f"'{one}'" for one in sorted(values.dropna().unique())], 8)
            raise DataError(
                f"no reading has the value '{asked.only}'; there are {known}", column=asked.distinct
            )
        early &= named
    pairs = pd.DataFrame({"post": posts[early], "value": values[early]}).drop_duplicates()
    found = np.bincount(pairs["post"], minlength=len(published)).astype(np.float64)
    whole = (published >= moments.min()) & (published + hours <= moments.max())
    return np.where(whole, found, np.nan)


def _label(asked: FromReadings | None, moments: Floats, counts: Floats, born: float) -> float:
    """One post. Its readings are in the order of time, and of those at one moment the first counts."""
    known = np.isfinite(counts)
    if asked is not None and asked.first:
        # Where the first reading has no count, the next is of another age than the columns are.
        known[1:] = False
    if asked is not None and asked.within_hours is not None:
        known &= moments <= born + asked.within_hours * _HOUR_MS
    moments, counts = moments[known], counts[known]
    if not len(moments):
        return np.nan
    if asked is None or asked.first:
        return float(counts[-1])
    moments, first = np.unique(moments, return_index=True)
    logs = np.log1p(np.maximum(counts[first], 0.0))
    if asked.age_hours is not None:
        return float(np.expm1(_at(born + asked.age_hours * _HOUR_MS, moments, logs, asked.slack_hours)))
    if asked.growth_hours is not None:
        then = moments[0] + asked.growth_hours * _HOUR_MS
        return _at(then, moments, logs, asked.slack_hours) - float(logs[0])
    if len(moments) < 2:
        return np.nan
    to = 1 if asked.growth_to == "next" else -1
    growth = float(logs[to] - logs[0])
    if not asked.per_age:
        return growth
    # A post that was read in the minute of its publication has no age to speak of.
    ages = np.maximum([moments[0] - born, moments[to] - born], _HOUR_MS / 60)
    return growth / float(np.log(ages[1] / ages[0])) if ages[1] > ages[0] else np.nan


def _at(moment: float, moments: Floats, logs: Floats, slack_hours: float) -> float:
    """The value at a moment on the line between the readings on either side, or on that of the last two, if
    it is at most the slack beyond them; else NaN."""
    late = moment - moments[-1]
    if 0 < late <= slack_hours * _HOUR_MS and len(moments) > 1:
        slope = (logs[-1] - logs[-2]) / (moments[-1] - moments[-2])
        return float(logs[-1] + slope * late)
    return float(np.interp(moment, moments, logs, left=np.nan, right=np.nan))
