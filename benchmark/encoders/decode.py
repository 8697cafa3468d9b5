"""Decoding of images: files that came from anywhere become small squares of pixels, or a reason why not.

Threads do it: Pillow decodes and resizes without holding the interpreter's lock, so threads are as fast as
processes, start at once, and may be used from a process that has a model loaded.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

# Plain raster formats. Pillow knows others, some of which call external programs.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
MAX_PIXELS = 89_478_485
"""More are refused unread: Pillow's own limit against decompression bombs (256 MiB of RGB)."""
CROP = 0.875
"""Share of the shorter side that is kept, as in the evaluation of ImageNet models."""

Decoded = np.ndarray | str
"""uint8 [side, side, 3], or the reason why there is none."""


def decode(path: Path | None, side: int) -> Decoded:
    """The central square of an image, resized to `side` pixels. Never raises: a broken file is a reason."""
    if path is None:
        return "no image"
    if not path.is_file():
        return "file missing"
    try:
        with Image.open(path, formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return "too many pixels"
            # A JPEG is read at 1/2, 1/4 or 1/8 of its size where that is still enough.
            image.draft("RGB", (round(side / CROP), round(side / CROP)))
            return _central_square(image.convert("RGB"), side)
    except UnidentifiedImageError:
        return "not an image"
    except Image.DecompressionBombError:
        return "too many pixels"
    except PermissionError:
        return "file not readable"
    except Exception:  # on hostile bytes Pillow's decoders raise almost anything
        return "damaged image"


def decoded_batches(
    paths: Sequence[Path | None], side: int, *, batch: int, threads: int
) -> Iterator[list[Decoded]]:
    """Decode in batches, the next one while the caller works on the present one."""
    with (
        # Pillow warns of odd files; they are counted by reason instead.
        warnings.catch_warnings(action="ignore"),
        ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool,
    ):
        ahead = None
        for start in range(0, len(paths), batch):
            chunk = paths[start : start + batch]
            following = pool.map(decode, chunk, [side] * len(chunk))
            if ahead is not None:
                yield list(ahead)
            ahead = following
        if ahead is not None:
            yield list(ahead)


def _central_square(image: Image.Image, side: int) -> np.ndarray:
    width, height = image.size
    half = min(width, height) * CROP / 2
    box = (width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0))
