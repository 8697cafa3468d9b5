"""Packed: the data of a page as they lie in it, gzip in base64: of many rows a third of their text."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib

FULLEST = 1_000_000_000
"""Bytes of data that are unpacked at most: a page may come from anywhere."""


def packed(text: str) -> str:
    """ASCII, and nothing in it ends a script element; the same for the same text and zlib."""
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode("ascii")


def unpacked(told: str) -> str:
    """What was packed.

    Raises:
        ValueError: it is not packed, is damaged, or is more than `FULLEST`.
    """
    try:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # of gzip
        data = stream.decompress(base64.b64decode(told, validate=True), FULLEST)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"packed data that are damaged: {error}") from None
    if not stream.eof:
        raise ValueError("packed data that are cut short, or too many")
    return data.decode()
