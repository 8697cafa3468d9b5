"""Horizon: the longest straight edge that is nearly level, and by how much it is not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.pixels.edges import Floats

MOST_DEGREES = 20.0
"""A line that rises more steeply is no horizon that anybody would have wanted level."""
STEP_DEGREES = 0.5
AGREES = 5.0
"""Degrees: a pixel votes for the lines that its own direction is that near to."""
NEAR = 2.0
"""Pixels: so near to a line lies what is an edge of it."""
LEAST_PIXELS = 8
"""Of an edge, to be fitted."""


Line = NDArray[np.float64]


class Horizon(NamedTuple):
    degrees: float
    """By which the line rises from left to right; 0 where there is none."""
    share: float
    """Of the columns of the image, those in which the line is an edge: how sure it is, 0..1."""


LEVEL = Horizon(0.0, 0.0)


def horizon(right: Floats, down: Floats, edges: NDArray[np.bool_]) -> Horizon:
    """By a Hough transform in which a pixel votes only for lines of its own direction (Ballard 1981,
    "Generalizing the Hough transform to detect arbitrary shapes"), refined by a line of least squares.

    Args:
        right, down: slopes [height, width]. edges: which pixels are on an edge.
    """
    height, width = edges.shape
    y, x = np.nonzero(edges & _crests(np.abs(down)))
    slope_right, slope_down = right[y, x], down[y, x]
    # An edge runs across its slope. y grows downwards: a line that rises has a slope to the right and down.
    own = np.degrees(np.arctan2(slope_right * np.sign(slope_down), np.abs(slope_down)))
    level = np.abs(own) <= MOST_DEGREES
    if level.sum() < LEAST_PIXELS:
        return LEVEL
    of = x[level] - width / 2, y[level].astype(np.float64), own[level].astype(np.float64)
    angle, crossing = _winner(*of, height)
    on = _on_line(*of, angle, crossing)
    for _ in range(3):
        if on.sum() < LEAST_PIXELS or np.ptp(of[0][on]) < LEAST_PIXELS:
            return LEVEL
        gradient, crossing = np.polyfit(of[0][on], of[1][on], 1)
        angle = float(np.degrees(np.arctan(-gradient)))
        on = _on_line(*of, angle, crossing)
    share = len(np.unique(of[0][on])) / width
    return Horizon(angle, share) if abs(angle) <= MOST_DEGREES else LEVEL


def _crests(steepness: Floats) -> NDArray[np.bool_]:
    """Where an edge is steepest on the way down. Without it, an edge is as wide as the blur, and any line
    through such a band fits."""
    crests = np.zeros(steepness.shape, bool)
    crests[1:-1] = (steepness[1:-1] >= steepness[:-2]) & (steepness[1:-1] > steepness[2:])
    return crests


def _winner(x: Line, y: Line, own: Line, height: int) -> tuple[float, float]:
    """Angle of the line with the most votes, and where it crosses the middle column."""
    best, found = -1.0, (0.0, 0.0)
    for angle in np.arange(-MOST_DEGREES, MOST_DEGREES + STEP_DEGREES / 2, STEP_DEGREES):
        votes = np.abs(own - angle) <= AGREES
        crossings = np.round(y[votes] + x[votes] * np.tan(np.radians(angle))).astype(np.int64)
        # Lines may cross the middle outside of the image by what a steep one climbs on the way.
        inside = crossings[(crossings >= 0) & (crossings < height)]
        if not len(inside):
            continue
        counts = np.bincount(inside, minlength=height)
        if counts.max() > best:
            best, found = float(counts.max()), (float(angle), float(counts.argmax()))
    return found


def _on_line(x: Line, y: Line, own: Line, angle: float, crossing: float) -> NDArray[np.bool_]:
    off = np.abs(y + x * np.tan(np.radians(angle)) - crossing)
    on: NDArray[np.bool_] = (off <= NEAR) & (np.abs(own - angle) <= AGREES)
    return on
