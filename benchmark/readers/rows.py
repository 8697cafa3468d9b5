"""Rows: the values of one raw file as they stand there, and those of one column as a card points at them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.layout import CAPTURE, Layout, Value
from benchmark.errors import DataError, did_you_mean
from benchmark.readers.columns import is_missing
from benchmark.readers.compressed import ending
from benchmark.readers.delimited import read_delimited
from benchmark.readers.identifiers import as_id
from benchmark.readers.json_rows import by_column, read_objects
from benchmark.readers.nesting import too_deep
from benchmark.readers.parquet import read_parquet
from benchmark.readers.paths import RawFile
from benchmark.readers.raw import Origin, ReadReport

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_OF_NUMPY = re.compile(rf"\[\s*(?:{_QUOTED.pattern})(?:\s+(?:{_QUOTED.pattern}))+\s*\]")
"""A list of strings as numpy writes it, without commas."""
_JSON = {".jsonl", ".ndjson", ".json"}


@dataclass(frozen=True)
class Rows:
    """One file. n rows."""

    file: RawFile
    table: pd.DataFrame
    """[n] every column as it stands there, and those that its path says."""
    origin: Origin
    missing: frozenset[str]
    """What stands for a missing value in every column."""
    used: set[str]
    """Columns that have been asked for."""

    def __len__(self) -> int:
        return len(self.table)

    def values(self, wanted: Value, name: str) -> tuple[str, list[Any]]:
        """The column that a value of the card means, under its name in the file, and its n values.

        Args:
            name: what the card calls it: the last of its sources.

        Raises:
            DataError: the file has no such column (offers the nearest), or `extract` finds nothing.
        """
        if wanted.value is not None:
            return name, [wanted.value] * len(self)
        found = self._found((*wanted.source, name))
        first, _, path = self._split(found)
        self.used.add(first)
        values = self.table[first].tolist()
        if path:
            values = [_inside(value, path.split(".")) for value in values]
        codes = self.missing | _codes(wanted.missing or ())
        if codes:
            values = [None if _said(value) in codes else value for value in values]
        if wanted.extract:
            values = self._extracted(values, re.compile(wanted.extract), found)
        return found, values

    def paths(self, template: str) -> tuple[str, list[str | None]]:
        """The template with the values of the columns that it names; None where one of them is missing.

        Raises:
            DataError: the file has no such column.
        """
        names = CAPTURE.findall(template)
        parts = [self.values(Value(source=name), name)[1] for name in names]
        written = CAPTURE.sub("{}", template)
        filled = [
            None if any(map(is_missing, row)) else written.format(*(as_id(one) for one in row))
            for row in zip(*parts, strict=True)
        ]
        return names[-1], filled

    def _found(self, names: Sequence[str]) -> str:
        """The first of these names that the file has."""
        for name in names:
            if self._split(name)[0]:
                return name
        wanted = names[0]
        raise DataError(
            f"no column '{wanted}' in the file{did_you_mean(wanted, map(str, self.table.columns))}",
            file=self.file.path,
            row=1 if ending(self.file.path) not in {*_JSON, ".parquet"} else None,
            column=wanted,
            mend="Correct the column's `source` in the card",
        )

    def _split(self, name: str) -> tuple[str, str, str]:
        """`owner.username` -> the longest beginning that is a column, and the way from there; empty if none
        is."""
        if name in self.table:
            return name, "", ""
        at = name.rfind(".")
        while at > 0:
            if name[:at] in self.table:
                return name[:at], ".", name[at + 1 :]
            at = name.rfind(".", 0, at)
        return "", "", ""

    def _extracted(self, values: list[Any], pattern: re.Pattern[str], column: str) -> list[Any]:
        found = [None if is_missing(value) else pattern.search(str(value)) for value in values]
        wrong = [i for i, one in enumerate(found) if one is None and not is_missing(values[i])]
        if wrong:
            problem = f"nothing in it is '{pattern.pattern}'"
            mend = "Correct `extract` in the card or mend the row"
            raise self.origin.error(
                wrong[0], problem, column=column, value=values[wrong[0]], mend=mend, rows=len(wrong)
            )
        return [one and one[1] for one in found]


def read_rows(file: RawFile, report: ReadReport, layout: Layout) -> Rows:
    """Everything in one file.

    Raises:
        DataError: it cannot be read, or a part of its path is called as one of its columns.
    """
    kind = ending(file.path)
    if kind == ".parquet":
        table = read_parquet(file.path)
        numbers = np.arange(1, len(table) + 1)
    elif kind in _JSON:
        objects, found = read_objects(file.path, layout.rows, report, layout.encoding)
        table = pd.DataFrame(by_column(objects, file.path), dtype=object)
        numbers = np.array(found, dtype=np.int64)
    else:
        table, numbers = read_delimited(file.path, report, layout)
    if kind in _JSON or kind == ".parquet":
        said = [word for word in ("delimiter", "names", "skip") if getattr(layout, word)]
        if said:
            report.note(f"{', '.join(said)}: words of the card that say nothing of {kind} files")
    report.rows.pop(file.path.name, None)
    report.rows[file.shown] = len(table)
    for name, value in file.captured.items():
        if name in table:
            problem = f"'{{{name}}}' of the path and a column of the file have one name"
            raise DataError(problem, file=file.path, column=name, mend="Call it otherwise in `files`")
        table[name] = value
    used = set(file.captured)
    return Rows(file, table, Origin(file.shown, numbers), _codes(layout.missing), used)


def listed_value(value: object) -> object:
    """`["a", "b"]`, `['a', 'b']` or an object written so as what it says; anything else as it is."""
    if not (isinstance(value, str) and value.lstrip()[:1] in ("[", "{")):
        return value
    if _OF_NUMPY.fullmatch(value.strip()):  # Python would take two strings side by side for one
        return [one[1:-1] for one in _QUOTED.findall(value)]
    for parse in (json.loads, ast.literal_eval):
        try:
            parsed = parse(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):  # the last two: too deeply nested
            continue
        return parsed if isinstance(parsed, list | dict) and not too_deep(parsed) else value
    return value


def _inside(value: Any, way: Sequence[str]) -> Any:
    """What lies in an object or a list: a field, an entry by its number, or a field of each entry."""
    for i, part in enumerate(way):
        value = listed_value(value)
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list | np.ndarray) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        elif isinstance(value, list | np.ndarray):
            return [_inside(entry, way[i:]) for entry in value]
        else:
            return None
    return value


def _codes(given: Sequence[str | int | float]) -> frozenset[str]:
    """Each code as text, and a number in both ways that files write it: -99 and -99.0."""
    codes = {str(code).strip() for code in given}
    for code in list(codes):
        try:
            number = float(code)
        except ValueError:
            continue
        if number.is_integer():
            codes |= {str(int(number)), str(number)}
    return frozenset(codes)


def _said(value: object) -> str | None:
    return None if isinstance(value, list | dict | np.ndarray) else str(value).strip()
