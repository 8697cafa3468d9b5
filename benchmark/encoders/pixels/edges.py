"""Edges: where luminance changes, how strongly, and in which direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601."""
BLUR = 1.5
"""Pixels: the standard deviation of the Gaussian whose derivative is taken. It is what makes the direction of
an edge exact to a fraction of a degree."""
OF_CONTRAST, FAINTEST = 0.1, 1.0
"""An edge climbs this share of the image's own standard deviation of luminance a pixel, so that a dark image
has no fewer of them; and at least so much of 255, which grain does not."""


def grey(pixels: NDArray[np.uint8]) -> Floats:
    """Luminance 0..255, float32 [height, width], of uint8 [height, width, 3]."""
    luminance: Floats = pixels.astype(np.float32) @ LUMINANCE
    return luminance


def slopes(luminance: Floats) -> tuple[Floats, Floats]:
    """Change a pixel to the right, and downwards."""
    from scipy.ndimage import gaussian_filter

    right = gaussian_filter(luminance, BLUR, order=(0, 1), mode="nearest")
    down = gaussian_filter(luminance, BLUR, order=(1, 0), mode="nearest")
    return right, down


def strong(luminance: Floats, right: Floats, down: Floats) -> NDArray[np.bool_]:
    """Which pixels lie on an edge."""
    least = max(FAINTEST, OF_CONTRAST * float(luminance.std()))
    edges: NDArray[np.bool_] = np.hypot(right, down) > least
    return edges
