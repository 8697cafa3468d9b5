"""Small networks, made by hand or at random, as tests of the network's rooms need them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.declared.card import Card
from network.graph import Graph
from network.network import Network
from network.published import Published

DAY = 86_400_000


def graph_of(
    edges: Sequence[tuple[str, str, float]],
    accounts: Sequence[str] = (),
    kind: str = "mention",
    posts: Sequence[int] | None = None,
) -> Graph:
    """Edges (source, target, day)."""
    names = sorted({*accounts, *(one for edge in edges for one in edge[:2])})
    order = sorted(range(len(edges)), key=lambda place: edges[place][2])
    chosen = [edges[place] for place in order]
    made = [-1] * len(edges) if posts is None else [posts[place] for place in order]
    return Graph(
        names=np.array(names, dtype=np.str_),
        source=np.array([names.index(one) for one, _, _ in chosen], np.int32),
        target=np.array([names.index(one) for _, one, _ in chosen], np.int32),
        known_at=np.array([round(day * DAY) for _, _, day in chosen], np.int64),
        kind=np.zeros(len(chosen), np.int8),
        weight=np.ones(len(chosen), np.float32),
        post=np.array(made, np.int64),
        kinds=(kind,),
    )


def posted_by(graph: Graph, posts: Sequence[tuple[str, float, float]], known_after: float = 0) -> Published:
    """Posts (author, day, engagement), all judged."""
    names = graph.names.tolist()
    posts = sorted(posts, key=lambda one: one[1])
    times = np.array([round(day * DAY) for _, day, _ in posts], np.int64)
    return Published(
        author=np.array([names.index(one) for one, _, _ in posts], np.int32),
        times=times,
        engagement=np.array([got for _, _, got in posts], np.float64),
        known_at=times + round(known_after * DAY),
        measure="likes",
        judged=np.ones(len(posts), bool),
        table=pa.table({"post_id": [str(place) for place in range(len(posts))]}),
    )


def network_of(
    graph: Graph, posts: Sequence[tuple[str, float, float]] = (), known_after: float = 0
) -> Network:
    return Network(any_card(), graph, posted_by(graph, posts, known_after))


def any_card() -> Card:
    return load_card(PROJECT / "datasets" / "demo_tweets" / "card.toml")


def at_random(
    seed: int, accounts: int = 12, edges: int = 80, days: int = 100, posts: int = 60
) -> tuple[list[tuple[str, str, float]], list[tuple[str, float, float]]]:
    """Edges, some of them loops and doubles, and posts."""
    rng = np.random.default_rng(seed)
    names = [f"a{place:02d}" for place in range(accounts)]
    who, whom = rng.integers(accounts, size=(2, edges))
    found = [
        (names[a], names[b], float(day))
        for a, b, day in zip(who, whom, rng.uniform(0, days, edges), strict=True)
    ]
    wrote = [
        (names[a], float(day), float(got))
        for a, day, got in zip(
            rng.integers(accounts, size=posts),
            rng.uniform(0, days, posts),
            rng.integers(200, size=posts),
            strict=True,
        )
    ]
    return found, wrote
