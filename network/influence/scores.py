"""Scores: every way to say how much influence an account carries."""

from __future__ import annotations

from network.influence import named, posted
from network.influence.between import BEGINNINGS, FEWEST_BEGINNINGS, beginnings_of, betweenness, sampled
from network.influence.broker import brokerage, participation
from network.influence.score import Score, linear
from network.influence.seen import Seen


def _of_two_steps(seen: Seen) -> float:
    ways = named.ways_of_two(seen)
    return 2e-8 * ways if ways <= named.EXACT_STEPS else 1e-6 * 5 * seen.q


def _between(seen: Seen) -> float:
    return 4e-8 * min(beginnings_of(seen), seen.n) * (seen.q + 2 * seen.n)


SCORES = (
    Score(
        "own_past",
        "the median engagement of its posts so far, as a logarithm",
        "posts",
        posted.own_past,
        linear(posts=0.02, accounts=0.03),
    ),
    Score("posts", "posts so far", "posts", posted.posts, linear(posts=0.01)),
    Score(
        "h_index",
        "posts that got as much engagement as there are of them",
        "posts",
        posted.h_index,
        linear(posts=0.04),
        how="Grows with the number of posts.",
    ),
    Score("followers", "followers", "followers", posted.reach, linear(pairs=0.01)),
    Score(
        "per_follower",
        "engagement for each follower, as a logarithm",
        "followers",
        posted.per_follower,
        linear(pairs=0.01, posts=0.02, accounts=0.03),
    ),
    Score("in_degree", "accounts that name or follow it", "edges", named.in_degree, linear(pairs=0.01)),
    Score("in_strength", "how often it is named or followed", "edges", named.in_strength, linear(pairs=0.01)),
    Score("mentions", "posts of others that name it", "edges", named.mentions, linear(pairs=0.01)),
    Score(
        "shared_audience",
        "accounts that name it, each shared among all that it names",
        "edges",
        named.shared_audience,
        linear(pairs=0.02),
    ),
    Score(
        "two_steps",
        "accounts that name it, or name one that does",
        "edges",
        named.two_steps,
        _of_two_steps,
        how=f"Counted up to {named.EXACT_STEPS:,.0f} ways of two steps, above that estimated to 6%.",
    ),
    Score(
        "pagerank",
        "where somebody is found who goes from account to account by whom they name",
        "edges",
        named.pagerank,
        linear(pairs=0.1, accounts=0.05),
    ),
    Score(
        "authority",
        "named by those who name whom many name (HITS)",
        "edges",
        named.authority,
        linear(pairs=0.5, accounts=0.1),
    ),
    Score(
        "core",
        "the innermost circle of accounts, each tied to k others of it, that it is in",
        "edges",
        named.core,
        linear(pairs=0.4),
    ),
    Score(
        "betweenness",
        "shortest ways between others that lead over it",
        "edges",
        betweenness,
        _between,
        how=f"Ways from {FEWEST_BEGINNINGS} to {BEGINNINGS} accounts, drawn at random, or from all.",
        drawn=sampled,
    ),
    Score(
        "brokerage",
        "pairs of accounts of two communities with it between them",
        "edges",
        brokerage,
        linear(pairs=0.15),
    ),
    Score(
        "participation",
        "how evenly its ties are spread over communities",
        "edges",
        participation,
        linear(pairs=0.15),
        how="Of few ties it is a matter of chance.",
    ),
)
"""In the order of tables: what the account got itself, then what others say of it."""
