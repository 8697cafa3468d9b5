"""Signatures: what a file is that is no text, whatever it is called."""

from __future__ import annotations

from pathlib import Path

from benchmark.errors import DataError

_UNPACK = "Unpack it into a folder of its own"
_EXPORT = "Export what is in it as CSV"
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive, as Excel's workbooks are", f"{_EXPORT}, or call it .zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of Office", _EXPORT),
    (b"\x1f\x8b\x08", "compressed by gzip", "Call it .gz, or unpack it"),
    (b"\xfd7zXZ\x00", "compressed by xz", "Call it .xz, or unpack it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "Call it .zst, or unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a rar archive", _UNPACK),
    (b"PAR1", "a Parquet file", "Call it .parquet"),
    (b"SQLite format 3\x00", "a database of SQLite", _EXPORT),
    (b"%PDF-", "a PDF", "Fetch the data that it shows"),
    (b"<!doctype html", "a web page", "It is what the server answered in place of the file: fetch it again"),
    (b"<html", "a web page", "It is what the server answered in place of the file: fetch it again"),
    (
        b"version https://git-lfs.github.com/spec/",
        "a pointer of Git LFS",
        "Give `git lfs pull` in its folder",
    ),
)
"""First bytes, what a file is that has them, and what to do. Letters count in either case."""
_TAR = (257, b"ustar")


def refuse_what_is_no_text(raw: bytes, path: Path) -> None:
    """
    Raises:
        DataError: the content, decompressed, is that of another kind of file.
    """
    beginning = raw[:64].lstrip().lower()
    found = next(
        ((what, mend) for first, what, mend in _BEGINNINGS if beginning.startswith(first.lower())), None
    )
    if raw[_TAR[0] : _TAR[0] + len(_TAR[1])] == _TAR[1]:
        found = ("a tar archive", _UNPACK)
    if found:
        what, mend = found
        again = f"Call it {path.suffix.lower()}," in mend
        mend = "It was compressed twice: unpack it once" if again else mend
        raise DataError(f"is {what}, and no text", file=path, mend=mend)
