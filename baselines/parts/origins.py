"""Origins: several holdouts inside the training posts, each as the protocol holds out the test.

One holdout is one stretch of time, and what is best there may be chance. A choice by the mean over several
costs as many times what is fitted for it: it is for what is cheap, or small.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from baselines.parts.holdout import HOLDOUT
from benchmark import Posts
from benchmark.posts import Holdout

ORIGINS = 4
STEP = 0.15
"""Of the training posts: each holdout ends so much before the one after it. The oldest is left 35% to fit
on."""


def origins(train: Posts, count: int = ORIGINS, share: float = HOLDOUT) -> Iterator[Holdout]:
    """The newest first, of which the first is `train.holdout(share)`: rows are of `train`, and as many posts
    are checked in each. One that would leave nothing to fit on or to check is left out.

    Args:
        train: in the order of time.
    """
    for i in range(count):
        end = 1 - i * STEP
        early = train.take(np.arange(round(len(train) * end)))
        try:
            yield early.holdout(share / end)
        except ValueError:  # too few posts
            continue
