"""Counts: likes and the like, as numbers or as pages show them (`1,234`, `1.2K`)."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from benchmark.errors import DataError
from benchmark.readers import columns
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.tweets.missing import is_missing

_SHORT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KkMmBb])")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_UNITS = {"k": 1e3, "m": 1e6, "b": 1e9}


def counts(values: list[Any], column: str, origin: Origin, name: str, report: ReadReport) -> pd.Series:
    """float64, NaN where missing. Rounded counts are read and noted.

    Raises:
        DataError: no number, or a fraction: `1.234` may be 1,234 or 1.
    """
    try:
        result = columns.numbers(columns.each_once(values, _number), column, origin)
    except DataError as error:  # which tells what a card of reader `table` can say
        raise DataError(
            error.problem,
            file=error.file,
            row=error.row,
            column=error.column,
            value=error.value,
            mend="Mend or remove the row",
        ) from None
    if short := sum(isinstance(value, str) and bool(_SHORT.fullmatch(value.strip())) for value in values):
        report.note(f"{name}: {short:,} counts of {column} are rounded, such as 1.2K")
    found = result.to_numpy()
    if len(broken := np.flatnonzero(np.isfinite(found) & (found != np.round(found)))):
        i = int(broken[0])
        mend = "Write it without a mark for thousands"
        raise origin.error(i, "a count is a whole number", column=column, value=values[i], mend=mend)
    return result


def _number(value: Any) -> Any:
    if is_missing(value):
        return None
    if not isinstance(value, str):
        return value
    text = value.strip()
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    if short := _SHORT.fullmatch(text):
        return round(float(short[1].replace(",", ".")) * _UNITS[short[2].lower()])
    return value
