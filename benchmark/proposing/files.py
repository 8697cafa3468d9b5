"""Files: which of those below a folder hold the posts, and the pattern of a card that means them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.declared.layout import Layout
from benchmark.errors import CardError, DataError, listed
from benchmark.proposing.table import Table, read_table
from benchmark.proposing.words import IDS, TIMES, kind_of_count, says
from benchmark.readers.compressed import ending
from benchmark.readers.decoding import decode
from benchmark.readers.json_rows import read_objects
from benchmark.readers.parquet import read_parquet
from benchmark.readers.paths import TABLES, RawFile, is_left_beside

IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
_JSON = {".json", ".jsonl", ".ndjson"}
_NO_DATA = re.compile(r"(readme|licen[cs]e|requirements|codebook|package(-lock)?|info)\b.*", re.IGNORECASE)
_A_HOME = {"prepared", "runs"}
_DELIMITERS = ("::::", ":::", "::", "|||", "||", ";;", "~", "^", "\x01")
_OF_TIME = {"year", "month", "day", "date", "hour", "dt", "week", "minute"}
_MOST_BYTES = 400_000_000
_FEW = 40
"""Files of a pattern that are looked at, where all of them would be too much."""


@dataclass
class Inventory:
    """What lies in a folder."""

    folder: Path
    tables: list[str] = field(default_factory=list)
    """Paths below the folder."""
    images: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass
class Group:
    """Files of one shape, which are stacked."""

    paths: list[str]
    names: frozenset[str]
    layout: dict[str, Any]
    """Words of `[table]`, but for `files`."""
    notes: list[str] = field(default_factory=list)
    captured: tuple[str, ...] = ()
    pattern: str = ""
    table: Table = field(default_factory=Table)


def inventory(folder: Path) -> Inventory:
    """Every file below a folder; hidden ones, cards and the home of results are passed over."""
    found = Inventory(folder)
    for place, below, names in os.walk(folder):
        here = Path(place)
        below[:] = sorted(
            name
            for name in below
            if not (name.startswith((".", "__")) or set(_children(here / name)) >= _A_HOME)
        )
        for name in sorted(names):
            shown = (here / name).relative_to(folder).as_posix()
            suffix = Path(name).suffix.lower()
            if is_left_beside(name) or suffix in (".toml", ".md", ".py", ".ipynb", ".lock"):
                continue
            if suffix in IMAGES:
                found.images.append(shown)
            elif _ending(here / name) in TABLES and not _NO_DATA.fullmatch(name):
                found.tables.append(shown)
            else:
                found.others.append(shown)
    return found


def chosen_group(found: Inventory, only: str | None = None) -> Group:
    """The files that hold the posts: those whose columns look like an id, a time and a count.

    Args:
        only: the one file that was named.

    Raises:
        CardError: no file here is a table, or none has a row.
        DataError: a file that was chosen cannot be read.
    """
    paths = [only] if only else found.tables
    if not paths:
        there = listed(found.others or found.images, 6) or "it is empty"
        raise CardError(
            f"{found.folder}: no table here (a file that ends in {listed(sorted(TABLES))}); {there}"
        )
    groups = _groups(found.folder, paths)
    best = max(groups, key=lambda one: (_promise(one.names), _bytes(found.folder, one.paths)))
    best.pattern, best.captured = pattern_of(best.paths, best.names)
    files = [RawFile(found.folder / one, one, _captured(best.pattern, one)) for one in best.paths]
    if len(files) > _FEW and _bytes(found.folder, best.paths) > _MOST_BYTES:
        best.notes.append(f"looked at {_FEW} of {len(files):,} files")
        files = files[:: len(files) // _FEW]
    best.table = read_table(files, Layout.model_validate(best.layout))
    if not best.table.rows:
        raise CardError(f"{found.folder / best.paths[0]}: no row in it")
    others = [path for one in groups if one is not best for path in one.paths]
    if others:
        best.notes.append(f"other tables, not read: {listed(others, 6)}")
    return best


def pattern_of(paths: Sequence[str], columns: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
    """The pattern of a card that means these files, and the names that it captures.

    `country=BR/a_1.csv`, `country=DE/a_2.csv` -> `country={country}/a_*.csv`. What the files have as a
    column, and parts of a date, are not captured.
    """
    split = [path.split("/") for path in paths]
    if len(paths) == 1:
        return paths[0], ()
    if len({len(parts) for parts in split}) > 1:
        shared = split[0][: _alike([parts[:-1] for parts in split])]
        return "/".join([*shared, "**", _star([parts[-1] for parts in split])]), ()
    pattern, captured = [], []
    for level in zip(*split, strict=True):
        if len(set(level)) == 1:
            pattern.append(level[0])
            continue
        keys = {part.partition("=")[0] if "=" in part else "" for part in level}
        key = re.sub(r"[^a-z0-9_]", "", next(iter(keys)).lower()) if len(keys) == 1 else ""
        if key and key not in columns and key not in _OF_TIME:
            pattern.append(f"{next(iter(keys))}={{{key}}}")
            captured.append(key)
        else:
            pattern.append(_star(level))
    return "/".join(pattern), tuple(captured)


def _star(names: Sequence[str]) -> str:
    """`a_1.csv`, `a_22.csv` -> `a_*.csv`."""
    if len(set(names)) == 1:
        return names[0]
    before = names[0][: _alike(names)]
    ends = [name[len(before) :][::-1] for name in names]
    after = ends[0][: _alike(ends)][::-1]
    before = re.sub(r"[0-9]+$", "", before) if len(before) > 2 else ""  # two letters are chance
    return f"{before}*{re.sub(r'^[0-9]+(?=.*[.])', '', after)}"


def _alike(several: Sequence[Sequence[str]]) -> int:
    """How many of the first letters (or parts) they have in common."""
    levels = zip(*several, strict=False)
    return next((i for i, level in enumerate(levels) if len(set(level)) > 1), min(map(len, several)))


def _captured(pattern: str, path: str) -> dict[str, str]:
    names = re.findall(r"\{(\w+)\}", pattern)
    parts = re.split(r"(\*\*/|\*|\{\w+\})", pattern)
    known = {"**/": "(?:.*/)?", "*": "[^/]*"}
    said = "".join(
        known.get(part) or ("([^/]+)" if re.fullmatch(r"\{\w+\}", part) else re.escape(part))
        for part in parts
    )
    match = re.fullmatch(said, path)
    return dict(zip(names, match.groups(), strict=True)) if match else {}


def _groups(folder: Path, paths: Sequence[str]) -> list[Group]:
    """Files with the same columns; of JSON, those of one folder.

    Raises:
        DataError: no file can be read as a table; tells of the first.
    """
    groups: dict[Any, Group] = {}
    json_folders: dict[str, Group] = {}
    wrong: list[DataError] = []
    for path in paths:
        kind = _ending(folder / path)
        general = f"{re.sub(r'[^/]*=[^/]*|[0-9]+', '*', path.rpartition('/')[0])}{kind}"
        if kind in _JSON and general in json_folders:
            json_folders[general].paths.append(path)
            continue
        try:
            found = shape(folder / path)
        except DataError as error:
            wrong.append(error)
            continue
        key = (found.names, kind, str(found.layout))
        if key in groups:
            groups[key].paths.append(path)
        else:
            groups[key] = Group([path], found.names, found.layout)
        if kind in _JSON:
            json_folders[general] = groups[key]
    if not groups and wrong:
        raise wrong[0]
    return list(groups.values())


@dataclass(frozen=True)
class Shape:
    """How one file is laid out."""

    names: frozenset[str]
    """Of its columns."""
    layout: dict[str, Any] = field(default_factory=dict)
    """The words of a layout that it takes to read it."""


def shape(path: Path) -> Shape:
    """What a file looks like.

    Raises:
        DataError: it cannot be read, or its first line names no columns.
    """
    kind = _ending(path)
    if kind == ".parquet":
        return Shape(frozenset(map(str, read_parquet(path))))
    if kind in _JSON:
        return _json_shape(path)
    lines = decode(path).text.split("\n", 40)[:40]
    if lines[0].lower().startswith("sep=") and len(lines) > 1:
        lines = lines[1:]
    header = lines[0].rstrip("\r")
    several = next((mark for mark in _DELIMITERS if _cuts(mark, header, lines[1:])), None)
    mark = several or max(",;\t|", key=header.count)
    names = [one.strip().strip('"') for one in header.split(mark)]
    if _no_header(names):
        raise DataError(
            f"the first line looks like a row and not like names: {listed(names, 6)}",
            file=path,
            mend="Write the names of the columns into a first line, or a card with `names` in [table]",
        )
    return Shape(frozenset(names), {"delimiter": several} if several else {})


def _cuts(mark: str, header: str, lines: Sequence[str]) -> bool:
    """Whether a mark that no reader would guess stands equally often in every line."""
    return header.count(mark) > 0 and all(
        line.count(mark) == header.count(mark) for line in lines[:-1] if line.strip()
    )


def _no_header(names: Sequence[str]) -> bool:
    numbers = sum(re.fullmatch(r"\W*\d[\d.,:TZ\s+-]*", name) is not None for name in names)
    long = sum(len(name) > 60 or len(name.split()) > 8 for name in names)
    return (numbers > 0 and numbers >= len(names) / 3) or long > len(names) / 2


def _json_shape(path: Path) -> Shape:
    objects, _ = read_objects(path)
    names = frozenset(key for one in objects[:200] for key in one)
    where, length, inner = _longest_list(objects[0]) if objects else ("", 0, frozenset())
    if length >= 2 and (len(objects) < 3 or _promise(inner) > _promise(names)):
        around = {f"document.{key}" for key in objects[0]}
        return Shape(inner | around, {"rows": where})
    return Shape(names)


def _longest_list(document: dict[str, Any], at: str = "", depth: int = 0) -> tuple[str, int, frozenset[str]]:
    """Dotted path, length and names of the fields of the longest list of objects in an object."""
    best: tuple[str, int, frozenset[str]] = ("", 0, frozenset())
    for key, value in document.items():
        path = f"{at}.{key}" if at else str(key)
        if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value[:50]):
            found = (path, len(value), frozenset(name for entry in value[:50] for name in entry))
        elif isinstance(value, dict) and depth < 4:
            found = _longest_list(value, path, depth + 1)
        else:
            continue
        best = max(best, found, key=lambda one: one[1])
    return best


def _promise(names: frozenset[str]) -> int:
    """How much the columns look like those of posts."""
    return (
        2 * any(kind_of_count(name) for name in names)
        + any(says(name, TIMES) for name in names)
        + any(says(name, IDS) for name in names)
    )


def _bytes(folder: Path, paths: Sequence[str]) -> int:
    return sum((folder / path).stat().st_size for path in paths)


def _ending(path: Path) -> str:
    try:
        return ending(path)
    except DataError:  # an archive of several files
        return path.suffix.lower()


def _children(folder: Path) -> list[str]:
    try:
        return [one.name for one in folder.iterdir()]
    except OSError:
        return []
