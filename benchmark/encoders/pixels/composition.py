"""Composition of images: where the subject is, how much else there is, and whether the horizon is level."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.decode import Frame
from benchmark.encoders.hardware import cpu_threads
from benchmark.encoders.images import encode_images
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.pixels.edges import Floats, grey, slopes, strong
from benchmark.encoders.pixels.horizon import horizon
from benchmark.encoders.pixels.saliency import middle_share, saliency, subject

FRAME = Frame(256, crop=1, shape="whole")
"""All images are measured at one size: how many edges there are depends on it."""
MEASURES = (
    "subject_x", "subject_y", "off_thirds", "centred", "clutter", "tilt", "horizon", "symmetry", "aspect",
)  # fmt: skip
FARTHEST = np.sqrt(2) / 3
"""From a corner to the nearest of the four points of thirds, in sides of the image."""


class Composition(Encoder):
    """Nine measures of the whole image, scaled to 256 pixels on its longer side.

    - subject_x, subject_y: centre of the saliency, from the left and from the top, in 0..1: `saliency.py`
    - off_thirds: from there to the nearest crossing of the lines of thirds: 0 on it, 0.5 in the middle of the
      image, 1 in a corner
    - centred: share of the saliency within the central ninth
    - clutter: share of pixels that lie on an edge, the edge density of Rosenholtz, Li and Nakano 2007,
      "Measuring visual clutter"
    - tilt: degrees by which the longest nearly level edge rises to the right: `horizon.py`
    - horizon: share of the width along which that edge runs: below a half, tilt is no measure of a horizon
    - symmetry: correlation of the luminance with that of the mirrored image, -1..1; 1 if it is even
    - aspect: width over height, 1/16 to 16
    """

    name, modality, encoding, dim = "composition", "image", "composition", len(MEASURES)
    requires = ("scipy",)
    only_precision = "float32"

    def files(self) -> list[Path]:
        return []

    def encode(self, items: Sequence[Path | None]) -> Encoded:
        """float16 [n, 9], in the order of `MEASURES`."""
        threads = cpu_threads(self.threads)
        return encode_images(
            items, FRAME, self.dim, threads, lambda images: [measured(one) for one in images]
        )


def measured(pixels: NDArray[np.uint8]) -> list[float]:
    """`MEASURES` of uint8 [height, width, 3]."""
    height, width = pixels.shape[:2]
    salient = saliency(pixels)
    x, y = subject(salient)
    luminance = grey(pixels)
    right, down = slopes(luminance)
    edges = strong(luminance, right, down)
    line = horizon(right, down, edges)
    return [
        x,
        y,
        float(min(np.hypot(x - a, y - b) for a in (1 / 3, 2 / 3) for b in (1 / 3, 2 / 3)) / FARTHEST),
        middle_share(salient),
        float(edges.mean()),
        line.degrees,
        line.share,
        _symmetry(luminance),
        float(np.clip(width / height, 1 / 16, 16)),
    ]


def _symmetry(luminance: Floats) -> float:
    apart = luminance - luminance.mean()
    spread = float((apart * apart).mean())
    return float((apart * apart[:, ::-1]).mean() / spread) if spread > 1e-2 else 1.0
