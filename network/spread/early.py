"""Early: does it foretell how many will use an item that its first users were of several communities?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.bootstrap import interval
from network.communities.leiden import Labels
from network.spread.uses import Uses

Floats = NDArray[np.float64]
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Foretold:
    """Spearman of what is said of an item early with how many new users it has later, over items."""

    items: int
    crossed: float
    """Share of items that are early in two communities or more."""
    alone: float
    """Of the early count and its speed alone."""
    alone_low: float
    alone_high: float
    both: float
    """Of these and the number of communities."""
    beyond: float
    """`both` less `alone`, paired."""
    beyond_low: float
    beyond_high: float


def early(
    uses: Uses, labels: Labels, hours: float, ahead: float, until: int, least: int = 2
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """(features [i, 3], later [i], first seen [i]) of items with `least` users in their first hours.

    Features are log(users), log hours to the last of these, and communities in the first `hours`; later is
    log(1 + accounts that come in the `ahead` hours after these).

    Args:
        until: ms since 1970 at which data end: items not watched for both spans are left out.
    """
    rows, ends = [], uses.ends()
    for item in range(len(uses.items)):
        time = uses.time[ends[item] : ends[item + 1]] - uses.time[ends[item]]
        began = int(uses.time[ends[item]])
        if began + (hours + ahead) * HOUR_MS > until:
            continue
        now = int(np.searchsorted(time, hours * HOUR_MS))
        if now < least:
            continue
        then = int(np.searchsorted(time, (hours + ahead) * HOUR_MS))
        community = labels[uses.account[ends[item] : ends[item] + now]]
        communities = len(np.unique(community[community >= 0]))
        took = np.log1p(time[now - 1] / HOUR_MS)
        rows.append((np.log(now), took, communities, np.log1p(then - now), began))
    found = np.asarray(rows, np.float64).reshape(-1, 5)
    return found[:, :3], found[:, 3], found[:, 4].astype(np.int64)


def foretold(
    features: Floats, later: Floats, began: NDArray[np.int64], draws: int = 1000, seed: int = 0
) -> Foretold:
    """Linear models with and without the communities, learnt from the earlier half of items and held against
    the later half; intervals over the later half's weeks.

    Raises:
        ValueError: fewer than 40 items.
    """
    from scipy.stats import spearmanr

    if len(later) < 40:
        raise ValueError(f"{len(later)} items are too few to tell")
    order = np.argsort(began, kind="stable")
    train, test = order[: len(order) // 2], order[len(order) // 2 :]
    alone = _predicted(features[:, :2], later, train, test)
    both = _predicted(features, later, train, test)
    week = (began[test] - began[test].min()) // (7 * 24 * HOUR_MS)
    weeks = np.unique(week)
    random = np.random.default_rng(seed)

    def score(said: Floats, rows: NDArray[np.int64]) -> float:
        if np.ptp(said[rows]) < 1e-9 or np.ptp(later[test][rows]) == 0:
            return 0.0  # what says the same of all ranks none
        return float(spearmanr(said[rows], later[test][rows]).statistic)

    by_week = [np.flatnonzero(week == one) for one in weeks]
    drawn = [
        np.concatenate([by_week[one] for one in random.integers(0, len(weeks), len(weeks))])
        for _ in range(draws)
    ]
    singles = np.array([score(alone, rows) for rows in drawn])
    pairs = np.array([score(both, rows) for rows in drawn])
    everything = np.arange(len(test))
    held = len(weeks) if len(weeks) > 1 else None
    of_alone, beyond = interval(singles, n_clusters=held), interval(pairs - singles, n_clusters=held)
    return Foretold(
        items=len(test),
        crossed=float((features[test, 2] > 1).mean()),
        alone=score(alone, everything),
        alone_low=of_alone[0],
        alone_high=of_alone[1],
        both=score(both, everything),
        beyond=score(both, everything) - score(alone, everything),
        beyond_low=beyond[0],
        beyond_high=beyond[1],
    )


def _predicted(features: Floats, later: Floats, train: NDArray[np.int64], test: NDArray[np.int64]) -> Floats:
    design = np.column_stack([np.ones(len(features)), features])
    weights, *_ = np.linalg.lstsq(design[train], later[train], rcond=None)
    return np.asarray(design[test] @ weights, np.float64)
