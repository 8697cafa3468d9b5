"""Weeks: how well the posts of one account in one week are told apart, whatever the account and the week.

Its audience and the season decide most of what a post comes to. Whoever has five posts to choose from asks
which of them does best: the posts of an account-week compete with each other, and with no others.

A value is the mean over account-weeks: each of them weighs the same. The value of a week is put on its first
post. In a bootstrap over accounts a replicate is therefore exactly the score of the accounts that were drawn,
and one that was drawn twice counts as two. In one over stretches of time a week that lies in two of them is
drawn whole, with the one in which its first post lies: weeks are resampled, and none is cut.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from benchmark.scores.measures.measure import Among, Floats, OfSums, Predicted, mean
from benchmark.scores.measures.resamples import Integers

FEWEST = 5
"""Posts of a week that counts: with fewer, a rank correlation of pure chance has a standard error of more
than a half, 1 / sqrt(n - 1), and a fifth of them is less than one post."""
PARTS = 5
"""The first fifth of a week's posts is where its best one should be."""


class WithinWeeks(OfSums):
    """The mean of a value over the account-weeks that count."""

    better, perfect = "higher", 1.0
    within_weeks: ClassVar[bool] = True

    @abstractmethod
    def of_weeks(self, weeks: Weeks, engagement: Standing, prediction: Standing) -> Floats:
        """float64 [g]: the value of each week."""

    def terms(self, y: Floats, predicted: Predicted) -> Floats:
        among = _among(predicted)
        weeks, found = Weeks.of(among), np.zeros((2, len(y)))
        first = weeks.posts[weeks.starts]
        by_engagement = weeks.standing(among.engagement)
        found[0, first] = self.of_weeks(weeks, by_engagement, weeks.standing(predicted.points))
        found[1, first] = 1
        return found

    def of_sums(self, sums: Floats) -> Floats:
        return mean(sums)

    def note(self, y: Floats, predicted: Predicted) -> str:
        weeks = Weeks.of(_among(predicted))
        if not len(weeks.sizes):
            told = f"no account has {FEWEST} posts of one week that did not all come to the same"
            return f"{told}; {self.title} is undefined"
        told = f"{len(weeks.sizes)} account-weeks of {FEWEST} posts or more"
        return f"{told}, {len(weeks.posts)} of {len(y)} posts"


class WeekSpearman(WithinWeeks):
    """Spearman between prediction and engagement, of each account-week; equal ones share their mean rank.

    As over all posts, a week of equal predictions counts as 0.
    """

    name, title = "week_spearman", "Spearman's ρ, within weeks"

    def of_weeks(self, weeks: Weeks, engagement: Standing, prediction: Standing) -> Floats:
        one, other = (standing.centred_ranks(weeks) for standing in (engagement, prediction))
        product, *squares = (weeks.summed(a * b) for a, b in ((one, other), (one, one), (other, other)))
        spread = np.sqrt(squares[0] * squares[1])
        found = np.divide(product, spread, out=np.zeros_like(product), where=spread > 0)
        return np.clip(found, -1, 1)


class WeekNDCG(WithinWeeks):
    """nDCG (Järvelin & Kekäläinen, 2002) of each account-week over the whole of its posts.

    The gain of a post is the share of the week's other posts that its engagement beats, from 0 for the last
    to 1 for the first: a week of large numbers weighs as much as one of small ones. The discount is
    1 / log2(1 + place). Equal predictions have each the mean discount of their places, as over all orders of
    them. A list at random has far more than 0: hold it against the row of the reference.
    """

    name, title = "week_ndcg", "nDCG, within weeks"
    with_interval = False

    def of_weeks(self, weeks: Weeks, engagement: Standing, prediction: Standing) -> Floats:
        gains = engagement.below / (weeks.of_posts(weeks.sizes) - 1)
        found, ideal = (
            weeks.summed(gains * standing.mean_discount(weeks)) for standing in (prediction, engagement)
        )
        return found / ideal


