"""Posted: what an account's own posts say of it. Sorted once by account and engagement, any resample of them
is read in one pass."""

from __future__ import annotations

import numpy as np

from network.influence.seen import Floats, Seen


def posts(seen: Seen) -> Floats:
    """How many it has published."""
    return np.bincount(seen.author, seen.times, minlength=seen.n).astype(np.float64)


def own_past(seen: Seen) -> Floats:
    """log(1 + median engagement) of its posts."""
    engagement = median(seen)
    return np.sign(engagement) * np.log1p(np.abs(engagement))


def median(seen: Seen) -> Floats:
    """Of its posts' engagement; of an even number the mean of the two in the middle. NaN without posts."""
    until, total, before = _counted(seen)
    found = np.full(seen.n, np.nan)
    some = total > 0
    for share in ((total - 1) // 2, total // 2):
        places = np.searchsorted(until, (before + share)[some], side="right")
        # NaN of the first round is no number to add to.
        found[some] = np.nansum([found[some], seen.engagement[places] / 2], axis=0)
    return found


def h_index(seen: Seen) -> Floats:
    """The largest h such that h of its posts got h or more each (Hirsch, PNAS 2005). NaN without posts.

    It grows with the number of posts: of accounts whose posts all get more than they have posts, it counts
    posts and nothing else.
    """
    until, total, before = _counted(seen)
    found = np.full(seen.n, np.nan)
    found[total > 0] = 0
    if not len(seen.author):
        return found
    # Posts of an account from this one on, the least of which is this.
    as_many = total[seen.author] - (until - seen.times - before[seen.author])
    h = np.minimum(as_many, np.floor(np.maximum(seen.engagement, 0)))
    np.maximum.at(found, seen.author[seen.times > 0], h[seen.times > 0])
    return found


def per_follower(seen: Seen) -> Floats:
    """log of the median engagement of its posts for each follower; NaN where no followers are known."""
    followers = reach(seen)
    found = np.full(seen.n, np.nan)
    some = followers > 0
    found[some] = own_past(seen)[some] - np.log(followers[some])
    return found


def reach(seen: Seen) -> Floats:
    """Followers as posts tell it, else those among the accounts; NaN where neither is known."""
    if not seen.follows.any():
        return seen.followers
    among = np.bincount(seen.target[seen.follows], minlength=seen.n).astype(np.float64)
    return np.where(np.isnan(seen.followers), among, seen.followers)


def _counted(seen: Seen) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posts up to each, of each account, and before each account."""
    until = np.cumsum(seen.times)
    total = np.bincount(seen.author, seen.times, minlength=seen.n).astype(np.int64)
    return until, total, np.cumsum(total) - total
