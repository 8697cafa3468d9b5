"""Protocol: the cut-off and the lengths of time that a card names, by dates and numbers of posts alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.task import Protocol, ProtocolName
from benchmark.errors import DataError
from benchmark.split import windows

TEST_SHARE = 0.2
"""Of the labelled posts."""
_TINY, _SHORT = 250, pd.Timedelta(days=4)
_ENOUGH_POSTS, _ENOUGH_USERS, _ENOUGH_WEEKS = 200, 20, 26
_WEEKLY = pd.Timedelta(days=21)
_YOUNG, _BEFORE = pd.Timedelta(days=3), pd.Timedelta(days=31)
_FEWEST_YOUNG = 10
_FAR_BELOW = 0.5


@dataclass
class Windowed:
    """What the card says of time."""

    settled_days: int = 0
    frozen: dict[str, Any] = field(default_factory=lambda: {"test_fraction": TEST_SHARE})
    rolling: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def windowed(times: pd.Series, users: pd.Series, labels: np.ndarray, scale: str) -> Windowed:
    """Cut-off, embargo and block for posts of one task.

    Args:
        times: datetime64[ms] [n], ascending. users: str [n].
        labels: float64 [n], NaN = unlabelled, of the first target, as read.
        scale: of that target.
    """
    said = Windowed()
    said.settled_days = _settled(times, users, labels, scale, said.reasons)
    if said.settled_days:
        kept = times <= times.max() - pd.Timedelta(days=said.settled_days)
        times, users, labels = times[kept], users[kept], labels[kept.to_numpy()]
    known = np.isfinite(labels)
    dated = times[known].reset_index(drop=True)
    if not len(dated):
        said.reasons.append("no post has a label")
        return said
    cut, words = _cut_off(dated, said.reasons)
    test = (times >= cut).to_numpy() & known
    _judge(times[test], users[test], said.reasons)
    span = dated.max() - cut
    block = 7 if span >= _WEEKLY else 1
    if block == 1:
        said.reasons.append(
            f"blocks of a day: the test posts are of {max(1, round(span / pd.Timedelta(days=1)))} days"
        )
    said.frozen = words | {"embargo_days": 3}
    said.rolling = words | {"block_days": block, "reveal_days": 3}
    _made_possible(said, times, known)
    return said


def _settled(times: pd.Series, users: pd.Series, labels: np.ndarray, scale: str, reasons: list[str]) -> int:
    """3 where the counts of the last days are far below what their accounts have otherwise."""
    known = np.isfinite(labels)
    if scale != "log1p" or not known.any() or times.iloc[-1] - times.iloc[0] < 2 * _BEFORE:
        return 0
    logs = pd.Series(np.log1p(np.where(known, labels, np.nan)), index=times.index)
    young = times > times.iloc[-1] - _YOUNG
    before = (times > times.iloc[-1] - _BEFORE) & ~young
    usual = logs.where(~young).groupby(users.to_numpy()).transform("median")
    lacking = (logs - usual)[young & usual.notna()].dropna()
    if len(lacking) < _FEWEST_YOUNG:
        usual = pd.Series(logs[before].median(), index=times.index)
        lacking = (logs - usual)[young].dropna()
    if len(lacking) < _FEWEST_YOUNG or (share := float(np.exp(lacking.median()))) > _FAR_BELOW:
        return 0
    reasons.append(f"settled_days: counts of the last 3 days are {share:.0%} of what is usual, still growing")
    return 3


def _cut_off(dated: pd.Series, reasons: list[str]) -> tuple[pd.Timestamp, dict[str, Any]]:
    """The day at which the last fifth begins, or the last fifth of the time where there is little."""
    first, last = dated.iloc[0], dated.iloc[-1]
    if len(dated) >= _TINY and last - first >= _SHORT:
        exact = dated.iloc[int(len(dated) * (1 - TEST_SHARE))]
        for day in (exact.round("D"), exact.floor("D"), exact.ceil("D")):
            share = float((dated >= day).mean())
            if TEST_SHARE / 2 <= share <= 2 * TEST_SHARE:
                reasons.append(f"cut_off: {share:.0%} of {len(dated):,} labelled posts are as late")
                return day, {"cut_off": day.date()}
    days = (last - first) / pd.Timedelta(days=1)
    exact = dated.iloc[min(int(len(dated) * (1 - TEST_SHARE)), len(dated) - 1)]
    share = (last - exact) / (last - first) if last > exact else TEST_SHARE
    fraction = float(np.clip(round(share, 3), 0.01, 0.9))
    reasons.append(
        f"test_fraction, of the time: {len(dated):,} labelled posts in {days:,.1f} days, a fifth of them test"
    )
    return last - (last - first) * fraction, {"test_fraction": fraction}


def _judge(times: pd.Series, users: pd.Series, reasons: list[str]) -> None:
    posts, accounts = len(times), users.nunique()
    weeks = (times.max() - times.min()) / pd.Timedelta(weeks=1) if posts else 0.0
    told = f"{posts:,} test posts of {accounts:,} account{'s' * (accounts != 1)} in {weeks:,.1f} weeks"
    if posts < _ENOUGH_POSTS or (accounts < _ENOUGH_USERS and weeks < _ENOUGH_WEEKS):
        wanted = f"{_ENOUGH_POSTS} posts, of {_ENOUGH_USERS} accounts or {_ENOUGH_WEEKS} weeks"
        reasons.append(f"too little to tell models apart: {told}; it takes {wanted}")
    else:
        reasons.append(told)


def _made_possible(said: Windowed, times: pd.Series, known: np.ndarray) -> None:
    """Shorten the waits where nothing would be left to learn from or to predict."""
    moments = times.astype("datetime64[ms]").astype("int64").to_numpy()
    tried: list[tuple[ProtocolName, dict[str, Any], str]] = [
        ("frozen", said.frozen, "embargo_days"),
        ("rolling", said.rolling, "reveal_days"),
    ]
    for name, words, wait in tried:
        for days in (3, 1, 0.2, 0):
            words[wait] = days
            try:
                if (
                    len(windows(name, Protocol.model_validate(words), moments, known).train)
                    >= 0.2 * known.sum()
                    or not days
                ):
                    break
            except DataError:
                continue
        if words[wait] != 3:
            said.reasons.append(f"{wait} = {words[wait]}: 3 would leave too little to learn from")
