"""Images of drafts: files that lie with the drafts, and are images by what is in them."""

from __future__ import annotations

import os
import re
import unicodedata
import warnings
from pathlib import Path, PurePosixPath

from PIL import Image, UnidentifiedImageError

from benchmark.files import opened
from desk.drafts.limits import LARGEST_IMAGE, MOST_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]+:)?//|data:", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\0-\x1f\x7f]")
_OUT = "leads out of the folder of the drafts. Put the image beside them, or below"
_SMALL = (256, 256)
"""A JPEG is decoded at a fraction of its size: enough to see that it is whole."""


def file_inside(folder: Path, told: str) -> Path | str:
    """Where a file lies that drafts name, or the reason why none is taken.

    Args:
        told: its path from the folder; an absolute one must lead into it.
    """
    if _CONTROL.search(told):
        return "a path with a control character"
    if _ADDRESS.match(told):
        return "is an address, and images are read from disk alone. Save it beside the drafts"
    if _DRIVE.match(told) and os.name != "nt":
        return _OUT
    path = told.replace("\\", "/")
    if ".." in PurePosixPath(path).parts:
        return _OUT
    root = folder.resolve()
    # One system writes an accent as a character of its own, another does not.
    composed, apart = (unicodedata.normalize(form, path) for form in ("NFC", "NFD"))
    for name in dict.fromkeys((path, path.strip(), composed, apart)):
        try:
            real = (root / name).resolve()
            if not real.is_relative_to(root):
                return _OUT
            if real.is_file():
                return real
            if real.exists():
                return "no regular file"
        except (OSError, RuntimeError, ValueError) as error:  # a circle of links, too long a name
            return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return "no such file"


def image_problem(path: Path) -> str:
    """Why this is no image that can be judged; empty if it is one."""
    try:
        with opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            if not size:
                return "the file is empty"
            if size > LARGEST_IMAGE:
                told = f"{size / 1e6:,.1f} MB, and an image has at most {LARGEST_IMAGE / 1e6:,.0f}"
                return f"{told}. Save it smaller"
            # Pillow warns of many pixels; they are counted here.
            with warnings.catch_warnings(action="ignore"), Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    return _too_many(f"{image.width:,} x {image.height:,} pixels")
                image.draft("RGB", _SMALL)
                image.load()
    except UnidentifiedImageError:
        return f"no image of {', '.join(FORMATS[:-1])} or {FORMATS[-1]}. Save it as one of them"
    except Image.DecompressionBombError:
        return _too_many("too many pixels")
    except PermissionError:
        return "cannot be read: permission denied"
    except Exception as error:  # on hostile bytes Pillow's decoders raise almost anything
        return f"a damaged image ({type(error).__name__}). Save it again"
    return ""


def _too_many(told: str) -> str:
    return f"{told}, and an image has at most {MOST_PIXELS / 1e6:,.0f} million. Save it smaller"
