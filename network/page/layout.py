"""Layout: where each account stands in the picture, the same in every window of time.

ForceAtlas2 (Jacomy, Venturini, Heymann, Bastian 2014, PLOS ONE 9(6)) in numpy: edges pull, accounts push each
other away by their degrees, and all are drawn a little to the middle. What pushes is summed on a grid by
FFT, so a round costs n + m + g log g. Accounts start within their community, whose edges pull more than those
between: what is near in the picture belongs together, and how far apart two communities stand says little.
Nothing in it is left to chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRID = 256
"""Cells a side on which the push is summed."""
BETWEEN = 0.2
"""What an edge between communities pulls, against one within."""
GOLDEN = np.pi * (3 - np.sqrt(5))


def positions(weights: csr_matrix, community: Ints, rounds: int = 120) -> Floats:
    """Places of n accounts, the middle at 0 and nearly all within 1 of it.

    Args:
        weights: [n, n], symmetric, without loops, not negative.
        community: [n] codes; -1 for none.

    Returns:
        float64 [n, 2], finite; accounts without an edge stand in a ring around the others.
    """
    from scipy.sparse import triu

    n = weights.shape[0]
    found = np.zeros((n, 2))
    joined = np.diff(weights.indptr) > 0
    if joined.any():
        inner = weights[joined][:, joined]
        edges = triu(inner, k=1).tocoo()
        source, target = edges.row.astype(np.int64), edges.col.astype(np.int64)
        mass = 1.0 + np.diff(inner.indptr)
        codes = np.unique(community[joined], return_inverse=True)[1]
        pull = np.where(codes[source] == codes[target], 1.0, BETWEEN) * edges.data / edges.data.mean()
        start = _start(source, target, pull, mass, codes)
        found[joined] = _apart(_fitted(_moved(start, source, target, pull, mass, rounds)))
    alone = np.flatnonzero(~joined)
    if len(alone):
        found[alone] = _ring(len(alone), 1.15 if joined.any() else 0.0)
    return found


def _start(source: Ints, target: Ints, pull: Floats, mass: Floats, codes: Ints) -> Floats:
    """Communities as single bodies, and in each its members as in a sunflower, the most named inside."""
    k = int(codes.max()) + 1
    size = np.bincount(codes, minlength=k).astype(np.float64)
    between = codes[source] != codes[target]
    pairs = np.sort(np.stack([codes[source][between], codes[target][between]], axis=1), axis=1)
    unique, place = np.unique(pairs, axis=0, return_inverse=True)
    strength = np.bincount(place.ravel(), pull[between], minlength=len(unique))
    biggest = np.argsort(np.argsort(-size, kind="stable"), kind="stable")
    centre = _sunflower(biggest.astype(np.float64)) * np.sqrt(size.mean())
    if len(unique):
        relative = strength / np.sqrt(size[unique[:, 0]] * size[unique[:, 1]])
        centre = _moved(centre, unique[:, 0], unique[:, 1], relative / relative.max(), size, 100)
    centre = _unpiled(centre * np.sqrt(size.sum()) / max(float(np.abs(centre).max()), 1e-9), np.sqrt(size))
    order = np.lexsort((-mass, codes))
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    within = np.empty(len(codes))
    within[order] = np.arange(len(codes)) - first[codes[order]]
    return centre[codes] + 0.9 * _sunflower(within)


def _moved(start: Floats, source: Ints, target: Ints, pull: Floats, mass: Floats, rounds: int) -> Floats:
    """ForceAtlas2, with gravity that grows with the distance from the middle."""
    n = len(start)
    at, before, speed = start.copy(), np.zeros((n, 2)), 1.0
    push = _pusher(mass)
    # The scale at which push and gravity balance is that of the picture; n gives it the area it needs.
    gravity = 1.0 / max(float(mass.mean()), 1.0)
    for _ in range(rounds):
        force = push(at)
        away = (at[target] - at[source]) * pull[:, None]
        for axis in (0, 1):
            force[:, axis] += np.bincount(source, away[:, axis], minlength=n)
            force[:, axis] -= np.bincount(target, away[:, axis], minlength=n)
        force -= gravity * mass[:, None] * at
        swing = np.hypot(*(force - before).T)
        traction = np.hypot(*(force + before).T) / 2
        wanted = float((mass * traction).sum() / max(float((mass * swing).sum()), 1e-12))
        speed = min(wanted, 1.5 * speed)
        step = speed / (1 + speed * np.sqrt(swing))
        # None goes further in one round than a tenth of the picture.
        far = np.hypot(*force.T) * step
        most = 0.1 * max(float(np.abs(at).max()), 1e-9)
        at += force * (step * np.minimum(1, most / np.maximum(far, 1e-12)))[:, None]
        before = force
    return at


def _pusher(mass: Floats) -> Callable[[Floats], Floats]:
    """Places -> what all others push: the sum of mass times mass over distance."""
    from scipy.fft import irfft2, next_fast_len, rfft2

    side = next_fast_len(2 * GRID)
    offset = np.fft.fftfreq(side, 1 / side)
    dx, dy = np.meshgrid(offset, offset, indexing="ij")
    square = dx**2 + dy**2
    square[0, 0] = 1
    kernels = [rfft2(one / square) for one in (dx, dy)]

    def push(at: Floats) -> Floats:
        low = at.min(axis=0)
        cell = max(float(np.ptp(at, axis=0).max()), 1e-9) / (GRID - 2)
        place = (at - low) / cell
        corner = np.floor(place).astype(np.int64)
        share = place - corner
        charge = np.zeros(GRID * GRID)
        shares = []
        for i in (0, 1):
            for j in (0, 1):
                part = np.abs(1 - i - share[:, 0]) * np.abs(1 - j - share[:, 1])
                flat = (corner[:, 0] + i) * GRID + corner[:, 1] + j
                shares.append((flat, part))
                charge += np.bincount(flat, mass * part, minlength=GRID * GRID)
        spectrum = rfft2(charge.reshape(GRID, GRID), s=(side, side))
        found = np.empty((len(at), 2))
        for axis, kernel in enumerate(kernels):
            field = irfft2(spectrum * kernel, s=(side, side))[:GRID, :GRID].ravel()
            found[:, axis] = np.sum([part * field[flat] for flat, part in shares], axis=0)
        return found * (mass / cell)[:, None]

    return push


def _fitted(at: Floats) -> Floats:
    """The middle at 0, nearly all within 1; what lies far out is drawn near, in its direction."""
    at = at - np.median(at, axis=0)
    radius = np.hypot(*at.T)
    edge = float(np.quantile(radius, 0.985)) or 1.0
    radius = np.maximum(radius / edge, 1e-12)
    drawn = np.where(radius > 1, 1 + 0.25 * np.log(radius), radius)
    return at / edge * (drawn / radius)[:, None]


def _apart(at: Floats, rounds: int = 8) -> Floats:
    """Accounts that stand on each other moved a little, so that each can be seen and pointed at."""
    from scipy.spatial import cKDTree

    if len(at) < 2:
        return at
    at = at + 1e-6 * _sunflower(np.arange(len(at), dtype=np.float64)) / np.sqrt(len(at))
    near = 0.9 / np.sqrt(len(at))
    for _ in range(rounds):
        # Each is held against its nearest few: pairs within reach grow with the square where many pile up.
        distance, other = cKDTree(at).query(at, k=min(7, len(at)))
        distance, other = distance[:, 1:], other[:, 1:]
        away = at[:, None, :] - at[other]
        short = np.maximum(near - distance, 0) / np.maximum(distance, 1e-9) / 2
        at = at + (away * short[:, :, None]).sum(axis=1) * 0.7
    return at


def _unpiled(centre: Floats, radius: Floats, rounds: int = 60) -> Floats:
    """Circles moved until they hardly overlap; the biggest few hundred, for the others are dust."""
    some = np.argsort(-radius, kind="stable")[:400]
    at, wide = centre[some].copy(), radius[some]
    reach = wide[:, None] + wide[None, :]
    for _ in range(rounds):
        away = at[:, None, :] - at[None, :, :]
        distance = np.hypot(away[..., 0], away[..., 1])
        np.fill_diagonal(distance, np.inf)
        short = np.maximum(reach - distance, 0) / np.maximum(distance, 1e-9)
        # The smaller of two gives way.
        yields = wide[None, :] / reach
        at += 0.5 * (away * (short * yields)[:, :, None]).sum(axis=1) / 2
    found = centre.copy()
    found[some] = at
    return found


def _sunflower(number: Floats) -> Floats:
    """[n, 2]: places that fill a disc evenly, in the order of their numbers."""
    radius = np.sqrt(number + 0.5)
    return np.stack([radius * np.cos(GOLDEN * number), radius * np.sin(GOLDEN * number)], axis=1)


def _ring(n: int, inner: float) -> Floats:
    """[n, 2]: places that fill a ring evenly, from an inner radius outwards."""
    width = 0.35 if inner else 1.0
    number = np.arange(n)
    radius = np.sqrt(inner**2 + ((inner + width) ** 2 - inner**2) * (number + 0.5) / n)
    return np.stack([radius * np.cos(GOLDEN * number), radius * np.sin(GOLDEN * number)], axis=1)
