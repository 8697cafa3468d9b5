"""Canonical tables: what a reader yields -> typed, sorted, duplicate-free tables of the card's columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmark.data.prepared import ordered
from benchmark.declared.card import Card
from benchmark.declared.column import Column
from benchmark.errors import DataError, did_you_mean, listed
from benchmark.readers.raw import FILE, ROW, Origin, Raw, ReadReport


@dataclass(frozen=True)
class Tables:
    """Row-aligned, sorted by (time, post_id); `origin` says where each row was read."""

    posts: pa.Table
    targets: pa.Table
    origin: Origin


def canonical(card: Card, raw: Raw) -> Tables:
    """The tables that go to disk; undeclared columns are left out and named in the report.

    The columns are taken out of `raw.frame` as they are typed, so that none is in memory twice.

    Raises:
        DataError: a declared column the reader does not yield, ids that clash, labels outside their scale.
    """
    _check_declared(card, raw.frame)
    unused = sorted(set(raw.frame) - set(card.columns) - set(card.measured) - {FILE, ROW})
    frame = _without_duplicates(raw.frame, raw.report)
    order = _order(frame)
    origin = Origin.of(pd.DataFrame({name: frame.pop(name).iloc[order] for name in (FILE, ROW)}))
    labels = {name: frame[name].to_numpy(dtype="float64")[order] for name in card.measured}
    _check_labels(card, labels, origin)
    if unused:
        raw.report.note(f"columns that the card does not declare, left out: {listed(unused)}")
    posts = {name: _array(frame.pop(name).iloc[order], card.columns[name]) for name in ordered(card)}
    targets = {"post_id": posts["post_id"]} | {name: pa.array(one) for name, one in labels.items()}
    return Tables(pa.table(posts), pa.table(targets), origin)


def _order(frame: pd.DataFrame) -> np.ndarray:
    """[rows] places by (time, post_id). Code points, not the locale: the same on every machine."""
    keys = frame[["time", "post_id"]].reset_index(drop=True)
    return keys.sort_values(["time", "post_id"], kind="stable").index.to_numpy()


def _check_declared(card: Card, frame: pd.DataFrame) -> None:
    yielded = [name for name in frame if name not in (FILE, ROW)]
    for name in (*card.columns, *card.measured):
        if name not in yielded:
            raise DataError(
                f"the card declares '{name}', but reader '{card.reader}' yields no such column"
                f"{did_you_mean(name, yielded)}",
                file=card.folder / "card.toml",
                column=name,
                mend="Correct the name in the card or remove it",
            )
    if frame.empty:
        raise DataError("no post is left", file=card.name, mend="Look into the raw files")


def _without_duplicates(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    """Rows that repeat another in everything are dropped; the same id with other content is an error."""
    again = frame["post_id"].duplicated(keep=False)
    if not again.any():
        return frame
    suspects = frame[again]
    content = suspects.drop(columns=[FILE, ROW]).apply(lambda row: repr(row.tolist()), axis=1)
    first: dict[str, int] = {}
    repeated = []
    for i, post_id in zip(suspects.index, suspects["post_id"], strict=True):
        kept = first.setdefault(post_id, i)
        if kept == i:
            continue
        if content[i] != content[kept]:
            there = f"{frame.at[kept, FILE]} row {frame.at[kept, ROW]}"  # noqa: PD008
            count, ids = len(suspects), suspects["post_id"].nunique()
            raise Origin.of(frame.loc[[i]]).error(
                0,
                f"{there} has the same id and other content; {count:,} rows share {ids:,} ids",
                column="post_id",
                value=post_id,
                mend="Keep one row an id. Where they are one post read several times, say in [table] of the "
                'card repeated = "first", "last" or "readings"',
            )
        repeated.append(i)
    report.drop("exact duplicate", len(repeated))
    return frame.drop(index=repeated)


def _check_labels(card: Card, found: Mapping[str, np.ndarray], origin: Origin) -> None:
    for name, target in card.measured.items():
        labels = found[name]
        if (wrong := np.isinf(labels)).any():
            problem, mend = "a label must be finite", "Mend or remove the row"
        elif target.scale == "log1p" and (wrong := labels < 0).any():
            problem = "a label on scale log1p must not be negative"
            mend = 'Mend the rows; or say scale = "signed-log" in the card, or missing = [...] for a code'
        else:
            continue
        i = int(np.flatnonzero(wrong)[0])
        raise origin.error(i, problem, column=name, value=float(labels[i]), mend=mend, rows=int(wrong.sum()))


def _array(values: pd.Series, column: Column) -> pa.Array:
    match column.role:
        case "time":
            return pa.array(values.to_numpy(dtype="datetime64[ms]"), type=pa.timestamp("ms"))
        case "numeric" | "place":
            kind = pa.float32() if column.role == "place" else pa.float64()
            return pa.array(values.to_numpy(dtype="float64", na_value=np.nan), from_pandas=True).cast(kind)
        case "vector":
            return _vectors(values)
        case "text" | "tags":
            return pa.array(values.fillna("").astype("str"), type=pa.string(), from_pandas=True)
        case "category" | "categorical" if isinstance(values.dtype, (pd.BooleanDtype, np.dtypes.BoolDType)):
            return pa.array(values.astype("boolean"), type=pa.bool_(), from_pandas=True)
        case _:
            return pa.array(values.astype("str"), type=pa.string(), from_pandas=True)


def _vectors(values: pd.Series) -> pa.Array:
    """list<float32>; null rows take no room."""
    present = [vector for vector in values if vector is not None]
    lengths = np.array([0 if vector is None else len(vector) for vector in values], dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    if ends[-1] > np.iinfo(np.int32).max:
        raise DataError(f"{ends[-1]} numbers in one vector column are too many", column=str(values.name))
    flat = np.concatenate(present) if present else np.empty(0, dtype=np.float32)
    mask = pa.array([vector is None for vector in values])
    return pa.ListArray.from_arrays(pa.array(ends, type=pa.int32()), pa.array(flat), mask=mask)
