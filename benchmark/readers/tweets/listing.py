"""Listing: which files of a raw folder are exports of tweets, and which lie there besides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from benchmark.declared.layout import CAPTURE
from benchmark.errors import DataError, listed
from benchmark.readers.compressed import ENDINGS, decompressed, plain_name
from benchmark.readers.paths import is_left_beside

TABLES = frozenset({".csv", ".tsv"})
OBJECTS = frozenset({".json", ".jsonl", ".ndjson"})
ARCHIVES = frozenset({".js"})

_ARCHIVED = re.compile(rb"(?:\xef\xbb\xbf)?\s*window\.YTD\.tweets?\.part\d+\s*=")
_OTHER_DATA = frozenset(
    {".parquet", ".xlsx", ".xls", ".ods", ".zip", ".7z", ".rar", ".tar", ".tgz", ".html", *ENDINGS}
    | {".db", ".sqlite", ".pkl", ".pickle", ".feather", ".part", ".crdownload", ".bak"}
)


@dataclass(frozen=True)
class Listing:
    exports: list[Path]
    """In the order of their names, those of archives in subfolders last; compressed or not."""
    left_aside: list[str]
    """What might hold tweets and is not read."""


def exports(folder: Path, beside: set[str]) -> Listing:
    """Tables and JSON files in `folder`, and parts of Twitter archives there and up to three folders below.

    Args:
        folder: or a single file.
        beside: patterns of files that hold something else.

    Raises:
        DataError: there is none.
    """
    if folder.is_file():
        return Listing([folder], [])
    found, aside = [], []
    others = {path for pattern in beside for path in folder.glob(CAPTURE.sub("*", pattern))}
    for path in sorted(folder.glob("*")):
        if is_left_beside(path.name) or path in others or path.is_dir():
            continue
        suffix = Path(plain_name(path)).suffix.lower()
        if suffix in TABLES | OBJECTS or (suffix in ARCHIVES and is_archive(path)):
            found.append(path)
        elif path.suffix.lower() in _OTHER_DATA:
            aside.append(path.name)
    for depth in ("*/", "*/*/", "*/*/*/"):
        below = sorted(folder.glob(f"{depth}tweet*.js"))
        found += [path for path in below if not _hidden(path, folder) and is_archive(path)]
    for suffix in sorted(TABLES | OBJECTS):
        nested = sorted(folder.glob(f"*/*{suffix}"))
        nested = [path for path in nested if path not in others and not _hidden(path, folder)]
        aside += [path.relative_to(folder).as_posix() for path in nested]
    if not found:
        besides = f"; there are {listed(aside, 5)}" if aside else ""
        problem = f"no CSV, TSV or JSON file and no tweets.js here{besides}"
        raise DataError(problem, file=folder, mend="Put the export there, unpacked")
    return Listing(found, aside)


def is_archive(path: Path) -> bool:
    """Whether a script holds tweets of Twitter's archive; others hold likes, followers, deleted tweets."""
    if not path.is_file():
        return False
    if path.suffix.lower() in ENDINGS:
        return bool(_ARCHIVED.match(decompressed(path)))
    with path.open("rb") as file:
        return bool(_ARCHIVED.match(file.read(200)))


def _hidden(path: Path, folder: Path) -> bool:
    return any(is_left_beside(part) or part == "__MACOSX" for part in path.relative_to(folder).parts)
