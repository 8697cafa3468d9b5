"""Any table of posts (CSV, TSV, Parquet, JSON lines), described by the card alone.

Each card column and target is taken from the first of its `source` names that the file has, or from a column
of its own name. A value that does not fit the column's role is an error: the user who wrote the card can mend
either side.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from benchmark.card import Card, Column
from benchmark.errors import DataError, did_you_mean, listed
from benchmark.readers import columns
from benchmark.readers.decoding import check_regular
from benchmark.readers.delimited import read_delimited
from benchmark.readers.json_rows import by_column, read_objects
from benchmark.readers.nesting import too_deep
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport

_SUFFIXES = {".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson", ".json"}
_TRUTHS = {"true", "false"}


def read(card: Card, folder: Path) -> Raw:
    """The posts of one file, or of all files of a folder one after the other.

    Raises:
        DataError: a declared column is not in a file (with the nearest that is), or a value does not read
            as its role demands; names file, row, column and value.
    """
    report = ReadReport()
    beside = card.beside_posts()
    paths = [folder] if folder.is_file() else sorted(folder.glob("*"))
    paths = [path for path in paths if path.suffix.lower() in _SUFFIXES and path.name not in beside]
    if not paths:
        raise DataError(f"no file here ends in {', '.join(sorted(_SUFFIXES))}", file=folder)
    frame = pd.concat([_frame(card, path, report) for path in paths], ignore_index=True)
    return Raw(frame, report, images=folder.parent if folder.is_file() else folder)


def read_table(path: Path, report: ReadReport) -> tuple[pd.DataFrame, np.ndarray]:
    """The values of one file as they stand there, and the row number of each record.

    Raises:
        DataError: it cannot be read, or its name has none of the endings of a table.
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise DataError(f"the name of a table ends in one of {', '.join(sorted(_SUFFIXES))}", file=path)
    if suffix in (".csv", ".tsv", ".txt"):
        return read_delimited(path, report)
    if suffix == ".parquet":
        table = _parquet(path)
        numbers = list(range(1, len(table) + 1))
    else:
        objects, numbers = read_objects(path)
        table = pd.DataFrame(by_column(objects, path), dtype=object)
    report.rows[path.name] = len(table)
    return table, np.array(numbers, dtype=np.int64)


def _parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_regular(path)
    try:
        with pq.ParquetFile(path) as file:
            names, rows = file.schema_arrow.names, file.metadata.num_rows
            # A few bytes can say "the same value, a billion times".
            if (needed := 8 * rows * len(names)) > (free := psutil.virtual_memory().available):
                sizes = (
                    f"{rows:,} rows take {needed / 1e9:,.0f} GB, and {free / 1e9:,.0f} GB of memory are free"
                )
                raise DataError(sizes, file=path, mend="Split the file, or read it on a larger machine")
            if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
                raise DataError(f"two columns have the same name: {listed(repeated)}", file=path)
            table = file.read()
        for i, field in enumerate(table.schema):
            if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
                table = table.set_column(i, field.name, table[i].cast(pa.large_string()))
        table.validate(full=True)  # text that is no UTF-8 would be noticed anywhere later on
        return table.to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read as Parquet: {error}", file=path) from None


def column_of(table: pd.DataFrame, names: Sequence[str], path: Path) -> str:
    """The first of these names that the file has.

    Raises:
        DataError: it has none of them; offers the nearest that it has.
    """
    for name in names:
        if name in table:
            return name
    wanted = names[0]
    raise DataError(
        f"no column '{wanted}' in the file{did_you_mean(wanted, map(str, table.columns))}",
        file=path,
        row=1 if path.suffix.lower() in (".csv", ".tsv", ".txt") else None,
        column=wanted,
        mend="Correct the column's `source` in the card",
    )


def _frame(card: Card, path: Path, report: ReadReport) -> pd.DataFrame:
    table, rows = read_table(path, report)
    origin = Origin(path.name, rows)
    frame: dict[str, Any] = {FILE: path.name, ROW: rows}
    for name, column in card.columns.items():
        found = column_of(table, (*column.source, name), path)
        frame[name] = _typed(table[found].tolist(), column, found, origin, report)
    for name, target in card.targets.items():
        found = column_of(table, (*target.source, name), path)
        frame[name] = columns.numbers(table[found].tolist(), found, origin)
    return pd.DataFrame(frame)


def _typed(values: list[Any], column: Column, name: str, origin: Origin, report: ReadReport) -> pd.Series:
    match column.role:
        case "id" | "user":
            return columns.ids(values, name, origin)
        case "time":
            return columns.times(values, name, origin, column.format)
        case "numeric":
            return columns.numbers(values, name, origin)
        case "place":
            return columns.places(values, name, origin)
        case "text":
            return columns.texts(values)
        case "tags":
            return columns.tags([_tag_list(value) for value in values])
        case "category":
            return columns.levels([_level(value, column.level) for value in values])
        case "vector":
            return columns.vectors([_json_list(value) for value in values], name, origin, report)
        case "image":
            return columns.levels(_each(values, lambda path: path.replace("\\", "/")))
        case "categorical":
            return _categorical(values, name, origin, report)


def _categorical(values: list[Any], name: str, origin: Origin, report: ReadReport) -> pd.Series:
    """Booleans when every value is one (or spells one as `true` or `false`), else strings."""
    given = {str(value).strip().lower() for value in values if not columns.is_missing(value)}
    if given and given <= _TRUTHS:
        return columns.flags(values, name, origin, report)
    return columns.levels(values)


def _json_list(value: object) -> object:
    """`["a", "b"]` or `['a', 'b']` as a list; anything else as it is."""
    if not (isinstance(value, str) and value.lstrip().startswith("[")):
        return value
    for parse in (json.loads, ast.literal_eval):
        try:
            parsed = parse(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):  # the last two: too deeply nested
            continue
        return parsed if isinstance(parsed, list) and not too_deep(parsed) else value
    return value


def _tag_list(value: object) -> object:
    """Tags as a list where commas, semicolons or bars separate them; else blanks do."""
    value = _json_list(value)
    if isinstance(value, str):
        for separator in ",;|":
            if separator in value:
                return [tag for tag in value.split(separator) if tag.strip()]
    return value


def _level(value: object, level: int | None) -> object:
    """One level of a category path given as a list or as `Animals > Dogs > Poodle`."""
    path = _json_list(value)
    if isinstance(path, str) and level is not None and ">" in path:
        path = [part.strip() for part in path.split(">")]
    if isinstance(path, (list, np.ndarray)):
        depth = (level or 1) - 1
        return path[depth] if depth < len(path) else None
    return path


def _each(values: list[Any], change: Callable[[str], str]) -> list[Any]:
    return [change(value) if isinstance(value, str) else value for value in values]
