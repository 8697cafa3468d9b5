"""Listing: which files of a raw folder are exports of tweets, and which lie there besides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import DataError, listed

TABLES = frozenset({".csv", ".tsv"})
OBJECTS = frozenset({".json", ".jsonl", ".ndjson"})
ARCHIVES = frozenset({".js"})

_ARCHIVED = re.compile(rb"(?:\xef\xbb\xbf)?\s*window\.YTD\.tweets?\.part\d+\s*=")
_OTHER_DATA = frozenset(
    {".parquet", ".xlsx", ".xls", ".ods", ".gz", ".bz2", ".xz", ".zip", ".7z", ".rar", ".html"}
    | {".db", ".sqlite", ".pkl", ".pickle", ".feather", ".part", ".crdownload", ".bak"}
)
_NO_DATA = ("~$", "._", ".")


@dataclass(frozen=True)
class Listing:
    exports: list[Path]
    """In the order of their names, those of archives in subfolders last."""
    left_aside: list[str]
    """What might hold tweets and is not read."""


def exports(folder: Path, beside: set[str]) -> Listing:
    """Tables and JSON files in `folder`, and parts of Twitter archives there and up to three folders below.

    Args:
        folder: or a single file.
        beside: names of files that hold something else.

    Raises:
        DataError: there is none.
    """
    if folder.is_file():
        return Listing([folder], [])
    found, aside = [], []
    for path in sorted(folder.glob("*")):
        suffix = path.suffix.lower()
        if system_file(path.name) or path.name in beside or path.is_dir():
            continue
        if suffix in TABLES | OBJECTS or (suffix in ARCHIVES and is_archive(path)):
            found.append(path)
        elif suffix in _OTHER_DATA:
            aside.append(path.name)
    for depth in ("*/", "*/*/", "*/*/*/"):
        below = sorted(folder.glob(f"{depth}tweet*.js"))
        found += [path for path in below if not _hidden(path, folder) and is_archive(path)]
    for suffix in sorted(TABLES | OBJECTS):
        nested = sorted(folder.glob(f"*/*{suffix}"))
        aside += [str(path.relative_to(folder)) for path in nested if not _hidden(path, folder)]
    if not found:
        besides = f"; there are {listed(aside, 5)}" if aside else ""
        problem = f"no CSV, TSV or JSON file and no tweets.js here{besides}"
        raise DataError(problem, file=folder, mend="Put the export there, unpacked")
    return Listing(found, [name for name in aside if name not in beside])


def system_file(name: str) -> bool:
    """Made by an operating system or an office program beside the files of people: `._tweets.csv` holds what
    a Mac knows of `tweets.csv`, `~$tweets.csv` who has it open."""
    return name.startswith(_NO_DATA) or name.lower() in ("desktop.ini", "thumbs.db")


def is_archive(path: Path) -> bool:
    """Whether a script holds tweets of Twitter's archive; others hold likes, followers, deleted tweets."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return bool(_ARCHIVED.match(file.read(200)))


def _hidden(path: Path, folder: Path) -> bool:
    return any(system_file(part) or part == "__MACOSX" for part in path.relative_to(folder).parts)
