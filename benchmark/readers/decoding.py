"""Decoding: text files that are not the valid UTF-8 they ought to be."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmark.errors import DataError

_REPLACEMENT = "�"


@dataclass(frozen=True)
class Decoded:
    text: str
    note: str | None
    """What had to be mended, None for valid UTF-8."""


def decode(path: Path) -> Decoded:
    """Text of a file; bytes that mean nothing become U+FFFD and are counted in the note.

    A file that went through Excel on a Mac is a known case (the FiveThirtyEight tweets are): its UTF-8 was
    taken for Windows-1252 and saved as Mac Roman, once or twice over. Most of that can be undone, so the
    reading that leaves the fewest unreadable characters wins.

    Raises:
        DataError: the file is empty or cannot be opened.
    """
    raw = read_bytes(path)
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):  # Excel's "Unicode text"
        text = raw.decode("utf-16", errors="replace")
        return Decoded(text, f"read as UTF-16; {text.count(_REPLACEMENT)} unreadable characters replaced")
    try:
        return Decoded(raw.decode("utf-8-sig"), None)
    except UnicodeDecodeError:
        pass
    undone, text = 0, raw.decode("utf-8", errors="replace")
    for times in (1, 2):  # one at a time: a file may be large
        other = _resaved(raw, times).decode("utf-8", errors="replace")
        if other.count(_REPLACEMENT) < text.count(_REPLACEMENT):
            undone, text = times, other
    note = f"not valid UTF-8; {text.count(_REPLACEMENT)} unreadable characters replaced"
    if undone:
        note += f", after undoing {undone} re-saving(s) from Windows-1252 to Mac Roman"
    return Decoded(text, note)


def read_bytes(path: Path) -> bytes:
    """Content of a file that must hold something."""
    check_regular(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=path) from None
    if not raw or raw.isspace():
        raise DataError("the file is empty", file=path, mend="Fetch it again")
    return raw


def check_regular(path: Path) -> None:
    """Nothing is opened but a regular file that fits into memory: a pipe is waited for, a device has no end.

    Raises:
        DataError: it is anything else, is not there, or is larger than the memory that is free.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read: {error}", file=path) from None
    if not stat.S_ISREG(found.st_mode):
        raise DataError("no regular file", file=path, mend="Put a file there")
    if found.st_size > (free := psutil.virtual_memory().available):
        sizes = f"{found.st_size / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB of memory are free"
        raise DataError(sizes, file=path, mend="Split the file, or read it on a larger machine")


def _undone(byte: int) -> int:
    """The byte that Windows-1252 had for what is now this byte of Mac Roman; 0xFF, never valid, for none."""
    written = bytes([byte]).decode("mac_roman").encode("cp1252", errors="ignore")
    return written[0] if written else 0xFF


_UNDO_RESAVING = bytes(_undone(byte) for byte in range(256))


def _resaved(raw: bytes, times: int) -> bytes:
    for _ in range(times):
        raw = raw.translate(_UNDO_RESAVING)
    return raw
