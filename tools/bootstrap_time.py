"""How long the replicates of each metric take on made-up posts.

python -m tools.bootstrap_time [--posts N] [--users N] [--resamples N]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from benchmark.scores.bootstrap import Resamples, clusters, replicates
from benchmark.scores.metrics import POINT_METRICS


def main() -> None:
    """Print a line a metric."""
    options = argparse.ArgumentParser(prog="python -m tools.bootstrap_time", description=main.__doc__)
    options.add_argument("--posts", type=int, default=180_581)
    options.add_argument("--users", type=int, default=38_312)
    options.add_argument("--resamples", type=int, default=1000)
    given = options.parse_args()
    rng = np.random.default_rng(0)
    users = (given.users * rng.random(given.posts) ** 2).astype(np.int64)
    y = np.round(rng.normal(6.4, 2.5, given.posts), 2)
    prediction = (y + rng.normal(0, 2, given.posts)).astype(np.float32)

    began = time.perf_counter()
    replicates([1, 2, 3], [1, 2, 3], Resamples(np.arange(3), 1), ["spearman"])
    print(f"compile    {time.perf_counter() - began:6.2f} s  or load from the cache, once a process")
    began = time.perf_counter()
    resamples = Resamples(clusters(users, np.arange(given.posts)), given.resamples)
    print(f"clusters   {time.perf_counter() - began:6.2f} s  {resamples.n_clusters} of {given.posts} posts")
    for names in [*([name] for name in POINT_METRICS), list(POINT_METRICS)]:
        began = time.perf_counter()
        replicates(y, prediction, resamples, names)
        label = names[0] if len(names) == 1 else "all"
        print(f"{label:10} {time.perf_counter() - began:6.2f} s  {given.resamples} resamples")


if __name__ == "__main__":
    main()
