"""Times that an export states, in any of the forms that are in use, in the zone that it states."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from benchmark.readers.tweets.missing import is_missing

_FORMS = ("ISO8601", "%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z")
"""ISO 8601; API v1.1 (`Tue Nov 14 22:13:20 +0000 2023`); e-mail."""
_ABBREVIATIONS = {
    0: "utc gmt z wet",
    1: "bst cet west",
    2: "cest eet",
    3: "eest msk",
    9: "jst kst",
    -3: "brt",
    -4: "edt",
    -5: "est cdt",
    -6: "cst mdt",
    -7: "mst pdt",
    -8: "pst",
}
"""Abbreviations that tools take from the machine that they run on, by their hours from UTC."""
_HOURS = {name: hours for hours, names in _ABBREVIATIONS.items() for name in names.split()}
EARLIEST, LATEST = pd.Timestamp("1995-01-01"), pd.Timestamp("2100-01-01")
"""Between which a time is one."""
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-]?)(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_YEAR_LAST = re.compile(r"(.*) (?:UTC|GMT) (\d{4})")
_DIGITS = re.compile(r"\d{9,13}(?:\.0+)?")


def stated_times(values: list[Any], zones: list[Any], form: str | None) -> pd.Series:
    """datetime64[ms], UTC, naive; NaT where one is missing or does not read.

    Args:
        zones: what the export states beside each time (`+0400`, `CET`, `UTC+4`, `Asia/Dubai`, `Pacific
            Standard Time`, or missing); a zone in the time itself goes before. Without either, UTC is meant.
        form: a strptime pattern for all of them, None for the usual forms.
    """
    written = [
        "" if is_missing(v) else _with_zone(str(v).strip(), z) for v, z in zip(values, zones, strict=True)
    ]
    given = pd.Series(written, dtype="str")
    result = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ms]")
    epoch = given.str.fullmatch(_DIGITS.pattern)
    if epoch.any():
        number = pd.to_numeric(given[epoch]).astype("int64")
        milliseconds = number.where(number >= 10**11, number * 1000)
        result[epoch] = milliseconds.to_numpy().astype("datetime64[ms]")
    for one in (form,) if form else _FORMS:
        rest = result.isna() & given.ne("") & ~epoch
        if not rest.any():
            break
        parsed = pd.to_datetime(given[rest], format=one, utc=True, errors="coerce")
        result[rest] = parsed.dt.tz_localize(None).astype("datetime64[ms]")
    return result


def _with_zone(text: str, zone: object) -> str:
    """The time with its zone as an offset, where one is stated."""
    if text[:1].isalpha() or _DIGITS.fullmatch(text):  # API v1.1, e-mail: the zone stands inside
        return _YEAR_LAST.sub(r"\1 +0000 \2", text).replace(" GMT", " +0000")
    bare, own = _split(text)
    told = own or ("" if is_missing(zone) else str(zone).strip())
    if not told or len(bare) <= len("2021-03-01"):
        return text
    return bare + (
        _offset(told, bare) or f" {told}"
    )  # a zone of no known name makes it a time that does not read


def _split(text: str) -> tuple[str, str]:
    """`2021-03-01 12:00:00 CET` -> the time, `CET`."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(\S.*)?", text)
    return (match[1], match[2] or "") if match else (text, "")


def _offset(zone: str, at: str) -> str | None:
    """`+04:00` of `+0400`, `UTC+4`, `CET`, `Asia/Dubai` at a time; None of a name that is not known."""
    short = "".join(word[0] for word in zone.split()) if zone.endswith(" Time") else zone
    if short.lower() in _HOURS:
        return f"{_HOURS[short.lower()]:+03d}:00"
    if match := _OFFSET.fullmatch(zone):
        return f"{match[1] or '+'}{int(match[2]):02d}:{match[3] or '00'}"
    if "/" in zone:
        try:
            local = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
        except (ValueError, OSError, ZoneInfoNotFoundError):
            return None
        return local.strftime("%z")
    return None
