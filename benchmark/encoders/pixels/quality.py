"""Technical quality of images: sharpness, noise, exposure, contrast, colour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.encoders.decode import Frame
from benchmark.encoders.hardware import cpu_threads
from benchmark.encoders.images import encode_images
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.encoders.pixels.edges import LUMINANCE

FRAME = Frame(256, crop=1, shape="whole")
"""All images are measured at one size: sharpness and noise depend on it."""
DARK, BRIGHT = 8, 247
"""Luminance, of 255, at and beyond which a pixel counts as clipped."""
MEASURES = (
    "sharpness", "noise", "brightness", "dark", "bright", "contrast", "saturation", "colourfulness",
)  # fmt: skip


class Quality(Encoder):
    """Eight measures of the whole image, scaled to 256 pixels on its longer side.

    - sharpness: ln(1 + variance of the Laplacian of the luminance)
    - noise: standard deviation of noise, Immerkaer 1996, "Fast noise variance estimation"; luminance 0..255
    - brightness, contrast: mean and standard deviation of the luminance, in 0..1
    - dark, bright: shares of pixels clipped at either end
    - saturation: mean of (max - min) / max of the channels
    - colourfulness: Hasler and Suesstrunk 2003, "Measuring colourfulness in natural images", over 100
    """

    name, modality, encoding, dim = "quality", "image", "quality", len(MEASURES)
    only_precision = "float32"

    def files(self) -> list[Path]:
        return []

    def encode(self, items: Sequence[Path | None]) -> Encoded:
        """float16 [n, 8], in the order of `MEASURES`."""
        threads = cpu_threads(self.threads)
        return encode_images(
            items, FRAME, self.dim, threads, lambda images: [measured(one) for one in images]
        )


def measured(pixels: NDArray[np.uint8]) -> list[float]:
    """`MEASURES` of uint8 [height, width, 3]."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    red, green, blue = planes.astype(np.float32)
    grey = LUMINANCE[0] * red + LUMINANCE[1] * green + LUMINANCE[2] * blue
    laplacian, second = _laplacian(grey)
    highest = planes.max(axis=0)
    spread = highest - planes.min(axis=0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    colours = np.hypot(red_green.std(), yellow_blue.std())
    colours += 0.3 * np.hypot(red_green.mean(), yellow_blue.mean())
    return [
        float(np.log1p(laplacian.var())) if laplacian.size else 0.0,
        float(np.abs(second).mean() * np.sqrt(np.pi / 2) / 6) if second.size else 0.0,
        float(grey.mean() / 255),
        float((grey <= DARK).mean()),
        float((grey >= BRIGHT).mean()),
        float(grey.std() / 255),
        float((spread / np.maximum(highest, 1)).mean()),
        float(colours / 100),
    ]


def _laplacian(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of the inner pixels: the Laplacian, and Immerkaer's difference of two, which is blind to structure."""
    centre = grey[1:-1, 1:-1]
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    corners = grey[:-2, :-2] + grey[:-2, 2:] + grey[2:, :-2] + grey[2:, 2:]
    return edges - 4 * centre, corners - 2 * edges + 4 * centre
