"""Fact tables: typed, sorted by the moment from which each row may be known, held against the posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from benchmark.data.said import said_by
from benchmark.declared.card import Card
from benchmark.declared.column import KNOWN_AT
from benchmark.declared.fact_table import FactTable
from benchmark.readers.facts import read_facts
from benchmark.readers.raw import Origin, ReadReport


@dataclass(frozen=True)
class FactRows:
    """One fact table as it goes to disk: by (known_at, then all columns), each row once."""

    table: pa.Table
    report: dict[str, Any]
    """As JSON values: rows read, dropped and kept, their range, and how many name a post or an account that
    is not in the data."""


def fact_rows(card: Card, folders: Mapping[str, Path], posts: pa.Table) -> dict[str, FactRows]:
    """The fact tables that a card declares, by name.

    Facts about posts and accounts that are not in the data are kept: a follower need not post.

    Args:
        folders: where the files of each table lie.
        posts: the prepared posts.

    Raises:
        DataError: a file is missing or wrong, or a fact about a post was known before its publication;
            names file, row, column and value.
    """
    return {name: _rows(declared, folders[name], posts) for name, declared in card.facts.items()}


def _rows(declared: FactTable, folder: Path, posts: pa.Table) -> FactRows:
    if declared.of:
        return _deduplicated(said_by(declared, posts), declared, posts, ReadReport())
    frame, reading = read_facts(declared, folder)
    for name in declared.with_role("post"):
        _check_order(frame, name, posts)
    table = pa.table({name: _array(frame[name]) for name in declared.columns})
    return _deduplicated(table, declared, posts, reading)


def _deduplicated(table: pa.Table, declared: FactTable, posts: pa.Table, reading: ReadReport) -> FactRows:
    # Strings by code points, nulls last: the same order on every machine.
    first = [KNOWN_AT, *(name for name in table.column_names if name != KNOWN_AT)]
    table = table.take(pc.sort_indices(table, sort_keys=[(name, "ascending") for name in first]))
    table = _without_duplicates(table, reading)
    return FactRows(table.combine_chunks(), _report(declared, table, posts, reading))


def _check_order(frame: pd.DataFrame, name: str, posts: pa.Table) -> None:
    """A fact about a post cannot be known before the post is."""
    published = pd.Series(posts["time"].to_numpy(), index=posts["post_id"].to_pylist())
    about = frame[name].map(published)
    early = (frame[KNOWN_AT] < about).to_numpy()
    if early.any():
        i = int(np.flatnonzero(early)[0])
        raise Origin.of(frame).error(
            i,
            f"known before the publication of post '{frame[name][i]}' at {about[i]}",
            column=KNOWN_AT,
            value=str(frame[KNOWN_AT][i]),
            mend="Mend the row; if the time has no milliseconds, round it up",
        )


def _array(values: pd.Series) -> pa.Array:
    if values.dtype.kind == "M":
        return pa.array(values.to_numpy(dtype="datetime64[ms]"), type=pa.timestamp("ms"))
    if values.dtype.kind == "f":
        return pa.array(values.to_numpy() + 0.0, from_pandas=True)  # -0.0 becomes 0.0
    return pa.array(values.astype("str"), type=pa.string(), from_pandas=True)


def _without_duplicates(table: pa.Table, report: ReadReport) -> pa.Table:
    """Rows that repeat another in everything say nothing new. They stand one after the other."""
    if table.num_rows < 2:
        return table
    new = np.zeros(table.num_rows - 1, bool)
    for column in table.columns:
        codes = column.combine_chunks().dictionary_encode(null_encoding="encode")
        new |= np.diff(codes.indices.to_numpy()) != 0
    report.drop("exact duplicate", int((~new).sum()))
    return table.filter(pa.array(np.concatenate([[True], new])))


def _report(declared: FactTable, table: pa.Table, posts: pa.Table, reading: ReadReport) -> dict[str, Any]:
    times = pc.min_max(table[KNOWN_AT])
    in_data = {"post": posts["post_id"], "user": posts["user_id"]}
    strangers = {
        name: table.num_rows - pc.sum(pc.is_in(table[name], in_data[column.role])).as_py()
        for name, column in declared.columns.items()
        if column.role in in_data and table.num_rows
    }
    return {
        "rows_read": reading.rows,
        "dropped": dict(reading.dropped),
        "notes": reading.notes,
        "rows": table.num_rows,
        **({"first": _day(times["min"]), "last": _day(times["max"])} if table.num_rows else {}),
        "not_in_data": strangers,
    }


def _day(moment: pa.Scalar) -> str:
    return str(moment.as_py().isoformat(timespec="seconds"))
