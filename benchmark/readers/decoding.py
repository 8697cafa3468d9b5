"""Decoding: text files that are not the valid UTF-8 they ought to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    try:
        return Decoded(raw.decode("utf-8-sig"), None)
    except UnicodeDecodeError:
        pass
    readings = [(undone, _resaved(raw, undone).decode("utf-8", errors="replace")) for undone in range(3)]
    undone, text = min(readings, key=lambda reading: reading[1].count(_REPLACEMENT))
    note = f"not valid UTF-8; {text.count(_REPLACEMENT)} unreadable characters replaced"
    if undone:
        note += f", after undoing {undone} re-saving(s) from Windows-1252 to Mac Roman"
    return Decoded(text, note)


def read_bytes(path: Path) -> bytes:
    """Content of a file that must hold something."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=path) from None
    if not raw.strip():
        raise DataError("the file is empty", file=path, mend="Fetch it again")
    return raw


def _undone(byte: int) -> int:
    """The byte that Windows-1252 had for what is now this byte of Mac Roman; 0xFF, never valid, for none."""
    written = bytes([byte]).decode("mac_roman").encode("cp1252", errors="ignore")
    return written[0] if written else 0xFF


_UNDO_RESAVING = bytes(_undone(byte) for byte in range(256))


def _resaved(raw: bytes, times: int) -> bytes:
    for _ in range(times):
        raw = raw.translate(_UNDO_RESAVING)
    return raw
