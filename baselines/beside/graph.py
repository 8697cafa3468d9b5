"""Graph: who names whom, as far as a post may know it: about its author and about the accounts that it names.

Edges are the rows of a fact table with two columns of role `user`, from the first to the second. Whom a new
post names is told by the post itself, where the table is one of whom posts name. A post's own edges are not
counted: in training they would be known to it, and in the test not. An account that names itself is no edge,
and no reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from benchmark import Array, Posts
from benchmark.past import Past

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from baselines.parts.kept import Kept, Learnt

    Ints = NDArray[np.int64]

DAY_MS = 86_400_000
DAYS = 30
"""What is lately: so many days before the moment of prediction."""
CHUNK = 4096
"""Accounts exchange their names with others that were first met about when they were."""


class Graph:
    """Features of n posts, from edges and labels known at the moment of prediction of each.

    Of the author: how often it was named lately, by how many accounts ever, how often it named others lately.
    Of the others that a post names, the largest and the mean: how often they were named lately, by how many
    accounts beside the author ever, and how often by the author ever; how many of them publish themselves,
    and by how much the recent level of the highest of these lies above the author's own. Counts are
    logarithms, log(1 + n). And how many others are named, and whether the author is: the rest would tell
    that as well.
    """

    def __init__(self, *, shuffled: bool = False) -> None:
        """
        Args:
            shuffled: a control. Each account is looked up as another one, so that nothing is left but chance
                and what posts tell of themselves.
        """
        self.shuffled = shuffled

    def fit(self, train: Posts) -> Self:
        self.tables = tables(train)
        return self

    def frame(self, posts: Posts) -> pd.DataFrame:
        """float32 [n, features]; NaN where nobody is named, or nobody's level is known."""
        import pandas as pd

        found: dict[str, Array] = {}
        for name in self.tables:
            edges = Edges.known_to(posts, name)
            features = self._of_authors(edges, posts)
            if name in posts.naming:
                pairs = others(posts, name)
                features |= self._of_named(edges, posts, pairs) | pairs.counts(len(posts))
            found |= {f"{name} {feature}": values for feature, values in features.items()}
        return pd.DataFrame(found, index=range(len(posts)), dtype=np.float32)

    def keep(self, learnt: Learnt) -> None:
        learnt.tell("tables", self.tables)

    @classmethod
    def restored(cls, kept: Kept, known: Posts, *, shuffled: bool = False) -> Self:
        """known: of a timeline that has the same tables."""
        found = cls(shuffled=shuffled)
        found.tables = kept.all_told("tables", str)
        if lacking := sorted(set(found.tables) - set(known.fact_tables)):
            raise kept.wrong("", f"it reads facts that are not there: {', '.join(lacking)}")
        return found

    def _of_authors(self, edges: Edges, posts: Posts) -> dict[str, Array]:
        every = np.arange(len(posts))
        whom = self._seen(posts.users)
        return {
            "author named lately": _log(edges.into(whom, every, days=DAYS)),
            "author named by": _log(edges.namers(whom, every)),
            "author names lately": _log(edges.out_of(whom, every, days=DAYS)),
        }

    def _of_named(self, edges: Edges, posts: Posts, pairs: Pairs) -> dict[str, Array]:
        n, rows = len(posts), pairs.rows
        whom, author = self._seen(pairs.accounts), posts.users[rows]
        of_pairs = {
            "named lately": _log(edges.into(whom, rows, days=DAYS)),
            "named by": _log(edges.namers(whom, rows, but=author)),
            "named before": _log(edges.between(author, whom, rows)),
        }
        found: dict[str, Array] = {}
        for name, values in of_pairs.items():
            found |= {f"{name} max": largest(values, rows, n), f"{name} mean": mean(values, rows, n)}
        asked = posts.take(rows)
        asked = asked.of_engagement() if asked.counted else asked
        levels = asked.recent(whom)
        members = ~np.isnan(levels).any(axis=1)
        found["members named"] = np.bincount(rows[members], minlength=n).astype(np.float32)
        above = levels[members] - asked.take(np.flatnonzero(members)).history(1).recent_median
        for j in range(levels.shape[1]):
            found[f"member above {j}"] = largest(above[:, j], rows[members], n)
        return found

    def _seen(self, accounts: Ints) -> Ints:
        """Whom to look up in place of each account."""
        if not self.shuffled:
            return accounts
        order = np.random.default_rng(0).permutation(CHUNK)
        return accounts // CHUNK * CHUNK + order[accounts % CHUNK]


