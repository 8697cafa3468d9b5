"""Typed: raw values -> one column of a declared role. A value that does not fit is an error, since whoever
wrote the card can mend either side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.card import Target
from benchmark.declared.column import Column
from benchmark.declared.fact_table import FactColumn
from benchmark.declared.layout import NumberFormat
from benchmark.readers import columns, identifiers, moments
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.rows import listed_value
from benchmark.readers.written import in_doubt
from benchmark.scale import OF_COUNTS

_TRUTHS = {"true", "false"}
_HASHTAG = re.compile(r"#[^\s#]+")
_HASHTAGS = re.compile(r"\s*(?:#[^\s#,;|]+\s*){2,}")
_SEPARATORS = "|;,"
"""Of tags; on a tie the first, which is the least likely within a tag."""


def typed_column(
    values: list[Any], column: Column | FactColumn, name: str, origin: Origin, report: ReadReport
) -> pd.Series:
    """Values of one column of posts or facts.

    Args:
        name: what the file calls it.

    Raises:
        DataError: a value that its role cannot have; says in how many rows.
    """
    match column.role:
        case "id" | "user" | "post":
            return identifiers.ids(values, name, origin, any_word=column.missing == ())
        case "time" | "known_at":
            return moments.times(values, name, origin, column.format, column.zone)
        case "numeric":
            return _numbers(values, name, origin, column.number_format, report, counts=False)
        case "place":
            return columns.places(values, name, origin)
        case "text":
            return columns.texts(values, name, origin)
        case "tags":
            separator = column.separator if isinstance(column, Column) else None
            return columns.tags(_tag_lists(values, separator, name, report), name, origin)
        case "category":
            level = column.level if isinstance(column, Column) else None
            columns.refuse_objects(values, name, origin, "level of a category")
            return columns.levels(_levels(values, level, name, report))
        case "vector":
            return columns.vectors([listed_value(value) for value in values], name, origin, report)
        case "image":
            columns.refuse_objects(values, name, origin, "path of an image")
            return columns.levels(_each(values, lambda path: path.replace("\\", "/")))
        case "categorical":
            return _categorical(values, name, origin, report)


def typed_target(
    values: list[Any], target: Target, name: str, origin: Origin, report: ReadReport
) -> pd.Series:
    """float64 labels, NaN where there is none.

    Raises:
        DataError: a value that is no number, or that may be two; says in how many rows.
    """
    counts = target.scale in OF_COUNTS
    labels = _numbers(values, name, origin, target.format, report, counts=counts)
    if counts and not target.readings and len(odd := np.flatnonzero(labels.notna() & (labels % 1 != 0))):
        first = f"first {labels.iloc[odd[0]]:g} at {origin.place(int(odd[0]))}"
        report.note(f"column '{name}': {len(odd):,} labels are no whole numbers, {first}")
    return labels


def _numbers(
    values: list[Any],
    name: str,
    origin: Origin,
    format: NumberFormat | None,
    report: ReadReport,
    *,
    counts: bool,
) -> pd.Series:
    """Numbers, of a column of yes and no 1 and 0."""
    truths = [i for i, value in enumerate(values) if _is_truth(value)]
    if truths:
        first = truths[0]
        if counts or any(not columns.is_missing(value) and not _is_truth(value) for value in values):
            problem, mend = "yes or no is no number here", "Correct `source` in the card, or mend the row"
            value = values[first]
            raise origin.error(first, problem, column=name, value=value, mend=mend, rows=len(truths))
        report.note(f"column '{name}': true is read as 1, false as 0")
        values = [None if columns.is_missing(value) else _truth(value) for value in values]
    if format is None and (doubtful := in_doubt(values, counts=counts)):
        i = doubtful[0]
        whole = values[i].strip().replace(".", "")
        raise origin.error(
            i,
            f"may be a fraction, or {int(whole):,} with a point between the thousands: nothing in the column "
            "tells which",
            column=name,
            value=values[i],
            rows=len(doubtful),
            mend='Say in the card format = "people" if it is a fraction, format = "people_comma" if not',
        )
    return columns.numbers(values, name, origin, format=format)


def _is_truth(value: object) -> bool:
    if isinstance(value, str):
        return len(value) < 8 and value.strip().lower() in _TRUTHS
    return isinstance(value, bool | np.bool_)


def _truth(value: object) -> float:
    return float(str(value).strip().lower() == "true")


def _categorical(values: list[Any], name: str, origin: Origin, report: ReadReport) -> pd.Series:
    """Booleans when every value is one (or spells one as `true` or `false`), else strings."""
    columns.refuse_objects(values, name, origin, "level")
    given = {str(value).strip().lower() for value in values if not columns.is_missing(value)}
    if given and given <= _TRUTHS:
        return columns.flags(values, name, origin, report)
    return columns.levels(values)


def _tag_lists(values: list[Any], separator: str | None, name: str, report: ReadReport) -> list[Any]:
    """Tags as lists where they are lists, or where a mark separates them: the same mark in the whole column,
    since a comma may stand inside a tag."""
    given = [listed_value(value) for value in values]
    if separator is None:
        given = [_hashtags(value) for value in given]
    strings = [value for value in given if isinstance(value, str)]
    if separator is None:
        counts = Counter({mark: sum(mark in value for value in strings) for mark in _SEPARATORS})
        separator = max(_SEPARATORS, key=lambda mark: counts[mark])
        if not counts[separator]:
            return given
        if others := {mark: count for mark, count in counts.items() if count and mark != separator}:
            inside = ", ".join(f"'{mark}' in {count:,}" for mark, count in others.items())
            report.note(
                f"column '{name}': tags are taken to be separated by '{separator}', as in "
                f"{counts[separator]:,} rows ({inside} is part of a tag)"
            )
    return [
        [tag.strip() for tag in value.split(separator) if tag.strip()] if isinstance(value, str) else value
        for value in given
    ]


def _hashtags(value: object) -> object:
    """`#red #leaf` as the list that it is."""
    return _HASHTAG.findall(value) if isinstance(value, str) and _HASHTAGS.fullmatch(value) else value


def _levels(values: list[Any], level: int | None, name: str, report: ReadReport) -> list[Any]:
    """One level of category paths, which are lists or written as `Animals > Dogs > Poodle`."""
    paths = [listed_value(value) for value in values]
    if level is not None:
        paths = _cut_paths(paths, level, name, report)
    depth = (level or 1) - 1
    return [
        (path[depth] if depth < len(path) else None) if isinstance(path, list | np.ndarray) else path
        for path in paths
    ]


def _cut_paths(paths: list[Any], level: int, name: str, report: ReadReport) -> list[Any]:
    """Written paths as lists. Among more of them than words a word is a path of one step; else it is the
    level itself, as where there is a column a level."""
    cut = [[part.strip() for part in one.split(">")] if isinstance(one, str) else one for one in paths]
    longer = [i for i, one in enumerate(paths) if isinstance(one, str) and ">" in one]
    words = [i for i, one in enumerate(paths) if isinstance(one, str) and ">" not in one and one.strip()]
    steps = len(longer) > len(words)
    if longer and words:
        report.note(
            f"column '{name}': {len(words):,} words among {len(longer):,} paths are taken for "
            f"{'paths of one step' if steps else f'level {level}'}, first {paths[words[0]][:40]!r}"
        )
    kept = set() if steps else set(words)
    return [one if i in kept else cut[i] for i, one in enumerate(paths)]


def _each(values: list[Any], change: Callable[[str], str]) -> list[Any]:
    return [change(value) if isinstance(value, str) else value for value in values]
