"""Scan: how fine communities may be before they stop holding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from network.communities.agreement import agreement, most_agreed
from network.communities.leiden import Labels, leiden
from network.communities.resamples import resamples
from network.graph import Graph

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RESOLUTIONS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
USUAL = 1.0
HOLDS = 0.8
"""Agreement from which on communities hold, over seeds and over resamples alike."""
FEWEST = 3
"""Accounts of a community that counts as one."""
SCANNED = 200_000
"""Entries of a matrix up to which every resolution is tried."""
SEEDS, DRAWS = 5, 6
SEEDS_OF_MANY, DRAWS_OF_MANY = 3, 2


@dataclass(frozen=True)
class Runs:
    """What came out at one resolution."""

    resolution: float
    labels: Labels
    """[n] of the seed that agrees best with the other seeds."""
    seeds: tuple[Labels, ...]
    resamples: tuple[Labels, ...]
    between_seeds: float
    """Adjusted mutual information, the mean over pairs of seeds; NaN of one community."""
    between_resamples: float
    """The same of `labels` and each resample."""

    @property
    def holds(self) -> bool:
        """Whether there are several communities, and the same ones again and again. NaN holds nothing."""
        return self.number > 1 and self.steadiness >= HOLDS

    @property
    def number(self) -> int:
        """Communities of at least `FEWEST` accounts."""
        return int((np.bincount(self.labels[self.labels >= 0]) >= FEWEST).sum())

    @property
    def steadiness(self) -> float:
        return float(np.min([self.between_seeds, self.between_resamples]))


def at(graph: Graph, resolution: float, seeds: int = SEEDS, draws: int = DRAWS) -> Runs:
    """Communities at one resolution, by log weights, and how steady they are."""
    drawn = [one.matrix("log", symmetric=True) for one in resamples(graph, draws)]
    return _runs(graph.matrix("log", symmetric=True), drawn, resolution, seeds)


def scanned(graph: Graph) -> tuple[Runs, str]:
    """Communities, and how their number came about, in a sentence.

    From the lowest resolution at which communities hold, resolution is raised as long as they do: as many
    communities as there are then. Nothing but the graph is looked at. Large graphs, and such whose
    communities hold nowhere, are divided at 1.
    """
    matrix = graph.matrix("log", symmetric=True)
    if matrix.nnz > SCANNED:
        found = at(graph, USUAL, SEEDS_OF_MANY, DRAWS_OF_MANY)
        return found, f"what resolution {USUAL:g} gives, as in all graphs of more than {SCANNED // 2:,} pairs"
    drawn = [one.matrix("log", symmetric=True) for one in resamples(graph, DRAWS)]
    held: list[Runs] = []
    usual: Runs | None = None
    for resolution in RESOLUTIONS:
        found = _runs(matrix, drawn, resolution, SEEDS)
        usual = found if resolution == USUAL else usual
        if found.holds:
            held.append(found)
        elif held:
            break
    if held:
        # At the very edge of holding the same communities are less steady than a step before it.
        as_many = [one for one in held if one.number == held[-1].number]
        return max(as_many, key=lambda one: one.steadiness), (
            f"as many as there are at the finest resolution ({held[-1].resolution:g}), going up from "
            f"{held[0].resolution:g}, before agreement over seeds and over resampled weeks falls below "
            f"{HOLDS:g}; of resolutions that give as many, the steadiest"
        )
    assert usual is not None  # nothing held, so every resolution was tried
    return usual, (
        f"what resolution {USUAL:g} gives: at none of {len(RESOLUTIONS)} do several communities agree to "
        f"{HOLDS:g} over seeds and over resampled weeks, so take them with care"
    )


def _runs(matrix: csr_matrix, drawn: Sequence[csr_matrix], resolution: float, seeds: int) -> Runs:
    runs = tuple(leiden(matrix, resolution, seed) for seed in range(seeds))
    best, between = most_agreed(runs)
    resampled = tuple(leiden(one, resolution, 0) for one in drawn)
    with_each = [agreement(runs[best], one) for one in resampled]
    known = [one for one in with_each if not math.isnan(one)]
    return Runs(
        resolution, runs[best], runs, resampled, between, float(np.mean(known)) if known else math.nan
    )
