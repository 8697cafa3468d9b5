"""Intervals: between which counts a draft's engagement lies, from the errors made on posts held out.

Split conformal prediction (Vovk et al., Algorithmic Learning in a Random World, 2005, chapters 2.3 and 4): of
an account with enough errors those of all such accounts, each over its own account's scale and times this
one's; else, in groups (Mondrian), the errors in its category, or on all posts, or on first posts of accounts
never seen before. It covers as often as it says if later posts are like those held out, and less if they
drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
            return "account", self._standardised * _scale(self.errors[own])
        alike = self.categories == category
        if category and alike.sum() >= FEWEST:
            return "category", self.errors[alike]
        return "all", self.errors

    @cached_property
    def _standardised(self) -> Array:
        """float32 [s, t]: the errors on accounts that have enough of them, each over its account's scale.

        What an account's level did while posts were held out is one draw of what it may do: errors of its
        own all share it, those of others tell how far levels move.
        """
        names, of, counts = np.unique(self.accounts, return_inverse=True, return_counts=True)
        scales = np.stack(
            [
                _scale(self.errors[of == code])
                if counts[code] >= FEWEST
                else np.full(self.errors.shape[1], np.nan)
                for code in range(len(names))
            ]
        )
        kept = counts[of] >= FEWEST
        return np.asarray(self.errors[kept] / scales[of[kept]], np.float32)

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


def _scale(errors: Array) -> Array:
    """float32 [t]: how far errors lie from their own middle, typically; above 0."""
    apart = np.abs(errors - np.median(errors, axis=0))
    return np.maximum(np.median(apart, axis=0), 1e-3).astype(np.float32)


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
