"""Table: the columns of a stranger's files as they stand there, those inside objects by dotted names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.declared.layout import Layout, Value
from benchmark.readers.columns import is_missing
from benchmark.readers.identifiers import as_id
from benchmark.readers.json_rows import DOCUMENT
from benchmark.readers.paths import RawFile
from benchmark.readers.raw import ReadReport
from benchmark.readers.rows import Rows, listed_value, read_rows

_MOST_COLUMNS = 400
_LOOKED_INTO = 200
"""Values, evenly spaced, that say whether a column holds objects."""
_DEEPEST = 3


@dataclass(frozen=True)
class Seen:
    """One column of the files."""

    source: str
    cells: list[Any]

    @cached_property
    def given(self) -> list[Any]:
        """The values that are not missing."""
        return [value for value in self.cells if not is_missing(value)]

    @cached_property
    def counts(self) -> Counter[str]:
        """Text of each value that is not missing -> how often."""
        return Counter(
            str(value).strip() if not isinstance(value, float) else as_id(value) for value in self.given
        )

    @property
    def distinct(self) -> int:
        return len(self.counts)

    @cached_property
    def is_list(self) -> bool:
        """Whether it holds lists (or cells of a CSV that are written as such)."""
        some = [listed_value(value) for value in _spread(self.given)]
        return bool(some) and sum(isinstance(one, list | np.ndarray) for one in some) > 0.9 * len(some)

    @cached_property
    def words(self) -> float:
        """Mean number of words of a value."""
        some = _spread([value for value in self.given if isinstance(value, str)])
        return float(np.mean([len(one.split()) for one in some])) if some else 0.0

    @cached_property
    def letters(self) -> float:
        some = _spread(self.given)
        return float(np.mean([len(str(one)) for one in some])) if some else 0.0


@dataclass
class Table:
    """All rows of the files that belong together."""

    columns: dict[str, Seen] = field(default_factory=dict)
    rows: int = 0
    files: list[str] = field(default_factory=list)
    """Of each row."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Column -> why the card cannot name it."""

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.columns.values())


def read_table(files: Sequence[RawFile], layout: Layout) -> Table:
    """Every row of every file.

    Raises:
        DataError: a file cannot be read.
    """
    report = ReadReport()
    read = [rows for file in files if len(rows := read_rows(file, report, layout))]
    table = Table(
        rows=sum(map(len, read)), files=[rows.file.shown for rows in read for _ in range(len(rows))]
    )
    if not read:
        return table
    everywhere = Counter(str(name) for rows in read for name in rows.table)
    for name, files_with_it in everywhere.items():
        if files_with_it < len(read):
            table.left_out[name] = f"in {files_with_it:,} of {len(read):,} files alone"
    for name in everywhere:
        if name not in table.left_out:
            for source in _below(read, name):
                table.columns[source] = Seen(source, _values(read, source))
            if len(table.columns) > _MOST_COLUMNS:
                break
    return table


def _values(read: Sequence[Rows], source: str) -> list[Any]:
    wanted = Value(source=(source,), missing=())
    return [value for rows in read for value in rows.values(wanted, source)[1]]


def _below(read: Sequence[Rows], name: str, depth: int = 0) -> Iterator[str]:
    """The names of what lies in a column: its own, or those of the fields of its objects."""
    values = (
        [value for rows in read for value in rows.values(Value(source=(name,)), name)[1]]
        if depth
        else [value for rows in read for value in rows.table[name].tolist()]
    )
    some = [listed_value(value) for value in _spread([value for value in values if not is_missing(value)])]
    objects = [one for one in some if isinstance(one, Mapping)]
    entries = [entry for one in some if isinstance(one, list) for entry in one if isinstance(entry, Mapping)]
    if not some or depth >= _DEEPEST or len(objects) + len(entries) == 0:
        if not (depth and objects):
            yield name
        return
    if objects and len(objects) >= 0.9 * len(some):
        for field_ in dict.fromkeys(key for one in objects for key in one):
            if isinstance(field_, str) and "." not in field_ and field_:
                yield from _below(read, f"{name}.{field_}", depth + 1)
    elif entries and name != DOCUMENT:
        for field_ in ("text", "name", "tag", "title", "username", "screen_name"):
            if all(isinstance(entry.get(field_), str) for entry in entries):
                yield f"{name}.{field_}"
                return


def _spread(values: Sequence[Any]) -> list[Any]:
    """Up to so many of them, evenly spaced."""
    return list(values[:: max(1, len(values) // _LOOKED_INTO)][: _LOOKED_INTO + 1])


def shown_path(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
