"""Laid open: a timeline that holds every post and every label at once, before anything is fitted.

Its clock still says what was known when, so that a post's history is as it is in the honest run. What is
wrong is that whoever holds it can reach the test posts and their labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.handover import revealed, shown
from benchmark.posts import Posts
from benchmark.timeline import Timeline
from pitfalls.honest.ground import Ground


def laid_open(of: Ground, labels: NDArray[np.float32]) -> tuple[Posts, Posts]:
    """The training posts, and the test posts in the order of prediction, of one such timeline.

    Accounts have the codes that they have in a walk, which takes in the same posts in the same order.

    Args:
        labels: [n test, targets]
    """
    posts, windows, schema = of.posts, of.windows, of.schema()
    timeline = Timeline(schema, windows.clock)
    train: Posts | None = None
    for reveal, predict in posts.handed_over(windows, schema.columns):
        known = revealed(timeline, reveal)
        train = train if train is not None else known
        shown(timeline, predict)
    assert train is not None
    test = timeline.positions(posts.rows[windows.test])
    timeline.reveal(test, labels)
    if posts.engagement is not None:
        timeline.count(test, posts.engagement[windows.test].astype(np.float32))
    return train, Posts(timeline, test, windows.clock)


def both(train: Posts, test: Posts) -> Posts:
    """The training posts and then the test posts, as if all of them were to be learnt from."""
    return Posts(train._timeline, np.concatenate([train._positions, test._positions]), train._clock)
