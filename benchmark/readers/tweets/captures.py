"""Captures: the same tweet in several exports, of which the newest reading stays.

No export says when it was made. Counts grow: of two files with the same tweets, the one with more likes,
retweets and replies on most of them is newer; where counts say nothing, the one that has the newest tweet,
then the last by name.
"""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from benchmark.readers.raw import FILE, ROW, Origin

LAYOUT = "layout"
_COUNTS = ("likes", "retweets", "replies")
_ADDRESS = re.compile(r"(?:https?://|pic\.twitter\.com)\S*")

Dropped = Counter[tuple[str, str]]
"""(file, reason) -> rows."""


def newest_captures(frame: pd.DataFrame) -> tuple[pd.DataFrame, Dropped]:
    """Every tweet once, and what was dropped.

    Raises:
        DataError: one file holds two different texts under one id.
    """
    dropped: Dropped = Counter()
    again = frame.duplicated("post_id", keep=False)
    if not again.any():
        return frame, dropped
    several = frame[again]
    _check_texts(several)
    order = {name: i for i, name in enumerate(_by_age(several, frame))}
    keys = several.assign(_order=several[FILE].map(order), _row=range(len(several)))
    keys = keys.sort_values(["_order", "likes", "retweets", "_row"], na_position="first", kind="stable")
    kept = keys.drop_duplicates("post_id", keep="last")
    gone = keys.drop(index=kept.index)
    content = [name for name in frame if name not in (FILE, ROW, LAYOUT)]
    of = kept.set_index("post_id")
    theirs = of.loc[gone["post_id"]]
    same = _contents(gone[content]), _contents(theirs.reset_index()[content])
    for file, mine, layout, own, its in zip(gone[FILE], gone[LAYOUT], theirs[LAYOUT], *same, strict=True):
        dropped[file, _reason(mine == layout, own == its)] += 1
    return frame.drop(index=gone.index), dropped


def _reason(same_layout: bool, identical: bool) -> str:
    if identical and same_layout:
        return "exact duplicate"
    if same_layout:
        return "earlier capture of the same tweet in a cumulative export"
    return "the same tweet in an export of another layout"


def _by_age(several: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Files from the oldest capture to the newest."""
    ranks = []
    for column in _COUNTS:
        # A tweet without likes is the worse reading; whether replies are told differs by layout.
        given = several[column].fillna(-1) if column == "likes" else several[column]
        groups = given.groupby(several["post_id"])
        ranks.append((groups.rank() - 1) / (groups.transform("count") - 1))
    standing = pd.concat(ranks, axis=1).mean(axis=1).groupby(several[FILE]).mean().fillna(0.5).round(6)
    newest = frame.groupby(FILE)["time"].max()
    names = list(dict.fromkeys(frame[FILE]))
    files = [name for name in names if name in standing.index]
    return sorted(files, key=lambda name: (standing[name], newest[name], names.index(name)))


def _check_texts(several: pd.DataFrame) -> None:
    within = several[several.duplicated([FILE, "post_id"], keep=False)]
    for (file, post_id), rows in within.groupby([FILE, "post_id"], sort=False):
        texts = [" ".join(_ADDRESS.sub("", text).split()) for text in rows["text"]]
        for i, text in enumerate(texts):
            if text != texts[0]:
                problem = f"{file} row {rows[ROW].iloc[0]} has the same id and other content"
                mend = "Keep one of the two rows"
                raise Origin.of(rows).error(i, problem, column="post_id", value=post_id, mend=mend)


def _contents(rows: pd.DataFrame) -> list[str]:
    return [repr(row) for row in rows.itertuples(index=False, name=None)]
