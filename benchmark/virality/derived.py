"""Derived: labels of virality, from the counts of a task's posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.scale import scaled
from benchmark.virality.thresholds import Asked, Past, Rule, scope_codes, thresholds

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.card import Card, Scale
    from benchmark.task import Viral

DAY_MS = 86_400_000
SHORTEST_DAYS = 1 / 24
"""Engagement a day of a post that was read sooner is what it was within the hour."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Derived(NamedTuple):
    """Labels of n posts, t targets."""

    labels: Floats
    """[n, t]; NaN: none."""
    engagement: Floats | None
    """[n, t] what derived labels rest on."""
    ceiling: Floats | None
    """[n, t] the best that can be known of a synthetic set."""


def derived(card: Card, task: str, posts: pa.Table, targets: pa.Table) -> Derived:
    """Labels of a task whose targets are derived.

    Args:
        posts: in the order of time. targets: the same rows, on the raw scale.
    """
    rules, scales = card.derived(task), card.engagement_scales(task)
    times = posts["time"].cast("int64").to_numpy()
    values = [engagement(*one, posts, targets) for one in zip(rules, scales, strict=True)]
    labels = []
    for viral, one in zip(rules, values, strict=True):
        scopes = scope_codes(viral.within, posts)
        past = Past(scopes, times, times + round(viral.matured_days * DAY_MS), one)
        found = thresholds(
            past, Asked(scopes, times, times), Rule.of(viral.share, viral.window_days, viral.minimum)
        )
        unknown = np.isnan(found) | np.isnan(one)
        labels.append(np.where(unknown, np.nan, (one > found).astype(np.float64)))
    return Derived(np.stack(labels, axis=1), np.stack(values, axis=1), None)


def engagement(viral: Viral, scale: Scale, posts: pa.Table, targets: pa.Table) -> Floats:
    """float64 [n]: the weighted sum of counts, for each day if it is a velocity, on this scale; NaN where a
    count, or an age, is missing."""
    total = np.zeros(len(posts))
    for name, weight in viral.of.items():
        total += weight * targets[name].to_numpy()
    if viral.age:
        days = posts[viral.age].cast("float64").to_numpy()
        total = np.where(days >= 0, total / np.maximum(days, SHORTEST_DAYS), np.nan)
    return scaled(total, scale)
