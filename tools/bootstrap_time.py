"""How long the replicates of each measure take on made-up posts.

python -m tools.bootstrap_time [--posts N] [--users N] [--resamples N]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from benchmark.scores.bootstrap import replicates
from benchmark.scores.clusters import clusters
from benchmark.scores.measures import MEASURES
from benchmark.scores.measures.measure import Among, Predicted
from benchmark.scores.measures.resamples import Resamples


def main() -> None:
    """Print a line a measure."""
    options = argparse.ArgumentParser(prog="python -m tools.bootstrap_time", description=main.__doc__)
    options.add_argument("--posts", type=int, default=180_581)
    options.add_argument("--users", type=int, default=38_312)
    options.add_argument("--resamples", type=int, default=1000)
    given = options.parse_args()
    rng = np.random.default_rng(0)
    users = (given.users * rng.random(given.posts) ** 2).astype(np.int64)
    y = np.round(rng.normal(6.4, 2.5, given.posts), 2)
    noisy = (y + rng.normal(0, 2, given.posts)).astype(np.float32)
    of_weeks = Among(users, y)
    points = Predicted.of(noisy, {0.1: noisy - 2, 0.5: noisy, 0.9: noisy + 2}, of_weeks)
    event, chance = (y > np.quantile(y, 0.9)).astype(np.float64), 1 / (1 + np.exp(5 - noisy))

    began = time.perf_counter()
    resamples = Resamples(clusters(users, np.arange(given.posts)), given.resamples)
    list(resamples.blocks())
    print(
        f"{'draw':20} {time.perf_counter() - began:6.2f} s  "
        f"{resamples.n_clusters} clusters of {given.posts} posts"
    )
    for measure in MEASURES.values():
        of = (event, Predicted.of(chance)) if measure.reads == "probabilities" else (y, points)
        competing = Among(np.zeros(3, np.int64), np.arange(3.0))
        small = Predicted.of([0.1, 0.5, 0.9], {0.1: [0, 0, 0], 0.9: [1, 1, 1]}, competing)
        replicates(measure, [0, 1, 1], small, Resamples(np.arange(3), 1))  # compiles, once a process
        began = time.perf_counter()
        replicates(measure, *of, resamples)
        print(f"{measure.name:20} {time.perf_counter() - began:6.2f} s  {given.resamples} resamples")


if __name__ == "__main__":
    main()
