"""Intervals: between which counts a draft's engagement lies, from the errors made on posts held out.

Split conformal prediction (Vovk et al., Algorithmic Learning in a Random World, 2005, chapter 4), in groups
(Mondrian): the errors on the same account where there are enough, else in its category, else on all posts, or
on first posts of accounts never seen before. It covers as often as it says if later posts are like those held
out, and not if they drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from benchmark.posts import Posts
from desk.ranking import Basis

if TYPE_CHECKING:
    from benchmark.posts import Array

LEVEL = 0.9
FEWEST = 60
"""Errors that make a group: each end of an interval then leaves three of them out."""
NEW = "accounts never seen"


@dataclass(frozen=True)
class Calibration:
    """c posts that were held out, t targets, in the order of time."""

    errors: Array
    """float32 [c, t]: label less prediction, on the scoring scale."""
    accounts: NDArray[np.str_]
    """[c] the account of each."""
    categories: NDArray[np.str_]
    """[c] its top category; empty where it has none."""
    new: NDArray[np.bool_]
    """[c] whether no label of its account was known when it was predicted."""
    strange: Array
    """float32 [c, t]: errors on the same posts, predicted as if no account had been seen before."""

    @classmethod
    def of(cls, posts: Posts, errors: Array, strange: Array) -> Self:
        """posts: held out."""
        levels = posts.with_role("category")
        named = posts.column(levels[0]).fillna("").astype(str) if levels else np.full(len(posts), "")
        return cls(
            np.asarray(errors, np.float32),
            np.asarray(account_names(posts), np.str_),
            np.asarray(named, np.str_),
            posts.history().known == 0,
            np.asarray(strange, np.float32),
        )

    def group(self, account: str, category: str, known: bool) -> tuple[Basis, Array]:
        """Whose errors a draft's interval is taken from, and these: float32 [e, t].

        Args:
            known: whether labels of the account are known.
        """
        if not known:
            return "all", self.errors[self.new] if self.new.sum() >= FEWEST else self.strange
        own = self.accounts == account
        if own.sum() >= FEWEST:
            return "account", self.errors[own]
        alike = self.categories == category
        if category and alike.sum() >= FEWEST:
            return "category", self.errors[alike]
        return "all", self.errors

    def before(self, rows: slice) -> Calibration:
        return Calibration(
            self.errors[rows], self.accounts[rows], self.categories[rows], self.new[rows], self.strange[rows]
        )


def bounds(errors: Array, level: float = LEVEL) -> tuple[Array, Array]:
    """[t], [t]: what to add to a prediction for either end of its interval.

    Of c errors, those at the places that split conformal prediction has, each tail for itself; where there
    are too few for that, the outermost.
    """
    ordered, n = np.sort(errors, axis=0), len(errors)
    tail = (1 - level) / 2
    low = max(int(np.floor((n + 1) * tail)), 1) - 1
    high = min(int(np.ceil((n + 1) * (1 - tail))), n) - 1
    return ordered[low], ordered[high]


def coverage(calibration: Calibration, posts: Posts, errors: Array) -> float | None:
    """Share of the later half of the posts held out whose first target lies in the interval that the earlier
    half gives; None if they are too few to tell."""
    half = len(errors) // 2
    if half < FEWEST:
        return None
    earlier, inside = calibration.before(slice(half)), []
    found: dict[tuple[str, str, bool], tuple[float, float]] = {}
    for i in range(half, len(errors)):
        key = str(calibration.accounts[i]), str(calibration.categories[i]), not bool(calibration.new[i])
        if key not in found:
            low, high = bounds(earlier.group(*key)[1])
            found[key] = float(low[0]), float(high[0])
        inside.append(found[key][0] <= errors[i, 0] <= found[key][1])
    return float(np.mean(inside))


def account_names(posts: Posts) -> list[str]:
    """[n] the accounts as the data name them."""
    assert posts._timeline.table is not None
    names: list[str] = posts._timeline.table["user_id"].take(posts._positions).to_pylist()
    return names
