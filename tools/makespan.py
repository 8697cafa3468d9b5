"""How long a board of 1,000 cells takes on 1 to 100 nodes: a simulation from measured cell times.

    python -m tools.makespan [--results FOLDER] [--cells 1000] [--overhead SECONDS]

Cell times are drawn, with replacement, from those of published results or of a run store. A node takes the
next cell in the order of the plan (references, then dear ones, as `benchmark.run.plan` has it) as soon as it
is free: list scheduling (Graham 1969), whose makespan is at most the work over the nodes plus the longest
cell. A job costs its node `--overhead` seconds beside the cell, and the driver gives away one after the
other, in `--hand-out` seconds each.
"""

from __future__ import annotations

import argparse
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark import PROJECT
from benchmark.run.plan import FAMILIES
from benchmark.run.store import Store
from leaderboard.publishing.results import row_files
from leaderboard.publishing.row import read_row
from tools import command

NODES = (1, 2, 3, 5, 8, 13, 20, 30, 50, 75, 100)


@dataclass(frozen=True)
class Timed:
    turn: int
    """Of its family in a plan."""
    seconds: float


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tools.makespan", description=main.__doc__)
    options.add_argument("--results", type=Path, default=PROJECT / "leaderboard" / "published" / "results")
    options.add_argument("--cells", type=int, default=1000)
    options.add_argument("--overhead", type=float, default=6.0)
    options.add_argument("--hand-out", type=float, default=0.05)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    measured = list(cell_times(given.results))
    if not measured:
        raise SystemExit(f"{given.results}: no cell with a time. Name published results or a run store")
    drawn = np.random.default_rng(given.seed).integers(0, len(measured), given.cells)
    cells = sorted((measured[i] for i in drawn), key=lambda one: one.turn)
    seconds = [one.seconds + given.overhead for one in cells]
    longest = max(seconds)
    print(
        f"{given.cells:,} cells drawn from {len(measured)} measured ones: {sum(seconds) / 3600:.1f} h of "
        f"work, the longest {longest / 60:.1f} min, {given.overhead:g} s a job beside its cell"
    )
    print("| nodes | makespan | speed-up | in use | bounded by |\n|--:|--:|--:|--:|---|")
    for nodes in NODES:
        span = makespan(seconds, nodes, given.hand_out)
        work = sum(seconds) / nodes
        bounds = {"work": work, "the longest cell": longest, "the driver": given.hand_out * len(seconds)}
        bound = max(bounds, key=bounds.__getitem__)
        print(f"| {nodes} | {span / 60:,.0f} min | {sum(seconds) / span:.1f} | {work / span:.0%} | {bound} |")


def makespan(seconds: Sequence[float], nodes: int, hand_out: float) -> float:
    """Seconds until the last cell is done, where each free node takes the next."""
    free = [0.0] * nodes
    end = 0.0
    for number, one in enumerate(seconds):
        began = max(heapq.heappop(free), number * hand_out)
        heapq.heappush(free, began + one)
        end = max(end, began + one)
    return end


def cell_times(folder: Path) -> Iterator[Timed]:
    """Of every cell that went well: published ones, or those of a run store."""
    rows = [read_row(path) for path in row_files(folder)]
    told = [(row.about.family, run) for row in rows for run in row.runs]
    for family, run in told or ((one.about.family, one.run) for one in Store(folder).results()):
        if run.status == "ok" and run.wall_seconds and run.environment.get("engine") is None:
            yield Timed(FAMILIES.get(family, len(FAMILIES)), run.wall_seconds)


if __name__ == "__main__":
    command.run(main)
