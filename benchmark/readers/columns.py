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

from benchmark.errors import DataError, listed
from benchmark.layout import EPOCHS, IDS_WITH_A_TIME, NumberFormat
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.written import number, telling_format

NOBODY = {"nan", "null", "none", "nil", "n/a", "na", "<na>", "nat", "undefined"}
"""What is written where an id is missing, in small letters."""
SNOWFLAKE_EPOCH_MS = 1288834974657
"""github.com/twitter-archive/snowflake"""

_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_EARLIEST, _LATEST = pd.Timestamp("1995-01-01"), pd.Timestamp("2100-01-01")
_LARGEST = int(np.finfo(np.float64).max)
_LAST_EXACT = 2**53
_IN_POWERS = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_OFFSET = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d)$")


def is_missing(value: object) -> bool:
    if isinstance(value, str):
        return value.strip() in ("", "None")
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def texts(values: Sequence[Any], column: str = "", origin: Origin | None = None) -> pd.Series:
    """Strings; missing is the empty string, and the strings of a list are joined by a blank.

    Raises:
        DataError: an object, if its origin is given.
    """
    joined = [
        " ".join(map(str, value))
        if isinstance(value, list) and all(isinstance(one, str) for one in value)
        else value
        for value in values
    ]
    if origin is not None:
        _refuse_objects(joined, column, origin, "text")
    return pd.Series(["" if is_missing(v) else str(v) for v in joined], dtype="str")


def levels(values: Sequence[Any]) -> pd.Series:
    """Levels of a categorical column as strings; missing is null."""
    return pd.Series(each_once(values, lambda v: None if is_missing(v) else str(v).strip()), dtype="str")


def ids(values: Sequence[Any], column: str, origin: Origin, *, any_word: bool = False) -> pd.Series:
    """Identifiers as strings (`775`, `775.0` and `"775"` are one id).

    Args:
        any_word: whether words such as `NULL` are ids too. They are what pandas and databases write for a
            missing value, and would become one account with a history of its own.

    Raises:
        DataError: a missing id, or one that a spreadsheet or a floating point number has rounded.
    """
    _refuse_objects(values, column, origin, "id", "Give a string or a number")
    rounded = [i for i, value in enumerate(values) if _is_rounded(value)]
    if rounded:
        raise origin.error(
            rounded[0],
            "an id that was rounded as a number: others have become the same",
            column=column,
            value=values[rounded[0]],
            rows=len(rounded),
            mend="Spreadsheets and floating point columns keep 15 digits: use the untouched export",
        )
    result = [as_id(value) for value in values]
    nobody = [i for i, one in enumerate(result) if one == "" or (not any_word and one.lower() in NOBODY)]
    if nobody:
        i = nobody[0]
        raise origin.error(
            i,
            "an id is missing" if result[i] == "" else f"'{result[i]}' is what a missing id is written as",
            column=column,
            value=values[i],
            rows=len(nobody),
            mend='Remove the rows, or say in the card when_missing = "drop" (with '
            f"missing = [{result[i]!r}]), or missing = [] where that is an id",
        )
    return pd.Series(result, dtype="str")


def numbers(
    values: Sequence[Any],
    column: str,
    origin: Origin,
    lenient: ReadReport | None = None,
    format: NumberFormat | None = None,
) -> pd.Series:
    """Finite float64; missing is NaN.

    Args:
        lenient: where to note values that are no finite numbers, which then become NaN.
        format: how people have written them.

    Raises:
        DataError: a value that is no finite number, unless lenient.
    """
    if format is not None:
        values = [number(value, format) for value in values]
    try:
        result = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").astype("float64")
    except OverflowError:  # a whole number that no float64 holds
        within = [np.nan if isinstance(v, int) and abs(v) > _LARGEST else v for v in values]
        result = pd.to_numeric(pd.Series(within, dtype=object), errors="coerce").astype("float64")
    suspects = np.flatnonzero(~np.isfinite(result.to_numpy())).tolist()
    wrong = [i for i in suspects if not is_missing(values[i])]
    if wrong and lenient is None:
        value = values[wrong[0]]
        raise origin.error(
            wrong[0], "not a finite number", column=column, value=value, rows=len(wrong), mend=_mend(value)
        )
    if wrong and lenient is not None:
        _note_nulled(lenient, column, len(wrong), origin.place(wrong[0]), values[wrong[0]])
    result.iloc[suspects] = np.nan
    return result


def _mend(value: object) -> str:
    """What to say in the card for a number written so."""
    if isinstance(value, str):
        if format := telling_format(value.strip()):
            return f'Say in the card how it is written: format = "{format}"'
        if value.strip() and len(value) <= 20:
            return f"If it stands for a missing value, say so in the card: missing = [{value.strip()!r}]"
    return "Mend the row"


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


