"""Window: a network from one moment to another, as it is and as it might have been with other weeks in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmark.split import DAY_MS
from network.graph import Graph
from network.influence.attention import attention, lasting
from network.influence.seen import Floats, Seen
from network.network import Network
from network.published import Published

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WEEK_MS, MONDAY_MS = 7 * DAY_MS, 4 * DAY_MS
FEWEST_WEEKS = 8
"""Of fewer, days are drawn."""
FEWEST_BLOCKS = 5
"""Of fewer, nothing is drawn: an interval would say how few they are, and nothing else."""
FOLLOWERS = "followers"
"""The column of posts that tells how many an author has, where one is known at publication."""


@dataclass(frozen=True)
class Window:
    """Edges of attention without loops and posts whose engagement is known, by blocks of time.

    Follows and ties last, and are in every resample. All else is there as often as its week is drawn.
    """

    whole: Seen
    block: str
    """`week` or `day`."""
    blocks: int
    strength: csr_matrix
    """[q, blocks] of what happens."""
    naming: csr_matrix
    """The same."""
    lasting: Floats
    """[q] strength of follows and ties."""
    post_block: NDArray[np.int64]
    """[p] in the order of `whole.author`."""

    def resamples(self, number: int, seed: int = 0) -> Iterator[Seen]:
        """What was seen, had its blocks been drawn with replacement; none where there are too few of them."""
        if self.blocks < FEWEST_BLOCKS:
            return
        rng = np.random.default_rng(seed)
        for _ in range(number):
            yield self._drawn(np.bincount(rng.integers(self.blocks, size=self.blocks), minlength=self.blocks))

    def _drawn(self, times: NDArray[np.int64]) -> Seen:
        whole = self.whole
        strength = self.lasting + self.strength @ times
        left = strength > 0
        return Seen(
            n=whole.n,
            source=whole.source[left],
            target=whole.target[left],
            strength=strength[left],
            naming=(self.naming @ times)[left],
            follows=whole.follows[left],
            author=whole.author,
            engagement=whole.engagement,
            times=times[self.post_block],
            followers=whole.followers,
            communities=whole.communities,
        )


def window_of(
    network: Network,
    since: int | None = None,
    until: int | None = None,
    communities: NDArray[np.int64] | None = None,
) -> Window:
    """What became known in [since, until), ms since 1970.

    Of edges those of attention; of posts those that are judged and were published since then, and whose
    engagement was known before the end.
    """
    graph, posts = attention(network.graph.between(since, until)), network.published
    rows = _known(posts, since, until)
    author, engagement = posts.author[rows], posts.engagement[rows]
    order = np.lexsort((engagement, author))
    rows, author, engagement = rows[order], author[order], engagement[order]
    lasts = lasting(graph)
    block, (edge_block, post_block), blocks = _blocks(graph.known_at, ~lasts, posts.times[rows])
    pair, source, target = _pairs(graph)
    happens = ~lasts
    kept = np.bincount(pair[lasts], graph.weight[lasts], minlength=len(source)).astype(np.float64)
    strength = _summed(pair[happens], edge_block[happens], graph.weight[happens], len(source), blocks)
    # A post that names somebody twice, in its text and as the one it replies to, names it once.
    once = np.flatnonzero(happens)[_once(graph.take(happens), pair[happens])]
    naming = _summed(pair[once], edge_block[once], np.ones(len(once)), len(source), blocks)
    whole = Seen(
        n=graph.n,
        source=source,
        target=target,
        strength=kept + strength.sum(axis=1).A1,
        naming=naming.sum(axis=1).A1,
        follows=kept > 0,
        author=author,
        engagement=engagement,
        times=np.ones(len(rows), np.int64),
        followers=_followers(posts, graph.n, since, until),
        communities=communities,
    )
    return Window(whole, block, blocks, strength, naming, kept, post_block)


def _known(posts: Published, since: int | None, until: int | None) -> NDArray[np.int64]:
    told = posts.judged & ~np.isnan(posts.engagement)
    if since is not None:
        told &= posts.times >= since
    if until is not None:
        told &= posts.known_at < until
    return np.flatnonzero(told)


def _blocks(
    edges: NDArray[np.int64], happens: NDArray[np.bool_], posts: NDArray[np.int64]
) -> tuple[str, tuple[NDArray[np.int64], NDArray[np.int64]], int]:
    """Weeks from Monday on (UTC), or days; from the first to the last in which anything happens."""
    moments = np.concatenate([edges[happens], posts])
    if not len(moments):
        return "week", (np.zeros(len(edges), np.int64), np.zeros(0, np.int64)), 0
    block, length = "week", WEEK_MS
    if _block(moments.max(), length) - _block(moments.min(), length) + 1 < FEWEST_WEEKS:
        block, length = "day", DAY_MS
    first, last = int(_block(moments.min(), length)), int(_block(moments.max(), length))
    of_edges, of_posts = (_block(at, length) - first for at in (edges, posts))
    return block, (np.where(happens, of_edges, 0), of_posts), last - first + 1


def _block(at: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    return (at + WEEK_MS - MONDAY_MS) // length


def _pairs(graph: Graph) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    codes = graph.source.astype(np.int64) * graph.n + graph.target
    found, pair = np.unique(codes, return_inverse=True)
    return pair, (found // max(graph.n, 1)).astype(np.int32), (found % max(graph.n, 1)).astype(np.int32)


def _once(graph: Graph, pair: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of edges: the first of each post and pair, and every one that no post made."""
    order = np.lexsort((pair, graph.post))
    again = (np.diff(graph.post[order]) == 0) & (np.diff(pair[order]) == 0) & (graph.post[order][1:] >= 0)
    return np.sort(order[np.concatenate([np.ones(min(len(order), 1), bool), ~again])])


def _summed(
    pair: NDArray[np.int64], block: NDArray[np.int64], weight: NDArray[np.floating], pairs: int, blocks: int
) -> csr_matrix:
    from scipy.sparse import coo_matrix

    values = weight.astype(np.float64)
    return coo_matrix((values, (pair, block)), shape=(pairs, max(blocks, 1))).tocsr()


def _followers(posts: Published, n: int, since: int | None, until: int | None) -> Floats:
    found = np.full(n, np.nan)
    if FOLLOWERS in posts.table.column_names:
        told = posts.table[FOLLOWERS].cast("float64").to_numpy()
        within = ~np.isnan(told)
        within &= (posts.times >= (since or posts.times.min(initial=0))) if since is not None else True
        within &= (posts.times < until) if until is not None else True
        found[posts.author[within]] = told[within]  # ascending in time: the newest stays
    return found
