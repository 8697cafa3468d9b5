"""Facts beside the tweets: what their counts were when they were read, and who mentioned whom.

Random numbers come from streams of their own: tweets, labels and ceiling are the same with and without facts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from planted import END, Account, Ints, settling
from streams import stream

READ_AFTER_HOURS = (1, 6, 24)
LATE_HOURS = 0.25
"""A reading is up to this much later than planned; how many likes there are is as of when it is read."""
STRANGERS = 300
"""Invented accounts that mention the account and are mentioned by nobody."""
MENTIONS = 2
"""As many mentions by strangers as this many times the tweets."""
ANSWER_HOURS = 6.0
"""Mean time from a tweet to an answer that mentions its author."""


def readings(account: Account, ids: Ints, seed: int) -> Iterator[tuple[int, int, int]]:
    """(known_at in epoch milliseconds, tweet id, likes) of readings of each tweet some hours after it and at
    the end, in the order in which they were made."""
    rng = stream(seed, "readings")
    age = np.array(READ_AFTER_HOURS) + rng.uniform(0, LATE_HOURS, (len(ids), len(READ_AFTER_HOURS)))
    read_at = account.time_ms[:, None] + np.round(age * 3_600_000).astype(np.int64)
    share = settling((read_at - account.time_ms[:, None]) / 1000)
    likes = np.round(account.final["likes"][:, None] * share).astype(np.int64)
    early = read_at < END * 1000
    rows = np.concatenate(
        [
            np.stack(
                [read_at[early], np.broadcast_to(ids[:, None], early.shape)[early], likes[early]], axis=1
            ),
            np.stack([np.full(len(ids), END * 1000), ids, account.counts["likes"]], axis=1),
        ]
    )
    yield from map(tuple, rows[np.lexsort((rows[:, 1], rows[:, 0]))].tolist())


def mentions(account: Account, username: str, seed: int) -> Iterator[tuple[int, str, str]]:
    """(known_at in epoch milliseconds, author, mentioned) in order of time: friends whom the account answers,
    and strangers who answer its tweets, those with many likes more often."""
    own = [
        (time, username, text.split()[0].removeprefix("@"))
        for time, text in zip(account.time_ms.tolist(), account.text, strict=True)
        if text.startswith("@")
    ]
    rng = stream(seed, "mentions")
    weight = np.sqrt(account.final["likes"] + 1)
    answered = rng.choice(len(weight), MENTIONS * len(weight), p=weight / weight.sum())
    waited = np.round(rng.exponential(ANSWER_HOURS * 3_600_000, len(answered))).astype(np.int64)
    said_at = account.time_ms[answered] + waited
    # A few strangers answer often, most hardly ever.
    strangers = np.minimum(rng.pareto(1.0, len(answered)) * 10, STRANGERS - 1).astype(np.int64)
    others = [
        (time, f"stranger_{number}", username)
        for time, number in zip(said_at.tolist(), strangers.tolist(), strict=True)
        if time < END * 1000
    ]
    yield from sorted(own + others)
