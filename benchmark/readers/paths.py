"""Paths: which files below a raw folder a pattern of a card means, and what their paths say of their rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.declared.layout import CAPTURE, as_glob
from benchmark.errors import DataError, listed
from benchmark.readers.compressed import ending

TABLES = {".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson", ".json"}
"""Endings of the files that a pattern means which names no ending itself."""
_NO_TABLES = (
    ".xlsx",
    ".xls",
    ".ods",
    ".db",
    ".sqlite",
    ".tar",
    ".tar.gz",
    ".tgz",
    ".7z",
    ".rar",
    ".dta",
    ".sav",
)
_BESIDE = re.compile(r"\._|~\$|\.|desktop\.ini$|thumbs\.db$", re.IGNORECASE)
"""Beginnings of names of files that macOS, Office and Windows leave beside data."""


@dataclass(frozen=True)
class RawFile:
    """A file with rows in it."""

    path: Path
    shown: str
    """Its name in messages and reports: the path below the raw folder."""
    captured: dict[str, str]
    """What its path says: the value of each `{name}` of the pattern, the same for all of its rows."""


def is_left_beside(name: str) -> bool:
    """Whether a file of this name is none of the data: `._posts.csv`, `~$posts.xlsx`, `.DS_Store`."""
    return _BESIDE.match(name) is not None


def raw_files(raw: Path, pattern: str = "*", leave_out: Sequence[str] = ()) -> list[RawFile]:
    """The files that a pattern means, by path. A raw file that is no folder is the one file itself.

    Args:
        leave_out: patterns of files that hold something else.

    Raises:
        DataError: there is none; tells what there is.
    """
    if raw.is_file():
        return [RawFile(raw, raw.name, {})]
    own, others = _expression(pattern), [_expression(one) for one in leave_out]
    found = []
    last = pattern.rpartition("/")[2]
    named = CAPTURE.sub("", last).strip("*?") != ""
    for path in sorted(raw.glob(as_glob(pattern))):
        shown = path.relative_to(raw).as_posix()
        if path.is_dir() or is_left_beside(path.name) or any(one.fullmatch(shown) for one in others):
            continue
        if "." not in last and ending(path) not in TABLES and (path.suffix or not named):
            continue
        if match := own.fullmatch(shown):  # not so where a `{name}` would be empty
            found.append(RawFile(path, shown, match.groupdict()))
    if not found:
        there = sorted(path.name for path in raw.iterdir() if not is_left_beside(path.name))
        wanted = (
            f"no file here is '{pattern}'" if pattern != "*" else f"no file ends in {listed(sorted(TABLES))}"
        )
        held = f"; there is {listed(there, 8)}" if there else "; it is empty"
        mend = "Put it there or correct the pattern in the card"
        if any((raw / name).is_dir() for name in there):
            mend = 'Say in [table] of the card in which folders files are: files = "**/*" (all below)'
        if any(name.lower().endswith(_NO_TABLES) for name in there):
            mend = (
                "Export workbooks and databases as CSV, unpack archives, or correct the pattern in the card"
            )
        raise DataError(wanted + held, file=raw, mend=mend)
    return found


def _expression(pattern: str) -> re.Pattern[str]:
    """What a path below the raw folder looks like that the pattern means."""
    parts = re.split(r"(\*\*/|\*|\?|\{[^{}/]*\})", pattern)
    known = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    said = (
        known.get(part) or (f"(?P<{part[1:-1]}>[^/]+)" if CAPTURE.fullmatch(part) else re.escape(part))
        for part in parts
    )
    return re.compile("".join(said), re.DOTALL)
