"""Decoding: text files that are not the valid UTF-8 they ought to be."""

from __future__ import annotations

import codecs
import itertools
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmark.errors import DataError
from benchmark.readers.compressed import ENDINGS, decompressed
from benchmark.readers.signatures import refuse_what_is_no_text

_REPLACEMENT = "\ufffd"
_MARK = "\ufeff"
"""Byte order mark; some files have two."""
_END_OF_DOS = "\x1a"
_WIDE = (
    ((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), "utf-32"),
    ((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-16"),
)
"""The first two bytes of the former are those of the latter."""
_MOST_BROKEN = 0.2
"""Share of the characters beyond ASCII. Tolerated in what is taken for damaged UTF-8; of a text in
Windows-1252 that is taken for UTF-8 nearly all are broken."""
_SAMPLE = 200_000
"""Bytes."""
_LEAST_TYPOGRAPHIC = 0.05
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿŒœŠšŽž¡¿«»°ºª€£©®™·´–—‘’‚“”„…•\xa0"
)


@dataclass(frozen=True)
class Decoded:
    text: str
    note: str | None
    """What had to be mended, None for valid UTF-8."""


def decode(path: Path, encoding: str | None = None) -> Decoded:
    """Text of a file; bytes that mean nothing become U+FFFD and are counted in the note.

    Without a named encoding it is UTF-8, with or without a byte order mark, or what it looks like. What is
    almost UTF-8 is taken as such. A file that went through Excel on a Mac is a known case (the
    FiveThirtyEight tweets are): its UTF-8 was taken for Windows-1252 and saved as Mac Roman, once or twice
    over; most of that can be undone, and then nearly all of it is UTF-8. Anything else is guessed by
    charset-normalizer, and the note says so.

    Raises:
        DataError: the file is empty or cannot be opened, is another kind of file or ends in zero bytes, or it
            is not in the encoding named.
    """
    raw = read_bytes(path)
    found = _named(raw, encoding, path) if encoding is not None else _found(raw)
    text = found.text.lstrip(_MARK).removesuffix(_END_OF_DOS)
    if zeros := len(text) - len(text.rstrip("\0")):
        problem = f"ends in {zeros:,} zero bytes: it was never written to its end"
        raise DataError(problem, file=path, mend="Fetch it again, or cut them off")
    if "\0" not in text:
        return Decoded(text, found.note)
    told = f"{text.count(chr(0)):,} zero bytes replaced"
    return Decoded(text.replace("\0", _REPLACEMENT), f"{found.note}; {told}" if found.note else told)


def wide_encoding(raw: bytes) -> str | None:
    """`utf-16` or `utf-32` if it begins with the mark of one, or with a row of plain letters in one."""
    for marks, name in _WIDE:
        if raw.startswith(marks):
            return name
    for name, plain, empty in (
        ("utf-16-le", raw[:32:2], raw[1:32:2]),
        ("utf-16-be", raw[1:32:2], raw[:32:2]),
    ):
        if len(empty) > 3 and not any(empty) and all(plain):
            return name
    return None


def _found(raw: bytes) -> Decoded:
    if wide := wide_encoding(raw):  # Excel's "Unicode text"
        text = raw.decode(wide, errors="replace")
        return Decoded(text, f"read as {wide[:6].upper()}; {_counted(text)}")
    try:
        return Decoded(raw.decode("utf-8-sig"), None)
    except UnicodeDecodeError:
        pass
    text = raw.decode("utf-8-sig", errors="replace")
    if _share(text, _REPLACEMENT.__eq__) <= _MOST_BROKEN:
        return Decoded(text, f"not valid UTF-8; {_counted(text)}")
    for times in (1, 2):
        undone = _resaved(raw, times).decode("utf-8", errors="replace")
        if _share(undone, _typographic) >= _LEAST_TYPOGRAPHIC:
            mended = f"after undoing {times} re-saving(s) from Windows-1252 to Mac Roman"
            return Decoded(undone, f"not valid UTF-8; {_counted(undone)}, {mended}")
    return _guessed(raw)


def _named(raw: bytes, encoding: str, path: Path) -> Decoded:
    try:
        return Decoded(raw.decode(encoding), None)
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        mend = "Correct `encoding` in the card, or leave it out"
        raise DataError(f"not {encoding} at byte {error.start}", file=path, row=row, mend=mend) from None


def _guessed(raw: bytes) -> Decoded:
    """By the lines that are more than ASCII. charset-normalizer takes short texts of Western Europe for other
    code pages, so those are looked for first."""
    from charset_normalizer import from_bytes

    telling, size = [], 0
    for line in raw.split(b"\n"):
        if not line.isascii():
            telling.append(line)
            size += len(line)
        if size > _SAMPLE:
            break
    sample = b"\n".join(telling)
    found = None if _western(sample.decode("cp1252", errors="replace")) else from_bytes(sample).best()
    encoding = found.encoding if found else "cp1252"
    text = raw.decode(encoding, errors="replace")
    told = f"not UTF-8: looks like {encoding} and is read so; {_counted(text)}"
    return Decoded(text, f"{told}. Where letters look wrong, name the `encoding` in the card")


def _western(text: str) -> bool:
    """Whether this is how Windows-1252 reads when it is what it was written in: letters with accents stand
    singly among plain ones, and nothing else does that those languages do not use."""
    odd = _share(text, lambda letter: letter not in _WESTERN)
    pairs = sum(
        1 for one, two in itertools.pairwise(text) if one > "\x7f" < two and one.isalpha() and two.isalpha()
    )
    letters = sum(1 for letter in text if letter > "\x7f" and letter.isalpha())
    return odd <= 0.05 and pairs <= 0.2 * letters


def _typographic(letter: str) -> bool:
    """Curly quotes, dashes, dots and emoji: three bytes or four in UTF-8, which nothing else looks like."""
    return "\u2010" <= letter <= "\u2044" or letter >= "\U0001f000"


def _share(text: str, holds: Callable[[str], bool]) -> float:
    """Of the characters beyond ASCII, those of which this holds."""
    beyond = [letter for letter in text if letter > "\x7f"]
    return sum(map(holds, beyond)) / max(len(beyond), 1)


def _counted(text: str) -> str:
    return f"{text.count(_REPLACEMENT)} unreadable characters replaced"


def read_bytes(path: Path) -> bytes:
    """Content of a file that must hold something, decompressed where its name says that it is compressed."""
    check_regular(path)
    try:
        raw = decompressed(path) if path.suffix.lower() in ENDINGS else path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=path) from None
    if not raw or raw.isspace():
        raise DataError("the file is empty", file=path, mend="Fetch it again")
    refuse_what_is_no_text(raw, path)
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
