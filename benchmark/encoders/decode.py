"""Decoding of images: files that came from anywhere become a few pixels, or a reason why not.

Threads do it: Pillow decodes and resizes without holding the interpreter's lock, so threads are as fast as
processes, start at once, and may be used from a process that has a model loaded.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

# Plain raster formats. Pillow knows others, some of which call external programs.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
MAX_PIXELS = 89_478_485
"""More are refused unread: Pillow's own limit against decompression bombs (256 MiB of RGB)."""
CROP = 0.875
"""Share of the shorter side that is kept, as in the evaluation of ImageNet models."""

Decoded = np.ndarray | str
"""uint8 [height, width, 3], or the reason why there is none."""


@dataclass(frozen=True)
class Frame:
    """Which part of an image is taken, and the size that it is given."""

    side: int
    """Pixels of the result: of both sides, or, of a whole image, of the longer one."""
    crop: float = CROP
    """Share that is kept around the centre: of the shorter side, or, of a squashed image, of each."""
    shape: Literal["square", "squashed", "whole"] = "square"
    """`square`: the central square; `squashed`: made square; `whole`: all of it, in its proportions."""
    resample: Image.Resampling = Image.Resampling.BICUBIC


def decode(path: Path | None, frame: Frame) -> Decoded:
    """An image as pixels of one size. Never raises: a broken file is a reason."""
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
            needed = round(frame.side / frame.crop)
            image.draft("RGB", (needed, needed))
            return _framed(image.convert("RGB"), frame)
    except UnidentifiedImageError:
        return "not an image"
    except Image.DecompressionBombError:
        return "too many pixels"
    except PermissionError:
        return "file not readable"
    except Exception:  # on hostile bytes Pillow's decoders raise almost anything
        return "damaged image"


def decoded_batches(
    paths: Sequence[Path | None], frame: Frame, *, batch: int, threads: int
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
            following = pool.map(decode, chunk, [frame] * len(chunk))
            if ahead is not None:
                yield list(ahead)
            ahead = following
        if ahead is not None:
            yield list(ahead)


def _framed(image: Image.Image, frame: Frame) -> np.ndarray:
    width, height = image.size
    if frame.shape == "whole":
        scale = frame.side / max(width, height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        return np.asarray(image.resize(size, frame.resample, reducing_gap=3.0))
    squashed = frame.shape == "squashed"
    across = (width if squashed else min(width, height)) * frame.crop / 2
    along = (height if squashed else min(width, height)) * frame.crop / 2
    box = (width / 2 - across, height / 2 - along, width / 2 + across, height / 2 + along)
    return np.asarray(image.resize((frame.side, frame.side), frame.resample, box=box, reducing_gap=3.0))
