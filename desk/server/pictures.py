"""Pictures: files that came from anywhere are images of a few plain formats, whole, and not too large."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from desk.server.limits import Limits, Refusal

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""Of the content; what a name or a header says is not looked at."""


def check(path: Path, draft: int, limits: Limits) -> None:
    """Look at an image that was handed in for a draft.

    Raises:
        Refusal: 415, no image of these formats; 413, too many pixels; 422, damaged.
    """
    about = f"draft {draft}: its image"
    try:
        # Pillow warns of large and odd files; here they are refused or taken.
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=FORMATS) as image:
            width, height = image.size
            if width * height > limits.pixels:
                most = f"{limits.pixels / 1e6:g} million pixels"
                raise Refusal(413, f"{about} has {width} x {height} pixels; at most {most}", draft=draft)
            image.draft("RGB", (64, 64))  # a JPEG is read whole and decoded at an eighth of its size
            image.load()
    except Refusal:
        raise
    except UnidentifiedImageError:
        raise Refusal(415, f"{about} is no JPEG, PNG, WEBP or GIF by its content", draft=draft) from None
    except Image.DecompressionBombError:
        raise Refusal(413, f"{about} has too many pixels", draft=draft) from None
    except Exception:  # on hostile bytes Pillow's decoders raise almost anything
        raise Refusal(422, f"{about} is damaged or not whole", draft=draft) from None
