"""Alone: edges without posts -> a network."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from benchmark.declared.card import Card
from network.build.accounts import spelled_alike
from network.build.coded import graph_of
from network.build.edges import UNDATED, Edges, joined
from network.build.single import each_once, without_loops
from network.network import Network
from network.published import Published

ALWAYS = 0
"""1970: from when on undated edges are known, where there are no posts that they could foretell."""


def network_of(title: str, several: Sequence[Edges], notes: Sequence[str] = ()) -> Network:
    """The network of edge lists of which no posts are known: reach and communities can be read, and nothing
    can be held against engagement.

    Args:
        title: what it is called, as in the name of the file.
        notes: what was said when the files were read.
    """
    edges = joined(np.empty(0, object), several)
    if (edges.known_at == UNDATED).any():
        edges = edges.dated(ALWAYS)
    n = len(edges.names)
    uses = np.bincount(np.concatenate([edges.source, edges.target]), minlength=n)
    code, said = spelled_alike(edges.names, np.zeros(n, bool), uses)
    edges = edges.renamed(code)
    for step in (without_loops, each_once):
        edges, done = step(edges)
        said += done
    nobody = np.empty(0, np.int32)
    graph, author = graph_of(edges, nobody)
    nothing, none = np.empty(0), np.empty(0, np.int64)
    published = Published(
        author=author,
        times=none,
        engagement=nothing,
        known_at=none,
        measure="nothing",
        judged=np.empty(0, bool),
        table=pa.table({"post_id": pa.array([], pa.string())}),
    )
    return Network(_card(title), graph, published, (*notes, *said))


def _card(title: str) -> Card:
    """A card that declares no posts: what readers of networks ask of one is its name, title and columns."""
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:64] or "edges"
    line = " ".join("".join(one if one.isprintable() else " " for one in title).split())[:200]
    return Card.model_validate(
        {
            "name": name,
            "title": line or name,
            "reader": "table",
            "raw": name,
            "licence": "unknown",
            "columns": {
                "post_id": {"role": "id"},
                "user_id": {"role": "user"},
                "time": {"role": "time"},
            },
            "targets": {"nothing": {}},
            "tasks": [
                {"name": "nothing", "targets": ["nothing"], "protocols": {"frozen": {"test_fraction": 0.2}}}
            ],
        }
    )
