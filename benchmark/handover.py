"""Handover: a block as it reaches a timeline, first what has become known, then what is to be predicted.

Workers, the conformance probe, measuring tools and tests all take posts in through these two functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.posts import Array, Posts

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.timeline import Timeline


@dataclass(frozen=True)
class Reveal:
    """What has become known before a block. The first one is fitted on, the later ones are revealed."""

    posts: pa.Table
    """The posts handed over now for the first time (with or without a label)."""
    rows: NDArray[np.int64]
    """[m] their rows in the prepared files."""
    labelled: NDArray[np.int64]
    """[n] rows whose labels become known, handed over now or earlier."""
    labels: Array
    facts: Mapping[str, pa.Table] = field(default_factory=dict)
    """Fact table -> its rows that become known, if there are any."""
    counted: NDArray[np.int64] | None = None
    """[e] rows whose engagement becomes known, where labels are derived of it: those in `labelled`, and posts
    that have no label."""
    engagement: Array | None = None
    """[e, targets]"""


@dataclass(frozen=True)
class Predict:
    posts: pa.Table
    rows: NDArray[np.int64]


def revealed(timeline: Timeline, message: Reveal) -> Posts:
    """Take in what has become known; the posts whose labels did. The first to come are the training posts."""
    if len(message.rows):
        timeline.extend(message.posts, message.rows)
    timeline.tell(message.facts)
    positions = timeline.positions(message.labelled)
    timeline.reveal(positions, message.labels)
    if message.counted is not None and message.engagement is not None:
        timeline.count(timeline.positions(message.counted), message.engagement)
    if not timeline.categories:
        timeline.learn_categories(positions)
    return Posts(timeline, positions, timeline.clock)


def shown(timeline: Timeline, message: Predict) -> Posts:
    """Take in the posts to be predicted, which are new, without labels."""
    timeline.extend(message.posts, message.rows)
    positions = np.arange(len(timeline.rows) - len(message.rows), len(timeline.rows))
    return Posts(timeline, positions, timeline.clock)