class Edges(NamedTuple):
    """The edges of one table that some posts know, and before which of them each post's knowledge ends."""

    known_at: Ints
    """[m] ms."""
    ends: Ints
    """[n] each post knows so many: those that were known by its moment, and before its publication."""
    moments: Ints
    """[n] ms."""
    pairs: Ints
    """The distinct pairs of accounts, as one number each, ascending."""
    width: int
    """More than any code."""
    by_target: Past
    by_source: Past
    by_pair: Past
    first_by_target: Past
    """Of each pair the first edge alone."""
    first: Ints
    """[pairs] the place of that edge."""

    @classmethod
    def known_to(cls, posts: Posts, table: str) -> Self:
        facts = posts.facts(table)
        of, to = (facts.codes(name) for name in facts.with_role("user"))
        known_at = facts.known_at.astype(np.int64)
        # Known with the post, an edge may be its own; the table need not say so.
        before = np.searchsorted(known_at, posts.times.astype(np.int64), side="left")
        m = len(of)
        rows = np.flatnonzero(of != to)
        rank, span = np.arange(m), m + 1
        width = int(max(of.max(initial=0), to.max(initial=0), posts.users.max(initial=0))) + 1
        pairs, first, place = np.unique(of[rows] * width + to[rows], return_index=True, return_inverse=True)
        pair = np.full(m, -1)
        pair[rows] = place
        return cls(
            known_at=known_at,
            ends=np.minimum(facts.ends, before),
            moments=posts.moments.astype(np.int64),
            pairs=pairs,
            width=width,
            by_target=Past.of(to, rank, span, rows),
            by_source=Past.of(of, rank, span, rows),
            by_pair=Past.of(pair, rank, span, rows),
            first_by_target=Past.of(to, rank, span, rows[np.sort(first)]),
            first=rows[first],
        )

    def into(self, whom: Ints, posts: Ints, *, days: float) -> Ints:
        """[p]: how many edges lead to an account each, in the last days, as one of the posts each knows."""
        return self._lately(self.by_target, whom, posts, days)

    def out_of(self, whom: Ints, posts: Ints, *, days: float) -> Ints:
        """[p]: the same of those that come from it."""
        return self._lately(self.by_source, whom, posts, days)

    def namers(self, whom: Ints, posts: Ints, *, but: Ints | None = None) -> Ints:
        """[p]: how many accounts have named it ever; without one of them, for each."""
        ends = self.ends[posts]
        past = self.first_by_target
        found = past.places(whom, ends) - past.places(whom, np.zeros_like(ends))
        if but is not None:
            pair = self._pair(but, whom)
            if len(self.first):
                found = found - ((pair >= 0) & (self.first[np.maximum(pair, 0)] < ends))
        return found

    def between(self, of: Ints, to: Ints, posts: Ints) -> Ints:
        """[p]: how many edges lead from an account each to another ever."""
        ends, pair = self.ends[posts], self._pair(of, to)
        return self.by_pair.places(pair, ends) - self.by_pair.places(pair, np.zeros_like(ends))

    def _lately(self, past: Past, whom: Ints, posts: Ints, days: float) -> Ints:
        since = np.searchsorted(self.known_at, self.moments[posts] - round(days * DAY_MS), side="right")
        ends = self.ends[posts]
        return past.places(whom, ends) - past.places(whom, np.minimum(since, ends))

    def _pair(self, of: Ints, to: Ints) -> Ints:
        """[p] the place of each pair among `pairs`; -1 for one that is none."""
        if not len(self.pairs):
            return np.full(len(of), -1)
        # A code beyond the width would look like another pair.
        there = (of < self.width) & (to < self.width)
        key = of * self.width + to
        place = np.minimum(np.searchsorted(self.pairs, key), len(self.pairs) - 1)
        return np.where(there & (self.pairs[place] == key), place, -1)


class Pairs(NamedTuple):
    """Each post with each account that it names, itself left out and each once; post by post."""

    rows: Ints
    accounts: Ints
    names: NDArray[np.object_]
    named_itself: Ints
    """Posts that name their own author, as they quote it."""

    def counts(self, n: int) -> dict[str, Array]:
        """What posts tell of themselves, that counts and self-quotes are not taken for reach."""
        itself = np.zeros(n, np.float32)
        itself[self.named_itself] = 1
        return {"others": np.bincount(self.rows, minlength=n).astype(np.float32), "itself": itself}


def others(posts: Posts, table: str) -> Pairs:
    """Whom posts name. table: one of `posts.naming`."""
    named = posts.named(table)
    itself = named.accounts == posts.users[named.rows]
    width = int(named.accounts.max(initial=0)) + 1
    _, once = np.unique(named.rows * width + named.accounts, return_index=True)
    once = once[~itself[once]]
    return Pairs(named.rows[once], named.accounts[once], named.names[once], np.unique(named.rows[itself]))


def tables(posts: Posts) -> list[str]:
    """Names of the fact tables of edges."""
    return [name for name in posts.fact_tables if len(posts.facts(name).with_role("user")) == 2]


def largest(values: Array, rows: Ints, n: int) -> Array:
    """float32 [n]: of each post the largest of its values [p], whose rows ascend; NaN where it has none."""
    found = np.full(n, np.nan, np.float32)
    if len(rows):
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        found[rows[first]] = np.fmax.reduceat(values, first)
    return found


def mean(values: Array, rows: Ints, n: int) -> Array:
    """float32 [n]: the mean of its values."""
    found = np.full(n, np.nan, np.float32)
    if len(rows):
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        found[rows[first]] = np.add.reduceat(values, first) / np.diff(first, append=len(rows))
    return found


def _log(counts: Ints) -> Array:
    return np.log1p(counts).astype(np.float32)
