"""Thumbnails: images of drafts as a few kilobytes within the page."""

from __future__ import annotations

import base64
import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps

from benchmark.files import opened
from desk.drafts.images import FORMATS
from desk.drafts.limits import MOST_PIXELS

LARGEST = 240
"""Pixels of the longer side."""
_QUALITY = 80


def data_uri(path: Path) -> str | None:
    """The image, made small, upright and without what its camera wrote; None where it cannot be shown."""
    small = io.BytesIO()
    try:
        with (
            opened(path) as file,
            warnings.catch_warnings(action="ignore"),
            Image.open(file, formats=FORMATS) as image,
        ):
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (2 * LARGEST, 2 * LARGEST))
            upright = ImageOps.exif_transpose(image)
            clear = "A" in upright.getbands() or "transparency" in upright.info
            shown = upright.convert("RGBA" if clear else "RGB")
            shown.thumbnail((LARGEST, LARGEST))
            shown.save(small, "WEBP", quality=_QUALITY, icc_profile=b"")
    except (
        Exception
    ):  # on hostile bytes Pillow's decoders raise almost anything; the page says that it has none
        return None
    return f"data:image/webp;base64,{base64.b64encode(small.getvalue()).decode()}"
