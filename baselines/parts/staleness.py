"""Staleness: training posts as of moments as long before their publication as the test's will be.

Under `frozen` a training post knows the labels of the day before, and a test post those of the time before
the cut-off alone, months ago. A model that was trained on fresh labels has never met such a post. The holdout
shows how stale the protocol's labels are, by dates alone.
"""

from __future__ import annotations

import numpy as np

from baselines.parts.holdout import HOLDOUT
from benchmark import Posts


def stale(train: Posts, count: int, seed: int) -> list[Posts]:
    """The training posts `count` times, each post of each as of a moment of its own, drawn as the holdout has
    them; or once, as they are, where they are as stale as the holdout already (`rolling`), or `count` is 0.

    No post is set further back than half of the way to the first post: nothing was known before that.
    """
    try:
        check = train.holdout(HOLDOUT).check
    except ValueError:  # too few posts
        return [train]
    own, met = train.times - train.moments, check.times - check.moments
    if not count or np.median(met) <= own.max():
        return [train]
    longest = (train.times - train.times.min()) // 2
    rng = np.random.default_rng(seed)
    drawn = (np.minimum(rng.choice(met, len(train)), longest) for _ in range(count))
    return [train.staler(train.times - age) for age in drawn]
