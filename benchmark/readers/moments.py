"""Moments: times as people and platforms write them -> UTC. Which of two days `01/02/2021` is, nobody
guesses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmark.declared.layout import EPOCHS, IDS_WITH_A_TIME
from benchmark.errors import DataError
from benchmark.readers.columns import field_mend
from benchmark.readers.identifiers import as_id, is_rounded
from benchmark.readers.raw import Origin

SNOWFLAKE_EPOCH_MS = 1288834974657
"""github.com/twitter-archive/snowflake"""

_EARLIEST, _LATEST = pd.Timestamp("1995-01-01"), pd.Timestamp("2100-01-01")
_SAYS_ITS_ZONE = re.compile(r"\d[T ]\d\d.*?(?:[Zz]| ?(?:UTC|GMT)|[+-]\d\d(?::?\d\d)?)$")
_SAYS_NO_DAY = re.compile(r"\d{4}(?:[-/.]?\d\d)?")
_HOURS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%Y-%m-%d", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
_FORMS = (
    *("epoch_seconds", "epoch_milliseconds", "%a %b %d %H:%M:%S %z %Y", "%Y-%m", "%Y"),
    *(day + hour for day in _DAYS for hour in _HOURS),
)
"""What is tried on times that do not read, for what to say in the card."""
_MEND = "Mend the row or, for a table, set the column's `format` in the card"
_LEFT_OUT = 'Mend the row; or name the value in `missing` of the column and say when_missing = "drop"'
_SERIAL = (34_700, 73_050)
"""Days from the end of 1899 to 1995 and to 2100."""
_SAMPLE = 1000


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
            each tried on what those before it could not read; ISO 8601 when absent. Those of a card are a
            sequence, empty or not, and what it might say is in the message.
        zone: IANA name; of the times that say none. UTC when absent.

    Raises:
        DataError: a time that is missing, does not parse, or lies outside 1995-2100; one that two of the
            forms read as two moments, in a column that needs both.
    """
    tried = (forms,) if isinstance(forms, str) else tuple(forms or ("iso",))
    given = pd.Series(list(values), dtype=object)
    parsed = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ms]")
    for form in tried:
        if not (open_ := parsed.isna()).any():
            break
        try:
            found = read_times(given[open_], form, zone)
            again = read_times(given[~open_], form, zone) if found.notna().any() else parsed[~open_]
        except (ValueError, re.error) as error:
            raise DataError(
                f"'{form}' is no pattern of strptime: {error}",
                file=origin.files if isinstance(origin.files, str) else origin.files[0],
                column=column,
                mend="Correct the column's `format` in the card",
            ) from None
        if (doubtful := again.index[again.notna() & (again != parsed[~open_])]).size:
            i = int(doubtful[0])
            raise origin.error(
                i,
                f"is {parsed[i]:%Y-%m-%d %H:%M} by one format of the card and {again[i]:%Y-%m-%d %H:%M} by "
                f"'{form}', and other rows need each",
                column=column,
                value=values[i],
                rows=len(doubtful),
                mend="Write them one way: which is meant cannot be told",
            )
        parsed[open_] = found
    wrong = np.flatnonzero(parsed.isna())
    if len(wrong):
        i = int(wrong[0])
        read_as = " or ".join("ISO 8601" if form == "iso" else form for form in tried)
        told = field_mend(values[i], column) if isinstance(values[i], dict) else ""
        by_card = not isinstance(forms, str) and forms is not None
        if not told and by_card:
            told = _said_in_a_card(given.iloc[wrong[:_SAMPLE]])
        raise origin.error(
            i,
            f"no time that reads as {read_as}, between 1995 and 2100",
            column=column,
            value=values[i],
            rows=len(wrong),
            mend=told or (_LEFT_OUT if by_card and len(wrong) * 2 < len(values) else _MEND),
        )
    return parsed


def _said_in_a_card(given: pd.Series) -> str:
    """What might be said of times that do not read: which formats read all of these; empty if nothing."""
    if given.map(lambda value: isinstance(value, dt.date)).any():
        return "These are times already: leave `format` out of the card"
    if given.map(is_rounded).any():
        return "Spreadsheets round long numbers: use the untouched export"
    if pd.to_numeric(given, errors="coerce").between(*_SERIAL).all():
        return (
            "These may be days as spreadsheets count them: show the column as dates there, and export again"
        )
    fitting = [form for form in _FORMS if read_times(given, form, None).notna().all()]
    if not fitting:
        return ""
    if len(fitting) == 1:
        return f'Say in the card how it is written: format = "{fitting[0]}"'
    told = " or ".join(f'"{form}"' for form in fitting)
    return f"Say in the card how it is written: format = {told}. Each reads it: which is meant is not guessed"


def read_times(given: pd.Series, form: str, zone: str | None = None) -> pd.Series:
    """datetime64[ms], NaT where a value is no time of this form."""
    if form in EPOCHS or form in IDS_WITH_A_TIME:
        milliseconds = _milliseconds(given, form)
        plausible = (milliseconds >= _EARLIEST.value / 1e6) & (milliseconds < _LATEST.value / 1e6)
        parsed = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ms]")
        parsed[plausible] = np.round(milliseconds[plausible]).astype("int64").astype("datetime64[ms]")
        return parsed
    texts = given.map(_iso) if form == "iso" else given
    pattern = "ISO8601" if form == "iso" else form
    parsed = pd.to_datetime(texts, format=pattern, utc=True, errors="coerce").dt.tz_localize(None)
    if zone is not None:
        says = given.map(lambda value: _says_its_zone(value, form))
        # Of an hour that a clock shows twice the first is meant; one that it never shows is the next.
        local = parsed.dt.tz_localize(zone, ambiguous=np.ones(len(parsed), bool), nonexistent="shift_forward")
        parsed = parsed.where(says, local.dt.tz_convert("UTC").dt.tz_localize(None))
    parsed = parsed.astype("datetime64[ms]")
    return parsed.where((parsed >= _EARLIEST) & (parsed < _LATEST))


def _iso(value: Any) -> Any:
    """What pandas is to read; None for a year or a month, which ISO 8601 allows and which says no day."""
    text = value.strip() if isinstance(value, str) else value
    if _SAYS_NO_DAY.fullmatch(str(text)):
        return None
    return text.removesuffix(" UTC").removesuffix(" GMT") if isinstance(text, str) else text


def _says_its_zone(value: Any, form: str) -> bool:
    if isinstance(value, dt.datetime):  # pandas' own are of this kind, too
        return value.tzinfo is not None
    if form != "iso":
        return "%z" in form or "%Z" in form
    return isinstance(value, str) and _SAYS_ITS_ZONE.search(value.strip()) is not None


def _milliseconds(given: pd.Series, form: str) -> np.ndarray:
    """Since 1970; NaN for what is no number of this form, or one that a spreadsheet has rounded."""
    if form in IDS_WITH_A_TIME:
        return np.array([_told_by_id(value, form) for value in given], dtype="float64")
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    rounded = [isinstance(value, str) and is_rounded(value) for value in given]
    return np.where(rounded, np.nan, numbers * EPOCHS[form])


def _told_by_id(value: Any, form: str) -> float:
    text = as_id(value)
    if not text.isdecimal() or is_rounded(value):
        return float("nan")
    return (
        float((int(text) >> 22) + SNOWFLAKE_EPOCH_MS) if form == "snowflake" else (int(text) >> 32) * 1000.0
    )
