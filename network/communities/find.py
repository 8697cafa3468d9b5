"""Find: a network -> its communities, named, over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from network.communities.agreement import together
from network.communities.base import Base, base_of
from network.communities.leiden import Labels
from network.communities.matching import STEADY, matched, moves
from network.communities.naming import names_of
from network.communities.scan import DRAWS_OF_MANY, SCANNED, SEEDS_OF_MANY, at, scanned
from network.graph import Graph
from network.network import Network
from network.reading import Communities, Community

WINDOWS = 4


def communities(network: Network, *, windows: Sequence[tuple[int, int]] | None = None) -> Communities:
    """Communities of all time, of each window by the same codes, and who moved between them.

    Args:
        windows: (since, until) in ms since 1970; four of equal length if absent, none if no time is told.
    """
    writes = np.zeros(network.graph.n, bool)
    writes[network.published.author] = True
    base = base_of(network.graph, writes)
    runs, how = scanned(base.within)
    labels = base.spread(runs.labels)
    number = int(labels.max()) + 1 if len(labels) else 0
    stable = together(runs.labels, (*runs.seeds, *runs.resamples))
    spans = equal_spans(base.graph, WINDOWS) if windows is None else tuple(windows)
    each = [_window(base, runs.resolution, *span) for span in spans]
    # Communities are matched by the accounts that are divided: those that join outnumber and follow them.
    coded = matched([one for one, _ in each], runs.labels)
    moved = moves(coded, [steady for _, steady in each], [since for since, _ in spans])
    of_base = np.flatnonzero(base.accounts)
    names = names_of(network, labels, number)
    order = _strength(base, labels)
    return Communities(
        of=labels,
        found=tuple(
            Community(
                code=code,
                name=names[code],
                members=members[np.lexsort((members, -order[members]))],
                stable=_mean(stable[runs.labels == code]),
            )
            for code, members in enumerate(_members(labels, number))
        ),
        resolution=runs.resolution,
        rule=f"Leiden at resolution {runs.resolution:g} by log weights of {base.words}. Their number: {how}.",
        seeds=runs.between_seeds,
        resamples=runs.between_resamples,
        windows=tuple(
            (since, until, base.between(since, until).spread(one))
            for (since, until), one in zip(spans, coded, strict=True)
        ),
        moved=tuple(replace(one, account=int(of_base[one.account])) for one in moved),
    )


def equal_spans(graph: Graph, number: int) -> tuple[tuple[int, int], ...]:
    """Spans of equal length from the first edge to the last; none if all are known at once."""
    if not len(graph) or graph.known_at[0] == graph.known_at[-1]:
        return ()
    cuts = np.linspace(graph.known_at[0], graph.known_at[-1] + 1, number + 1).astype(np.int64)
    return tuple((int(since), int(until)) for since, until in pairwise(cuts))


def _window(base: Base, resolution: float, since: int, until: int) -> tuple[Labels, NDArray[np.bool_]]:
    """Communities of a window, and which accounts are steady in them, of the accounts that are divided."""
    within = base.between(since, until).within
    few = (1, 1) if len(within) > SCANNED // 2 else (SEEDS_OF_MANY, DRAWS_OF_MANY)
    runs = at(within, resolution, *few)
    return runs.labels, together(runs.labels, (*runs.seeds, *runs.resamples)) >= STEADY


def _members(labels: Labels, number: int) -> list[NDArray[np.int64]]:
    order = np.argsort(labels, kind="stable")
    ends = np.searchsorted(labels[order], np.arange(number + 1))
    return [order[begin:end] for begin, end in pairwise(ends)]


def _strength(base: Base, labels: Labels) -> NDArray[np.float64]:
    """[n] weight of the ties that other members of its community have to an account."""
    matrix = base.graph.matrix("log").tocoo()
    same = (labels[matrix.row] == labels[matrix.col]) & (labels[matrix.row] >= 0)
    return np.bincount(matrix.col[same], matrix.data[same], base.graph.n).astype(np.float64)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan
