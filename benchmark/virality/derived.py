"""Derived: labels of virality, from the counts of a task's posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.scale import scaled
from benchmark.virality.thresholds import Asked, Past, Rule, just_below, scope_codes, thresholds

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmark.declared.card import Card, Scale
    from benchmark.declared.task import Viral

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
        posts: in the order of time. targets: the same rows, on the raw scale; of a synthetic set with its
            ceiling.
    """
    rules, scales = card.derived(task), card.engagement_scales(task)
    values = [engagement(*one, posts, targets) for one in zip(rules, scales, strict=True)]
    labels, ceiling = [], []
    for viral, scale, one in zip(rules, scales, values, strict=True):
        exceeded = _exceeded(viral, scale, posts, one)
        unknown = np.isnan(exceeded) | np.isnan(one)
        labels.append(np.where(unknown, np.nan, (one > exceeded).astype(np.float64)))
        ceiling.append(best_probability(viral, exceeded, targets))
    known = [one for one in ceiling if one is not None]
    return Derived(
        np.stack(labels, axis=1),
        np.stack(values, axis=1),
        np.stack(known, axis=1) if len(known) == len(rules) else None,
    )


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


def best_probability(viral: Viral, exceeded: Floats, targets: pa.Table) -> Floats | None:
    """float64 [n]: how likely each post is to be viral for one who knows all but its own noise: that of the
    noise to be larger than what the noiseless score lacks. NaN where there is no threshold.

    None where it is not known: of real data, of a sum of counts, of which each has a noise of its own, and of
    a set whose generator does not tell how large the noise is.
    """
    from scipy.stats import norm

    (name, weight), *others = viral.of.items()
    known = {f"ceiling_{name}", f"ceiling_noise_{name}"} <= set(targets.column_names)
    if others or weight != 1 or viral.age or not known:
        return None
    noiseless = targets[f"ceiling_{name}"].to_numpy()
    noise = targets[f"ceiling_noise_{name}"].to_numpy()
    found: Floats = norm.sf((exceeded - noiseless) / noise)
    return found


def _exceeded(viral: Viral, scale: Scale, posts: pa.Table, engagement: Floats) -> Floats:
    """float64 [n]: what each post must exceed; NaN where too few are known."""
    if viral.at_least is not None:
        return np.full(len(posts), just_below(float(scaled(np.array(viral.at_least), scale))))
    times = posts["time"].cast("int64").to_numpy()
    scopes = scope_codes(viral.within, posts)
    past = Past(scopes, times, times + round(viral.matured_days * DAY_MS), engagement)
    rule = Rule.of(viral.share, viral.window_days, viral.minimum)
    return thresholds(past, Asked(scopes, times, times), rule)
