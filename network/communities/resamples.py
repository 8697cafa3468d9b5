"""Resamples: the same graph as it might have been, with other weeks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmark.scores.clusters import clusters
from network.graph import Graph


def resamples(graph: Graph, number: int, seed: int = 0) -> Iterator[Graph]:
    """Graphs whose blocks of time are drawn with replacement: an edge weighs as often as its block was drawn.

    Blocks are weeks; where these are fewer than 20, or edges carry no time, runs of edges in their order.
    """
    # One account for all: edges are then cut by time alone.
    block = clusters(np.zeros(len(graph), np.int64), graph.known_at)
    blocks = int(block.max()) + 1 if len(block) else 0
    for draw in range(number):
        drawn = np.random.default_rng([seed, draw]).integers(0, max(blocks, 1), blocks)
        times = np.bincount(drawn, minlength=blocks)[block]
        kept = times > 0
        weight = (graph.weight[kept] * times[kept]).astype(np.float32)
        yield replace(graph.take(kept), weight=weight)
