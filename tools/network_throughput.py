"""What a pass of a network over its training posts costs at the full size of the SMPD image track.

    python -m tools.network_throughput BASELINE --home DIR [--posts N]

Takes the posts that `python -m tools.scale` has generated and prepared in DIR, with made-up embeddings
as wide as those of the bundled encoders, builds what the network reads as `fit` does, and trains on each
post once, in as many epochs as that takes.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baselines.networks.passes import EPOCH
from baselines.networks.training import TorchBaseline
from benchmark.data.cards import load_card
from benchmark.data.prepared import load_prepared
from benchmark.finding.discovery import baseline_files
from benchmark.handover import Reveal, revealed
from benchmark.loading import load_class
from benchmark.posts import Array, Posts
from benchmark.run.tasks import TaskPosts
from benchmark.timeline import Schema, Timeline

FULL_SIZE = 305_613
"""Training posts of the SMPD image track."""
WIDTHS = {"text": 384, "image": 1280}
"""Of MiniLM and EfficientNet-Lite0."""


def main() -> None:
    """Seconds of what comes before, and of a pass; peak memory of the whole."""
    options = argparse.ArgumentParser(prog="python -m tools.network_throughput", description=main.__doc__)
    options.add_argument("baseline")
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--posts", type=int, default=FULL_SIZE)
    given = options.parse_args()
    cls = load_class(baseline_files()[given.baseline])
    assert issubclass(cls, TorchBaseline)
    posts, y = _training(given.home, given.posts)
    before, once = _measured(cls(), posts, y)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    print(
        f"{given.baseline:28} inputs {before:5.0f} s, a pass {once:5.0f} s, {peak:4.1f} GB, {len(y):,} posts"
    )


def _measured(network: TorchBaseline, posts: Posts, y: Array) -> tuple[float, float]:
    network.seed = 0  # type: ignore[misc]
    began = time.perf_counter()
    epochs = -(-len(y) // EPOCH)
    passes = network._passes(network._begin(posts, y), epochs)
    next(passes)
    before, began = time.perf_counter() - began, time.perf_counter()
    for _ in range(epochs):
        next(passes)
    return before, time.perf_counter() - began


def _training(home: Path, n: int) -> tuple[Posts, Array]:
    """The newest n labelled posts of the prepared data, as training posts."""
    card = load_card(home / "card.toml")
    prepared = load_prepared(card, home)
    task = card.tasks[0]
    posts = TaskPosts.of(prepared, task)
    rows = np.flatnonzero(~np.isnan(posts.labels).any(axis=1))[-n:]
    columns = card.visible()
    features = {kind: MadeUp(width) for kind, width in WIDTHS.items()}
    schema = Schema(columns, task.targets, features, None, card.scales(task.name))  # type: ignore[arg-type]
    timeline = Timeline(schema, posts.windows("frozen").clock)
    y = posts.labels[rows].astype(np.float32)
    reveal = Reveal(posts.visible(columns).take(rows), posts.rows[rows], posts.rows[rows], y)
    return revealed(timeline, reveal), y


@dataclass(frozen=True)
class MadeUp:
    """Stands in for an encoder's features: vectors of its width, given for every post."""

    dim: int

    def rows(self, index: ArrayLike) -> NDArray[np.float32]:
        """float32 [m, dim]"""
        some = np.random.default_rng(self.dim).normal(size=(4096, self.dim)).astype(np.float32)
        return some[np.asarray(index) % len(some)]

    def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
        """bool [m]"""
        return np.ones(len(np.asarray(index)), bool)


if __name__ == "__main__":
    main()
