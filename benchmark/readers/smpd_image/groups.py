"""Groups: the raw values of one file by column, whatever the file's format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import DataError
from benchmark.readers.json_pieces import columns_by_name, rows_by_column
from benchmark.readers.json_rows import checked_objects, read_json, read_objects
from benchmark.readers.raw import Origin, ReadReport, numbered


class Group(ABC):
    """Values of one file, a list a column; column names count in any case."""

    def __init__(self, path: Path, origin: Origin, names: Iterable[str]) -> None:
        self.path, self.origin = path, origin
        self._names = {name.lower(): name for name in names}

    def __len__(self) -> int:
        return len(self.origin.rows)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def names(self) -> list[str]:
        return list(self._names.values())

    def take(self, *names: str, compulsory: bool = False) -> list[Any]:
        """Values of the first of these columns that holds any, or None for each row. Take a column only once.

        Raises:
            DataError: there is none of these columns, and it is compulsory.
        """
        present = [self._names[name.lower()] for name in names if name in self]
        if compulsory and not present:
            problem = f"no row has the key '{names[0]}'"
            raise DataError(problem, file=self.path, column=names[0], mend="Fetch the file again")
        for name in present:
            values = self._column(name)
            if any(value is not None for value in values):
                return values
        return [None] * len(self)

    @abstractmethod
    def _column(self, name: str) -> list[Any]: ...


class Objects(Group):
    """An object a row."""

    def __init__(self, path: Path, origin: Origin, rows: list[dict[str, Any]]) -> None:
        super().__init__(path, origin, set(chain.from_iterable(rows)))
        self._rows = rows

    def _column(self, name: str) -> list[Any]:
        return [row.get(name) for row in self._rows]


class Columns(Group):
    """A list a column, given away when it is taken: its strings are freed as soon as they are typed."""

    def __init__(self, path: Path, origin: Origin, columns: dict[str, list[Any]]) -> None:
        super().__init__(path, origin, columns)
        self._columns = columns

    def _column(self, name: str) -> list[Any]:
        return self._columns.pop(name)


def read_json_group(kind: str, path: Path, report: ReadReport) -> Group:
    """A list of objects or, as for the user data, an object of columns.

    Raises:
        DataError: it is neither.
    """
    if (rows := rows_by_column(path)) is not None:
        by_key, count = rows
        return Columns(path, numbered(path.name, count), by_key)
    columns = columns_by_name(path) if kind == "user" else None
    if columns is None:
        document = read_json(path)
        if kind != "user" or isinstance(document, list):
            objects = checked_objects(document, path)
            return Objects(path, numbered(path.name, len(objects)), objects)
        columns = _by_column(document, path)
    count = max(map(len, columns.values()), default=0)
    for name, values in columns.items():
        if len(values) != count:
            problem = f"{len(values)} rows, but another column has {count}"
            raise DataError(problem, file=path, column=name, mend="Fetch the file again")
    return Columns(path, numbered(path.name, count), columns)


def read_lines_group(kind: str, path: Path, report: ReadReport) -> Group:
    """An object a line."""
    objects, rows = read_objects(path)
    return Objects(path, Origin(path.name, np.array(rows, dtype=np.int64)), objects)


def _by_column(table: object, path: Path) -> dict[str, list[Any]]:
    """`{"photo_count": {"0": 1, "1": 5}}` -> `{"photo_count": [1, 5]}`."""
    if not isinstance(table, dict):
        raise DataError(f"an object of columns was expected, not {type(table).__name__}", file=path)
    result = {}
    for key in list(table):
        column = table.pop(key)
        if not isinstance(column, dict):
            raise DataError('{"0": value, "1": value, ...} was expected', file=path, column=key, value=column)
        try:
            order = sorted(column, key=int)
        except ValueError:
            raise DataError("row numbers are not all whole numbers", file=path, column=key) from None
        result[key] = [column[row] for row in order]
    return result
