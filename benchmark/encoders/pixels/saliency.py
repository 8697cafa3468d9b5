"""Saliency: where an image differs from what is around, and so where people look first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIDE = 64
"""Pixels on the longer side of the map."""
CENTRES, SURROUND = (1.0, 2.0, 4.0), 4.0
"""Standard deviations of the centres at that size, and of their surroundings in those of the centre."""
PEAKED = 3
"""The subject's centre is that of the saliency to this power: what stands out most decides, and the rest of
the picture, which is everywhere, does not pull it to the middle."""


def saliency(pixels: NDArray[np.uint8]) -> Floats:
    """float32 [height, width], at most `SIDE` on a side, the sum 1; even where nothing stands out.

    Differences of centre and surround in luminance and two opponent colours, over three scales: Itti, Koch
    and Niebur 1998, "A model of saliency-based visual attention", without its orientations; at the full
    resolution of the map, as Montabone and Soto 2010, "Human detection using a mobile platform and novel
    features derived from a visual saliency mechanism".

    Args:
        pixels: uint8 [height, width, 3].
    """
    from scipy.ndimage import gaussian_filter

    red, green, blue = _small(pixels).transpose(2, 0, 1)
    found = np.zeros_like(red)
    for channel in ((red + green + blue) / 3, red - green, (red + green) / 2 - blue):
        for centre in CENTRES:
            inner = gaussian_filter(channel, centre, mode="nearest")
            found += np.abs(inner - gaussian_filter(channel, centre * SURROUND, mode="nearest"))
    # Rounding alone makes differences of 1e-5 in an even image.
    found = np.where(found.max() > 1e-2, found, 1).astype(np.float32)
    even: Floats = found / found.sum()
    return even


def subject(map_: Floats) -> tuple[float, float]:
    """Where the subject is: from the left and from the top, each in 0..1."""
    weight = (map_ / map_.max()).astype(np.float64) ** PEAKED
    height, width = map_.shape
    across = weight.sum(axis=0) @ (np.arange(width) + 0.5) / (weight.sum() * width)
    along = weight.sum(axis=1) @ (np.arange(height) + 0.5) / (weight.sum() * height)
    return float(across), float(along)


def middle_share(map_: Floats) -> float:
    """Share of the saliency within the central ninth of the image; 1/9 if it is even."""
    across, along = (_within_middle(size) for size in map_.shape[::-1])
    return float(along @ map_ @ across)


def _within_middle(size: int) -> Floats:
    """[size]: the share of each pixel that lies between a third and two thirds."""
    left = np.arange(size) / size
    inside = np.minimum(left + 1 / size, 2 / 3) - np.maximum(left, 1 / 3)
    return (np.maximum(inside, 0) * size).astype(np.float32)


def _small(pixels: NDArray[np.uint8]) -> Floats:
    """Means over blocks, so that no side is longer than `SIDE`."""
    height, width = pixels.shape[:2]
    step = -(-max(height, width) // SIDE)
    rows, columns = np.arange(0, height, step), np.arange(0, width, step)
    sums = np.add.reduceat(np.add.reduceat(pixels.astype(np.float32), rows, axis=0), columns, axis=1)
    tall, wide = np.diff(rows, append=height), np.diff(columns, append=width)
    blocks = tall[:, None, None] * wide[None, :, None]
    means: Floats = (sums / blocks).astype(np.float32)
    return means
