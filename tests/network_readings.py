"""Readings of networks whose answers are known, for tests of pages and files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from benchmark.declared.card import Card
from network.graph import Graph
from network.network import Network
from network.published import Published
from network.reading import Communities, Community, Crossing, Held, Influence, Reading

HOUR, DAY = 3_600_000, 86_400_000
START = 1_577_836_800_000
"""2020-01-01, ms since 1970."""

CARD = Card.model_validate(
    {
        "name": "planted",
        "title": "A planted network",
        "summary": "Made up.",
        "reader": "table",
        "raw": "nowhere",
        "licence": "MIT",
        "obtain": "Made up.",
        "columns": {
            "post_id": {"role": "id"},
            "user_id": {"role": "user"},
            "time": {"role": "time"},
            "hashtags": {"role": "tags"},
        },
        "targets": {"likes": {"scale": "log1p", "unit": "log(likes + 1)"}},
        "tasks": [
            {
                "name": "likes",
                "targets": ["likes"],
                "measures": ["mae"],
                "protocols": {"frozen": {"cut_off": "2020-07-01", "embargo_days": 3}},
            }
        ],
    }
)
HELD = (
    Held("in_degree", "engagement", 132, 0.505, 0.36, 0.63, 0.955, -0.001, -0.004, 0.002),
    Held("pagerank", "engagement", 132, 0.499, 0.35, 0.62, 0.955, -0.003, -0.006, -0.001),
    Held("in_degree", "mentions", 132, 0.76, 0.66, 0.84, 0.883, 0.02, 0.01, 0.03),
)


def reading(
    n: int = 60, edges: int = 400, groups: int = 3, names: Sequence[str] | None = None, seed: int = 0
) -> Reading:
    """A network of `groups` communities, in each of which most edges stay. The first third of the accounts
    publish; the last two accounts have no edge.

    Args:
        names: of some accounts, ascending; the others are called `user_0001` and so on.
    """
    rng = np.random.default_rng(seed)
    called = sorted([*(names or ()), *(f"user_{i:05d}" for i in range(n - len(names or ())))])
    group = np.arange(n) % groups
    publishing = max(n // 3, groups)
    source = rng.integers(0, publishing, edges)
    target = (rng.pareto(1.2, edges) * n / 20).astype(int) % max((n - 2) // groups, 1) * groups
    target = np.where(
        rng.random(edges) < 0.9, target + group[source], target + rng.integers(0, groups, edges)
    )
    target = np.minimum(target, n - 3)
    graph = Graph(
        names=np.asarray(called, np.str_),
        source=source.astype(np.int32),
        target=target.astype(np.int32),
        known_at=np.sort(START + rng.integers(0, 360 * DAY, edges)),
        kind=rng.integers(0, 2, edges).astype(np.int8),
        weight=np.ones(edges, np.float32),
        post=np.full(edges, -1, np.int64),
        kinds=("mention", "reply"),
    )
    network = Network(CARD, graph, _published(publishing, group, rng), ("2 spellings were put together",))
    in_degree = np.bincount(graph.target, minlength=n).astype(np.float64)
    return Reading(
        network,
        (
            influence("in_degree", "accounts that name it", in_degree),
            influence("pagerank", "PageRank", in_degree / max(in_degree.sum(), 1)),
            influence("own_past", "its own median so far", _own_past(network, n)),
        ),
        HELD,
        _communities(graph, group, groups),
        (
            Crossing("#planted", START, 0, 30, ((0, 0), (1, 5 * HOUR), (2, 30 * HOUR)), 30.0),
            Crossing("http://example.org/page", START + DAY, 1, 9, ((1, 0), (2, 90 * DAY)), None),
        ),
        ("a note",),
    )


def influence(name: str, words: str, values: np.ndarray) -> Influence:
    """With an interval of a tenth to either side, and the ranks that it allows."""
    low, high = values * 0.9, values * 1.1
    better = np.array([np.sum(low > one) for one in high])
    return Influence(
        name, words, values, low, high, np.where(np.isfinite(values), better + 1, 0).astype(np.int64)
    )


def _published(publishing: int, group: np.ndarray, rng: np.random.Generator) -> Published:
    p = 5 * publishing
    author = np.repeat(np.arange(publishing), 5).astype(np.int32)
    times = START + np.arange(p) * HOUR
    engagement = rng.integers(0, 1000, p).astype(np.float64)
    engagement[::7] = np.nan
    tags = [f"all group{group[one]}" if i % 2 else "" for i, one in enumerate(author)]
    table = pa.table({"post_id": [str(i) for i in range(p)], "hashtags": tags})
    return Published(author, times, engagement, times + DAY, "likes", np.ones(p, bool), table)


def _own_past(network: Network, n: int) -> np.ndarray:
    found = np.full(n, np.nan)
    for one in np.unique(network.published.author):
        found[one] = np.nanmedian(network.published.engagement[network.published.author == one])
    return found


def _communities(graph: Graph, group: np.ndarray, groups: int) -> Communities:
    degree = np.bincount(graph.source, minlength=graph.n) + np.bincount(graph.target, minlength=graph.n)
    of = np.where(degree > 0, group, -1).astype(np.int64)
    found = []
    for code in range(groups):
        members = np.flatnonzero(of == code)
        members = members[np.argsort(-degree[members], kind="stable")]
        found.append(Community(code, f"#group{code}, #more; Portuguese", members, 0.9))
    halves = ((START, START + 180 * DAY, of), (START + 180 * DAY, START + 360 * DAY, np.roll(of, 1)))
    return Communities(of, tuple(found), 1.0, "The resolution is 1.", 0.95, 0.8, halves)
