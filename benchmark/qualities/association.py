"""Association: how a quality of viral posts differs from that of the other posts of the same group.

Each group (an account, a category) is its own baseline: the difference of its viral posts from its others is
taken first, and then the mean over the groups, weighted by n1 n0 / (n1 + n0) of their n1 viral and n0 other
posts, as Mantel and Haenszel (1959) weight tables. It is what least squares finds with an intercept a group.
A group without both says nothing, and has no weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.qualities.cells import Cells
from benchmark.scores.bootstrap import interval
from benchmark.scores.measures.resamples import Floats, Integers, Resamples

Mask = NDArray[np.bool_]

FEWEST_POSTS = 10
"""Viral ones, and others: with fewer, nothing is told."""
FEWEST_EXPECTED = 5
"""Viral posts that would differ from the commonest value if these were like all (Cochran 1954)."""
FEWEST_CLUSTERS = 10
ENDS = 0.01, 0.99
"""Quantiles beyond which values are taken for these: one post with a hundred emoji must not decide."""


@dataclass(frozen=True)
class Association:
    """Of one quality."""

    posts: int
    """In groups that have viral posts and others, with this quality known."""
    viral_posts: int
    groups: int
    viral: float
    """Mean of the viral posts, over the groups by weight, in the quality's unit."""
    others: float
    spread: float
    """Standard deviation within groups, in the quality's unit."""
    effect: float
    """viral - others, in standard deviations."""
    low: float
    high: float
    """95% interval of `effect`, by a bootstrap over clusters."""
    p: float
    """Of no difference, by a score test over clusters."""


@dataclass(frozen=True)
class Sides:
    """Posts in groups, viral and others."""

    viral: Mask
    """[n]"""
    groups: Integers
    """[n] code of each post's group."""
    resamples: Resamples
    """Of their clusters."""

    def association(self, values: Floats) -> Association | str:
        """Of one quality [n], NaN where a post has none; or why nothing is told of it."""
        rows = self._told(values)
        x, viral, clusters = _without_ends(values[rows]), self.viral[rows], self.resamples.clusters[rows]
        groups = np.unique(self.groups[rows], return_inverse=True)[1].astype(np.int64)
        if reason := _too_little(x, viral, clusters):
            return reason
        x_within, viral_within = _within(x, groups), _within(viral.astype(np.float64), groups)
        n_groups = int(groups.max()) + 1
        spread = float(np.sqrt((x_within @ x_within) / (len(x) - n_groups)))
        cells = Cells.of(x, viral, groups, clusters)
        ones, others = (float(one) for one in cells.means(np.ones((1, self.resamples.n_clusters)))[0])
        replicates = np.empty(self.resamples.number)
        for block, counts in self.resamples.blocks():
            means = cells.means(counts.astype(np.float64))
            replicates[block] = (means[:, 0] - means[:, 1]) / spread
        low, high = interval(replicates, n_clusters=len(np.unique(clusters)))
        return Association(
            posts=len(x),
            viral_posts=int(viral.sum()),
            groups=n_groups,
            viral=ones,
            others=others,
            spread=spread,
            effect=(ones - others) / spread,
            low=low,
            high=high,
            p=_p(x_within * viral_within, clusters),
        )

    def _told(self, values: Floats) -> Integers:
        """Rows whose quality is known, of groups that have both sides."""
        known = ~np.isnan(values)
        size = int(self.groups.max(initial=-1)) + 1
        ones = np.bincount(self.groups[known & self.viral], minlength=size)
        others = np.bincount(self.groups[known & ~self.viral], minlength=size)
        both = (ones > 0) & (others > 0)
        return np.flatnonzero(known & both[self.groups])


def _too_little(values: Floats, viral: Mask, clusters: Integers) -> str | None:
    ones, others = int(viral.sum()), int((~viral).sum())
    if min(ones, others) < FEWEST_POSTS:
        return f"{ones:,} viral posts and {others:,} others can be told by it: fewer than {FEWEST_POSTS}"
    _, counts = np.unique(values, return_counts=True)
    if (1 - counts.max() / len(values)) * ones < FEWEST_EXPECTED:
        return "it is the same in all but a few posts"
    if len(np.unique(clusters)) < FEWEST_CLUSTERS:
        return f"its posts hang together in fewer than {FEWEST_CLUSTERS} clusters"
    return None


def _without_ends(values: Floats) -> Floats:
    """Of more than two values, as of anything but yes and no, the ends are drawn in."""
    if not len(values) or len(np.unique(values)) <= 2:
        return values
    return np.clip(values, *np.quantile(values, ENDS))


def _within(values: Floats, groups: Integers) -> Floats:
    """Distances from the means of groups."""
    centred = values - values.mean()  # sums of squares of what is far from 0 lose their digits
    means = np.bincount(groups, centred) / np.bincount(groups)
    apart: Floats = centred - means[groups]
    return apart


def _p(products: Floats, clusters: Integers) -> float:
    """Score test of no difference, clustered, two-sided: t with a degree less than there are clusters.

    The products of distances within groups sum to the weighted difference. Their variance is taken as it is
    if there is no difference: with few viral posts, a variance around what was found is far too small where
    hardly any of them has the quality.
    """
    from scipy.stats import t

    names, codes = np.unique(clusters, return_inverse=True)
    sums = np.bincount(codes, products)
    error = float(np.sqrt(sums @ sums))
    return float(2 * t.sf(abs(sums.sum()) / error, len(names) - 1)) if error > 0 else 1.0
