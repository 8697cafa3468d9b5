"""Who posts, and when: users, the official split, times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FULL_SIZE = 486_194
TRAIN_SHARE = 305_613 / FULL_SIZE
USERS_PER_POST = 70_000 / FULL_SIZE
TRAIN_USER_SHARE = 38_312 / 70_000

DAY = 86_400
START = 1_425_081_600  # 2015-02-28 UTC
SPLIT = 1_456_790_400  # 2016-03-01 UTC: labelled posts end the day before
END = 1_467_244_800  # 2016-06-30 UTC
GROWTH = float(np.log(TRAIN_SHARE) / np.log((SPLIT - START) / (END - START)))
"""Posts until t grow as t ** GROWTH, so that the split in numbers and the split in time agree."""


@dataclass(frozen=True)
class Users:
    """Arrays of one entry a user; the first `in_train` users have labelled posts."""

    in_train: int
    hour: Floats
    """The hour of day, UTC, that the user likes to post at."""
    pro: Bools
    photos: Floats
    """Photos on the account when it first appears."""
    joined: Ints
    """Epoch seconds."""
    taste: Floats
    """[users, 8] what the self-description tells; its first column is part of the user's level."""
    private: Floats
    """What no column tells of the user's level."""

    def __len__(self) -> int:
        return len(self.hour)


@dataclass(frozen=True)
class Timeline:
    """Arrays of one entry a post, ordered by user, then time."""

    user: Ints
    time: Ints
    """Epoch seconds."""
    labelled: Bools
    """In the official train part."""
    pid: Ints
    """A number that tells nothing about user or time."""
    ordinal: Ints
    """0 for the user's first post, 1 for the next ..."""

    def __len__(self) -> int:
        return len(self.user)


def settle(posts: int, rng: np.random.Generator) -> Users:
    """As many users for `posts` posts as the real data set has."""
    count = max(4, round(posts * USERS_PER_POST))
    return Users(
        in_train=max(2, round(count * TRAIN_USER_SHARE)),
        hour=rng.normal(18, 4, count) % 24,
        pro=rng.random(count) < 0.3,
        photos=np.exp(rng.normal(6.5, 1.4, count)),
        joined=START - (DAY * 365 * rng.gamma(3, 1.2, count)).astype(np.int64),
        taste=rng.normal(size=(count, 8)),
        private=rng.normal(size=count),
    )


def schedule(posts: int, users: Users, rng: np.random.Generator) -> Timeline:
    """Give every user posts: a few users very many, and a share of users none before the split."""
    in_train = round(posts * TRAIN_SHARE)
    activity = np.exp(rng.normal(0, 1.5, len(users)))
    known = np.arange(len(users)) < users.in_train
    before = _share_out(in_train, known, activity * known, rng)
    after = _share_out(posts - in_train, ~known, activity * np.where(known, 1.0, 0.5), rng)

    user = np.concatenate([np.repeat(np.arange(len(users)), counts) for counts in (before, after)])
    time = np.concatenate(
        [
            _session_times(before, users.hour, START, SPLIT, rng),
            _session_times(after, users.hour, SPLIT, END, rng),
        ]
    )
    labelled = np.arange(posts) < in_train
    order = np.lexsort((time, user))
    user, time, labelled = user[order], time[order], labelled[order]
    first = np.searchsorted(user, user)
    pid = rng.choice(2 * posts, posts, replace=False) + 1
    return Timeline(user, time, labelled, pid, ordinal=np.arange(posts) - first)


def _share_out(posts: int, at_least_one: Bools, weights: Floats, rng: np.random.Generator) -> Ints:
    """Posts a user, summing to `posts`: one for each user who must have one, the rest by weight."""
    rest = posts - int(at_least_one.sum())
    return at_least_one + rng.multinomial(rest, weights / weights.sum())


def _session_times(counts: Ints, hours: Floats, begin: int, end: int, rng: np.random.Generator) -> Ints:
    """Times in [begin, end) for `counts` posts a user: people upload in sessions, at their hour of day."""
    sessions = -(-counts // 3)
    first = np.cumsum(sessions) - sessions
    share_before, share_after = (((at - START) / (END - START)) ** GROWTH for at in (begin, end))
    passed = rng.uniform(share_before, share_after, int(sessions.sum()))
    day = ((passed ** (1 / GROWTH)) * (END - START) // DAY).astype(np.int64)
    hour = (np.repeat(hours, sessions) + rng.normal(0, 2.5, len(day))) % 24
    session_time = START + day * DAY + (hour * 3600).astype(np.int64)

    session = np.repeat(first, counts) + rng.integers(0, np.repeat(np.maximum(sessions, 1), counts))
    time = session_time[session] + rng.exponential(1500, len(session)).astype(np.int64)
    return np.clip(time, begin, end - 1)