class WeekBest(WithinWeeks):
    """Share of account-weeks whose best post by engagement is in the fifth that is ranked first, rounded up.

    Of several best posts, one suffices. Where equal predictions lie across the end of the fifth, the week
    counts as the share of their orders in which a best post is inside.
    """

    name, title = "week_best", "Best post of the week"
    with_interval = False

    def of_weeks(self, weeks: Weeks, engagement: Standing, prediction: Standing) -> Floats:
        best = engagement.above(weeks) == 0
        above = np.where(best, prediction.above(weeks), len(best))
        foremost = np.minimum.reduceat(above, weeks.starts) if len(weeks.starts) else above
        there = above == weeks.of_posts(foremost)
        winners = weeks.summed(there.astype(np.float64))
        tied = weeks.summed(np.where(there, prediction.tied, 0)) / winners
        left = (-(-weeks.sizes // PARTS) - foremost).astype(np.float64)
        return 1 - _all_missed(tied, winners, np.clip(left, 0, tied))


@dataclass(frozen=True)
class Weeks:
    """The g account-weeks that count, and their m posts, week by week."""

    posts: Integers
    """[m] places among all posts, those of one week in their order."""
    starts: Integers
    """[g] where each week begins among them."""
    sizes: Integers
    """[g] >= `FEWEST`"""

    @classmethod
    def of(cls, among: Among) -> Weeks:
        """Those of enough posts that did not all come to the same."""
        known = np.flatnonzero(~np.isnan(among.engagement))
        posts = known[np.argsort(among.groups[known], kind="stable")]
        if not len(posts):
            return cls(posts, posts, posts)
        starts = _starts(among.groups[posts])
        sizes = np.diff(starts, append=len(posts))
        engagement = among.engagement[posts]
        apart = np.maximum.reduceat(engagement, starts) > np.minimum.reduceat(engagement, starts)
        counts = apart & (sizes >= FEWEST)
        kept = sizes[counts]
        return cls(posts[np.repeat(counts, sizes)], np.cumsum(kept) - kept, kept)

    def of_posts(self, of_weeks: Integers) -> Integers:
        """A number a week [g] -> the number of each post's week [m]."""
        return np.repeat(of_weeks, self.sizes)

    def summed(self, of_posts: Floats) -> Floats:
        """A number a post [m] -> its sum by week [g]."""
        return np.add.reduceat(of_posts, self.starts) if len(self.starts) else np.zeros(0)

    def standing(self, values: Floats) -> Standing:
        """How the posts stand in their weeks by `values`, of all posts [n]."""
        here, week = values[self.posts], self.of_posts(np.arange(len(self.sizes)))
        order = np.lexsort((here, week))
        runs = _starts(week[order], here[order])
        sizes = np.diff(runs, append=len(order))
        below, tied = np.empty_like(self.posts), np.empty_like(self.posts)
        below[order] = np.repeat(runs - self.starts[week[order][runs]], sizes)
        tied[order] = np.repeat(sizes, sizes)
        return Standing(below, tied)


@dataclass(frozen=True)
class Standing:
    """Of m posts: how many of the same week have a smaller value, and how many the same, itself included."""

    below: Integers
    tied: Integers

    def above(self, weeks: Weeks) -> Integers:
        return weeks.of_posts(weeks.sizes) - self.below - self.tied

    def centred_ranks(self, weeks: Weeks) -> Floats:
        """Twice the average ranks, less their mean: whole numbers, so that sums of products do not round."""
        return (2 * self.below + self.tied - weeks.of_posts(weeks.sizes)).astype(np.float64)

    def mean_discount(self, weeks: Weeks) -> Floats:
        """Of the places that a post shares with those of the same value, 1 / log2(1 + place)."""
        places = np.arange(1, weeks.sizes.max(initial=0) + 1)
        of_the_first = np.append(0, np.cumsum(1 / np.log2(1 + places)))
        above = self.above(weeks)
        found: Floats = (of_the_first[above + self.tied] - of_the_first[above]) / self.tied
        return found


def _starts(*ordered: Floats | Integers) -> Integers:
    """Where each run of equal values begins, in arrays [m] that are sorted by all of them."""
    changes = np.zeros(len(ordered[0]), bool)
    changes[:1] = True
    for values in ordered:
        changes[1:] |= values[1:] != values[:-1]
    return np.flatnonzero(changes)


def _all_missed(tied: Floats, winners: Floats, drawn: Floats) -> Floats:
    """float64 [g]: the chance that none of `winners` is among `drawn` of `tied` posts, whole numbers all."""
    from scipy.special import gammaln

    others = tied - winners
    possible = drawn <= others
    left = np.where(possible, others - drawn, 0)
    logarithm = gammaln(others + 1) - gammaln(left + 1) - gammaln(tied + 1) + gammaln(tied - drawn + 1)
    return np.where(possible, np.exp(logarithm), 0.0)


def _among(predicted: Predicted) -> Among:
    if predicted.among is None:
        raise ValueError("nothing says which posts compete; ask `reads_from` first")
    return predicted.among
