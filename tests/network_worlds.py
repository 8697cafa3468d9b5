"""Small networks with known answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from benchmark.declared.card import Card
from network.graph import Graph
from network.network import Network
from network.published import Published

DAY = 86_400_000
CARD = Card.model_validate(
    {
        "name": "planted",
        "title": "A planted network",
        "summary": "Made up.",
        "reader": "table",
        "raw": "planted",
        "licence": "none",
        "homepage": "https://example.org",
        "obtain": "It is made up.",
        "columns": {
            "post_id": {"role": "id"},
            "user_id": {"role": "user"},
            "time": {"role": "time"},
            "hashtags": {"role": "tags"},
            "named": {"role": "tags"},
            "text": {"role": "text"},
            "country": {"role": "categorical"},
        },
        "targets": {"likes": {}},
        "tasks": [
            {
                "name": "engagement",
                "targets": ["likes"],
                "measures": ["mae"],
                "protocols": {"frozen": {"cut_off": "2020-03-01"}},
            }
        ],
        "facts": {"named": {"of": {"mention": "named"}}},
    }
)


def graph_of(
    n: int, edges: Sequence[tuple[int, int]], times: Sequence[int] | None = None, kind: str = "mention"
) -> Graph:
    """Accounts a000, a001, ... and edges (source, target), an hour apart if no times in ms are told."""
    moments = np.arange(len(edges)) * DAY // 24 if times is None else np.asarray(times, np.int64)
    order = np.argsort(moments, kind="stable")
    pairs = np.asarray(edges, np.int32).reshape(-1, 2)[order]
    return Graph(
        names=np.array([f"a{place:05}" for place in range(n)], np.str_),
        source=pairs[:, 0],
        target=pairs[:, 1],
        known_at=moments[order].astype(np.int64),
        kind=np.zeros(len(pairs), np.int8),
        weight=np.ones(len(pairs), np.float32),
        post=np.full(len(pairs), -1, np.int64),
        kinds=(kind,) if len(pairs) else (),
    )


def planted(
    sizes: Sequence[int], ties: int = 12, outside: float = 0.1, days: int = 200, seed: int = 0
) -> tuple[Graph, np.ndarray]:
    """Accounts that each name `ties` others, a share of `outside` anywhere; and the community of each."""
    random = np.random.default_rng(seed)
    of = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    members = [np.flatnonzero(of == code) for code in range(len(sizes))]
    edges = []
    for account in range(len(of)):
        for _ in range(ties):
            anywhere = random.random() < outside
            edges.append((account, int(random.choice(len(of) if anywhere else members[of[account]]))))
    return graph_of(len(of), edges, random.integers(0, days * DAY, len(edges)).tolist()), of


def network_of(graph: Graph, posts: Sequence[tuple[int, int, str, str]]) -> Network:
    """Posts (account, ms, tags, text)."""
    posts = sorted(posts, key=lambda one: one[1])
    author = np.asarray([one[0] for one in posts], np.int32)
    times = np.asarray([one[1] for one in posts], np.int64)
    table = pa.table(
        {
            "post_id": pa.array([f"p{row}" for row in range(len(posts))], pa.string()),
            "hashtags": pa.array([one[2] for one in posts], pa.string()),
            "named": pa.array(["somebody" for _ in posts], pa.string()),
            "text": pa.array([one[3] for one in posts], pa.string()),
            "country": pa.array(["br" if one[0] % 2 else "mx" for one in posts], pa.string()),
        }
    )
    published = Published(
        author, times, np.ones(len(posts)), times, "likes", np.ones(len(posts), bool), table
    )
    return Network(CARD, graph, published)