def times(
    values: Sequence[Any],
    column: str,
    origin: Origin,
    forms: str | Sequence[str] | None = None,
    zone: str | None = None,
) -> pd.Series:
    """datetime64[ms], UTC, naive.

    Args:
        forms: `epoch_seconds`, `epoch_milliseconds`, `snowflake`, `tiktok_id`, `iso` or patterns of strptime,
            each tried on what those before it could not read; ISO 8601 when absent.
        zone: IANA name; of the times that say none. UTC when absent.

    Raises:
        DataError: a time that is missing, does not parse, or lies outside 1995-2100.
    """
    tried = (forms,) if isinstance(forms, str) else tuple(forms or ("iso",))
    given = pd.Series(list(values), dtype=object)
    parsed = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ms]")
    for form in tried:
        if not (open_ := parsed.isna()).any():
            break
        try:
            parsed[open_] = read_times(given[open_], form, zone)
        except (ValueError, re.error) as error:
            raise DataError(
                f"'{form}' is no pattern of strptime: {error}",
                file=origin.files if isinstance(origin.files, str) else origin.files[0],
                column=column,
                mend="Correct the column's `format` in the card",
            ) from None
    wrong = np.flatnonzero(parsed.isna())
    if len(wrong):
        i = int(wrong[0])
        read_as = " or ".join("ISO 8601" if form == "iso" else form for form in tried)
        raise origin.error(
            i,
            f"no time that reads as {read_as}, between 1995 and 2100",
            column=column,
            value=values[i],
            rows=len(wrong),
            mend="Mend the row or, for a table, set the column's `format` in the card",
        )
    return parsed


def read_times(given: pd.Series, form: str, zone: str | None = None) -> pd.Series:
    """datetime64[ms], NaT where a value is no time of this form, one of those of `times`."""
    if form in EPOCHS or form in IDS_WITH_A_TIME:
        if form in EPOCHS:
            milliseconds = pd.to_numeric(given, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
            milliseconds = milliseconds * EPOCHS[form]
        else:
            milliseconds = np.array([_told_by_id(value, form) for value in given], dtype="float64")
        plausible = (milliseconds >= _EARLIEST.value / 1e6) & (milliseconds < _LATEST.value / 1e6)
        parsed = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ms]")
        parsed[plausible] = np.round(milliseconds[plausible]).astype("int64").astype("datetime64[ms]")
        return parsed
    pattern = "ISO8601" if form == "iso" else form
    texts = given.map(lambda v: v.strip().removesuffix(" UTC") if isinstance(v, str) and form == "iso" else v)
    if zone is None:
        parsed = pd.to_datetime(texts, format=pattern, utc=True, errors="coerce").dt.tz_localize(None)
    else:
        says = texts.map(lambda v: isinstance(v, str) and _OFFSET.search(v) is not None)
        parsed = pd.to_datetime(texts, format=pattern, utc=True, errors="coerce").dt.tz_localize(None)
        # Of an hour that a clock shows twice the first is meant; one that it never shows is the next.
        local = parsed.dt.tz_localize(zone, ambiguous=np.ones(len(parsed), bool), nonexistent="shift_forward")
        parsed = parsed.where(says, local.dt.tz_convert("UTC").dt.tz_localize(None))
    parsed = parsed.astype("datetime64[ms]")
    return parsed.where((parsed >= _EARLIEST) & (parsed < _LATEST))


def _told_by_id(value: object, form: str) -> float:
    """Milliseconds since 1970 that an id says; NaN for what is no id."""
    text = as_id(value)
    if not text.isdecimal() or _is_rounded(value):
        return float("nan")
    return (
        float((int(text) >> 22) + SNOWFLAKE_EPOCH_MS) if form == "snowflake" else (int(text) >> 32) * 1000.0
    )


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


def tags(values: Sequence[Any], column: str = "", origin: Origin | None = None) -> pd.Series:
    """Tags separated by single blanks. A tag of a list that holds blanks itself gets underscores.

    Raises:
        DataError: an object, or a list of objects, if its origin is given.
    """
    if origin is not None:
        _refuse_objects(values, column, origin, "tag")
    joined = [
        " ".join("_".join(str(tag).split()) for tag in value if not is_missing(tag))
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


def _is_rounded(value: object) -> bool:
    """A whole number that no floating point number holds exactly, or one in powers of ten."""
    if isinstance(value, str):
        return _IN_POWERS.fullmatch(value.strip()) is not None
    return isinstance(value, float) and abs(value) > _LAST_EXACT


def _refuse_objects(
    values: Sequence[Any], column: str, origin: Origin, kind: str, mend: str | None = None
) -> None:
    """Raise a DataError if a value, or one in a list of values, is no plain one."""

    def is_object(value: object) -> bool:
        return isinstance(value, dict) or (kind != "tag" and isinstance(value, list | np.ndarray))

    wrong = [
        i
        for i, value in enumerate(values)
        if is_object(value)
        or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value))
    ]
    if wrong:
        value = values[wrong[0]]
        first = value[0] if isinstance(value, list) and value else value
        fields = [f"{column}.{key}" for key in first] if isinstance(first, dict) else []
        problem = f"a list or an object is no {kind}"
        told = f'Say in the card which field it is: source = "{fields[0]}"' if fields else "Mend the row"
        more = f" (there is {listed(fields, 8)})" if fields else ""
        raise origin.error(
            wrong[0], problem, column=column, value=value, mend=mend or told + more, rows=len(wrong)
        )


def as_id(value: object) -> str:
    """An identifier as a string; empty where it is missing."""
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
