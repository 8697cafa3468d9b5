"""Columns: raw values of any spelling -> one typed pandas column.

Owners write a number as a string, a missing value as "None", a flag as "1". These functions take a sequence
of such values and give a Series of the same length. `None`, `""`, `"None"` and NaN count as missing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmark.errors import DataError
from benchmark.readers.raw import Origin, ReadReport

_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_EARLIEST, _LATEST = pd.Timestamp("1995-01-01"), pd.Timestamp("2100-01-01")
_LARGEST = int(np.finfo(np.float64).max)
_EPOCH_UNITS = {"epoch_seconds": 1000, "epoch_milliseconds": 1}


def is_missing(value: object) -> bool:
    if isinstance(value, str):
        return value.strip() in ("", "None")
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def texts(values: Sequence[Any]) -> pd.Series:
    """Strings; missing is the empty string."""
    return pd.Series(["" if is_missing(v) else str(v) for v in values], dtype="str")


def levels(values: Sequence[Any]) -> pd.Series:
    """Levels of a categorical column as strings; missing is null."""
    return pd.Series(each_once(values, lambda v: None if is_missing(v) else str(v).strip()), dtype="str")


def ids(values: Sequence[Any], column: str, origin: Origin) -> pd.Series:
    """Identifiers as strings (`775`, `775.0` and `"775"` are one id).

    Raises:
        DataError: a missing id.
    """
    for i, value in enumerate(values):
        if isinstance(value, list | dict | np.ndarray):
            problem = "a list or an object is no id"
            raise origin.error(i, problem, column=column, value=value, mend="Give a string or a number")
    result = [_id(value) for value in values]
    for i, value in enumerate(result):
        if value == "":
            raise origin.error(i, "an id is missing", column=column, value=values[i])
    return pd.Series(result, dtype="str")


def numbers(
    values: Sequence[Any], column: str, origin: Origin, lenient: ReadReport | None = None
) -> pd.Series:
    """Finite float64; missing is NaN.

    Args:
        lenient: where to note values that are no finite numbers, which then become NaN.

    Raises:
        DataError: a value that is no finite number, unless lenient.
    """
    try:
        result = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").astype("float64")
    except OverflowError:  # a whole number that no float64 holds
        within = [np.nan if isinstance(v, int) and abs(v) > _LARGEST else v for v in values]
        result = pd.to_numeric(pd.Series(within, dtype=object), errors="coerce").astype("float64")
    suspects = np.flatnonzero(~np.isfinite(result.to_numpy())).tolist()
    wrong = [i for i in suspects if not is_missing(values[i])]
    if wrong and lenient is None:
        raise origin.error(wrong[0], "not a finite number", column=column, value=values[wrong[0]])
    if wrong and lenient is not None:
        _note_nulled(lenient, column, len(wrong), origin.place(wrong[0]), values[wrong[0]])
    result.iloc[suspects] = np.nan
    return result


def places(values: Sequence[Any], column: str, origin: Origin) -> pd.Series:
    """Coordinates: as `numbers`, and small enough for float32, as which they are kept.

    Raises:
        DataError: a value that is no such number.
    """
    result = numbers(values, column, origin)
    if len(wrong := np.flatnonzero(result.abs().to_numpy() > np.finfo(np.float32).max)):
        i = int(wrong[0])
        raise origin.error(i, "no coordinate", column=column, value=values[i], mend="Mend the row")
    return result


def flags(values: Sequence[Any], column: str, origin: Origin, lenient: ReadReport) -> pd.Series:
    """Nullable booleans from 1/0, true/false, yes/no in any case; anything else is null and noted."""
    result = each_once(values, lambda v: _FLAGS.get(str(v).strip().lower().removesuffix(".0")))
    wrong = [i for i, flag in enumerate(result) if flag is None and not is_missing(values[i])]
    if wrong:
        _note_nulled(lenient, column, len(wrong), origin.place(wrong[0]), values[wrong[0]])
    return pd.Series(result, dtype="boolean")


def times(values: Sequence[Any], column: str, origin: Origin, form: str | None = None) -> pd.Series:
    """datetime64[ms], UTC, naive. A time without zone is taken as UTC.

    Args:
        form: `epoch_seconds`, `epoch_milliseconds`, a strptime pattern, or None for ISO 8601.

    Raises:
        DataError: a time that is missing, does not parse, or lies outside 1995-2100.
    """
    given = pd.Series(values)
    if form in _EPOCH_UNITS:
        epoch = pd.to_numeric(given, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
        milliseconds = epoch * _EPOCH_UNITS[form]
        plausible = (milliseconds >= _EARLIEST.value / 1e6) & (milliseconds < _LATEST.value / 1e6)
        parsed = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ms]")
        parsed[plausible] = np.round(milliseconds[plausible]).astype("int64").astype("datetime64[ms]")
    else:
        try:
            parsed = pd.to_datetime(given, format=form or "ISO8601", utc=True, errors="coerce")
        except (ValueError, re.error) as error:
            raise DataError(
                f"'{form}' is no pattern of strptime: {error}",
                file=origin.files if isinstance(origin.files, str) else None,
                column=column,
                mend="Correct the column's `format` in the card",
            ) from None
        parsed = parsed.dt.tz_localize(None).astype("datetime64[ms]")
        parsed = parsed.where((parsed >= _EARLIEST) & (parsed < _LATEST))
    if parsed.isna().any():
        i = int(np.flatnonzero(parsed.isna())[0])
        raise origin.error(
            i,
            f"no time that reads as {form or 'ISO 8601'}, between 1995 and 2100",
            column=column,
            value=values[i],
            mend="Mend the row or, for a table, set the column's `format` in the card",
        )
    return parsed


def vectors(values: Sequence[Any], column: str, origin: Origin, lenient: ReadReport) -> pd.Series:
    """float32 arrays of one length, from lists or comma-separated strings; equal strings share one array.

    Null, and noted, when a value does not parse or its length is not the column's usual one.
    """
    parsed: dict[str, np.ndarray | None] = {}
    result = np.full(len(values), None, dtype=object)
    wrong = []
    for i, value in enumerate(values):
        if isinstance(value, str):
            if is_missing(value):
                continue
            if value not in parsed:
                parsed[value] = _vector(value.strip("[] \n").split(","))
            result[i] = parsed[value]
        elif not is_missing(value):
            result[i] = _vector(value)
        else:
            continue
        if result[i] is None:
            wrong.append(i)
    lengths = Counter(len(vector) for vector in result if vector is not None)
    if len(lengths) > 1:
        usual = lengths.most_common(1)[0][0]
        odd = [i for i, vector in enumerate(result) if vector is not None and len(vector) != usual]
        result[odd] = None
        wrong += odd
    if wrong:
        _note_nulled(lenient, column, len(wrong), origin.place(wrong[0]), values[wrong[0]])
    return pd.Series(result, dtype=object)


def tags(values: Sequence[Any]) -> pd.Series:
    """Tags separated by single blanks. A tag of a list that holds blanks itself gets underscores."""
    joined = [
        " ".join("_".join(str(tag).split()) for tag in value)
        if isinstance(value, (list, tuple, np.ndarray))
        else ("" if is_missing(value) else " ".join(str(value).split()))
        for value in values
    ]
    return pd.Series(joined, dtype="str")


def nulls(count: int, dtype: str) -> pd.Series:
    """A column that this layout of the format does not have."""
    return pd.Series([None] * count, dtype=dtype)


def each_once(values: Sequence[Any], convert: Callable[[Any], Any]) -> list[Any]:
    """`convert` of every value, called once for equal values: most columns have few levels."""
    try:
        known = {value: convert(value) for value in set(values)}
    except TypeError:  # A list or an object among them.
        return [convert(value) for value in values]
    return [known[value] for value in values]


def _id(value: object) -> str:
    if is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _vector(value: object) -> np.ndarray | None:
    try:
        vector = np.asarray(value, dtype=np.float32)
    except (ValueError, TypeError, OverflowError):  # words, objects, lists of several lengths
        return None
    return vector if vector.ndim == 1 else None


def _note_nulled(report: ReadReport, column: str, count: int, place: str, value: object) -> None:
    report.note(
        f"column '{column}': {count} unreadable values set to missing, first {str(value)[:40]!r} at {place}"
    )
