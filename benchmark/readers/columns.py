"""Columns: raw values of any spelling -> one typed pandas column.

Owners write a number as a string, a missing value as "None", a flag as "1". These functions take a sequence
of such values and give a Series of the same length. `None`, `""`, `"None"` and NaN count as missing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.layout import NumberFormat
from benchmark.errors import listed
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.written import number, telling_formats

_LISTED = ("tag", "level of a category")
"""Of which a post may have a list."""
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_MARKED = re.compile(r"[$€£¥ ]*([0-9.]+)[%$€£¥ ]*")
_LARGEST = int(np.finfo(np.float64).max)


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
        " ".join(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value
        for value in values
    ]
    if origin is not None:
        refuse_objects(joined, column, origin, "text")
    return pd.Series(["" if is_missing(v) else str(v) for v in joined], dtype="str")


def levels(values: Sequence[Any]) -> pd.Series:
    """Levels of a categorical column as strings; missing is null."""
    return pd.Series(each_once(values, lambda v: None if is_missing(v) else str(v).strip()), dtype="str")


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
            wrong[0],
            "not a finite number",
            column=column,
            value=value,
            rows=len(wrong),
            mend=_mend(value, column),
        )
    if wrong and lenient is not None:
        _note_nulled(lenient, column, len(wrong), origin.place(wrong[0]), values[wrong[0]])
    result.iloc[suspects] = np.nan
    return result


def _mend(value: object, column: str) -> str:
    """What to say in the card for a number written so."""
    if not isinstance(value, str):
        return field_mend(value, column) or "Mend the row"
    text = value.strip()
    if formats := telling_formats(text):
        told = " or ".join(f'format = "{name}" (it is {size:,.15g})' for name, size in formats.items())
        return f"Say in the card how it is written: {told}"
    if _MARKED.fullmatch(text):
        return f'Say in the card what of it is the number: extract = "{_MARKED.pattern}"'
    if any(letter.isdecimal() for letter in text):
        return "Mend the row: what the rest of it does to the number is not known"
    if text and len(text) <= 20:
        return f"If it stands for a missing value, say so in the card: missing = [{toml(text)}]"
    return "Mend the row"


def toml(text: str) -> str:
    """A text as a card writes it."""
    return json.dumps(text, ensure_ascii=False)


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
                parsed[value] = _vector(_cut_vector(value.strip("[] \n")))
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
        refuse_objects(values, column, origin, "tag")
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


def refuse_objects(
    values: Sequence[Any], column: str, origin: Origin, kind: str, mend: str | None = None
) -> None:
    """Raise a DataError if a value is a list or an object, where a plain one is meant; of tags and levels
    of a category, if it is an object or a list with one."""

    def is_object(value: object) -> bool:
        return isinstance(value, dict) or (kind not in _LISTED and isinstance(value, list | np.ndarray))

    wrong = [
        i
        for i, value in enumerate(values)
        if is_object(value)
        or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value))
    ]
    if wrong:
        value = values[wrong[0]]
        told = field_mend(value, column) or mend or "Mend the row"
        problem = f"a list or an object is no {kind}"
        raise origin.error(wrong[0], problem, column=column, value=value, mend=told, rows=len(wrong))


def field_mend(value: object, column: str) -> str:
    """What to say in the card where the value is a part of this one; empty if it is a plain one."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict) and first:
        fields = [f"{column}.{key}" for key in first]
        more = f" (there is {listed(fields, 8)})"
        return f'Say in the card which field it is: source = "{fields[0]}"{more}'
    if isinstance(value, list | np.ndarray):
        return f'If its first entry is meant, say so in the card: source = "{column}.0"'
    return ""


def _cut_vector(text: str) -> list[str]:
    """At semicolons, else at commas, else, as numpy writes them, at blanks."""
    mark = next((mark for mark in ";," if mark in text), None)
    return text.split(mark)


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
