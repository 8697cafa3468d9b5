"""Accounts: what the user data say of who posted, typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmark.errors import DataError, listed
from benchmark.readers import columns
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.smpd_image.groups import Columns, Group

_CLOCK = re.compile(r"(?P<sign>[+-]*)(?P<hours>[0-9]{1,4}):(?P<minutes>[0-9]{1,2})")
_PLAUSIBLE_TAKEN = (pd.Timestamp("1990-01-01").timestamp(), pd.Timestamp("2017-01-01").timestamp())
_NUMBERS = re.compile(r"[\s\[]*[-+0-9.][-+0-9.eE\s]*(?:[,\]]|$)")
_DTYPES = {
    "user_description": "object",
    "location_description": "object",
    "photo_first_date": "float64",
    "photo_count": "float64",
    "is_pro": "boolean",
    "can_buy_pro": "boolean",
    "timezone_offset": "float64",
    "timezone_id": "str",
    "photo_first_taken": "float64",
}


def accounts(group: Group, report: ReadReport) -> pd.DataFrame:
    """The account's columns, a row a row of the group; what it does not have is null and noted."""
    origin, absent = group.origin, []

    def take(*names: str) -> list[Any]:
        if not any(name in group for name in names):
            absent.append(names[0])
        return group.take(*names)

    def number(name: str) -> pd.Series:
        return columns.numbers(take(name), name, origin, report)

    def vector(name: str) -> pd.Series:
        return _vectors(take(f"{name}_vector", name), name, origin, report)

    frame = pd.DataFrame(
        {
            "user_description": vector("user_description"),
            "location_description": vector("location_description"),
            "photo_first_date": number("photo_firstdate"),
            "photo_count": number("photo_count"),
            "is_pro": columns.flags(take("ispro"), "ispro", origin, report),
            "can_buy_pro": columns.flags(take("canbuypro"), "canbuypro", origin, report),
            "timezone_offset": hours(take("timezone_offset"), origin, report),
            "timezone_id": columns.levels(take("timezone_timezone_id", "timezone_id")),
            "photo_first_taken": _taken(take("photo_firstdatetaken"), report),
        }
    )
    if absent:
        absent = [name.removesuffix("_vector") for name in absent]
        report.note(f"{group.path.name}: no {listed(absent)}; missing throughout")
    return frame


def no_accounts(count: int) -> pd.DataFrame:
    """The same columns where there are no user data."""
    return pd.DataFrame({name: columns.nulls(count, dtype) for name, dtype in _DTYPES.items()})


def by_user(group: Group, given: np.ndarray, uids: np.ndarray, report: ReadReport) -> Columns:
    """The row of each post's user, where a collection has a row a user instead of a row a post.

    Args:
        given: the user of each row.
        uids: the user of each post.

    Raises:
        DataError: two rows say different things of one user.
    """
    names = [name for name in group.names() if name.lower() != "uid"]
    taken = {name: group.take(name) for name in names}
    rows: dict[str, int] = {}
    for i, uid in enumerate(given):
        first = rows.setdefault(uid, i)
        if differs := next((name for name, values in taken.items() if values[i] != values[first]), None):
            raise DataError(
                f"row {group.origin.rows[first]} says otherwise of user '{uid}', and there is no row a post",
                file=group.path,
                row=int(group.origin.rows[i]),
                column=differs,
                value=taken[differs][i],
                mend="Give one row a post, in the order of the posts, or one a user",
            )
    at = [rows.get(uid) for uid in uids]
    if alone := at.count(None):
        report.note(f"{group.path.name}: {alone} posts have no row of their user")
    expanded = {name: [None if i is None else values[i] for i in at] for name, values in taken.items()}
    origin = Origin(group.path.name, np.array([0 if i is None else group.origin.rows[i] for i in at]))
    return Columns(group.path, origin, expanded)


def hours(values: Sequence[Any], origin: Origin, report: ReadReport) -> pd.Series:
    """`-08:00`, `+5.5` or `-8` -> hours east of Greenwich."""

    def read(value: Any) -> Any:
        found = _CLOCK.match("" if columns.is_missing(value) else str(value))
        if not found:
            return value
        sign = -1 if found["sign"].startswith("-") else 1
        return sign * (int(found["hours"]) + int(found["minutes"]) / 60)

    return columns.numbers(columns.each_once(values, read), "timezone_offset", origin, report)


def _vectors(values: Sequence[Any], name: str, origin: Origin, report: ReadReport) -> pd.Series:
    """Vectors; a collection of one's own may hold what the user wrote instead, which is left out."""

    def told() -> Iterator[str]:
        return (value for value in values if isinstance(value, str) and not columns.is_missing(value))

    if any(True for _ in told()) and not any(map(_NUMBERS.match, told())):
        report.note(f"column '{name}': words, no vectors: {sum(1 for _ in told())} values left out")
        return columns.nulls(len(values), "object")
    return columns.vectors(values, name, origin, report)


def _taken(values: Sequence[Any], report: ReadReport) -> pd.Series:
    """When the user's first photo was taken, epoch seconds; written as a date, as YYYYMMDDHH or as epoch.

    Cameras with an unset clock give 1904, 1970 or the far future: what lies outside 1990-2016 is missing.
    """
    given = columns.levels(values)
    # Ten digits from 1826 on (the first photograph) are YYYYMMDDHH: as epoch seconds they would lie in 2027+.
    ten_digits = given.str.fullmatch(r"(?:18[2-9]\d|19\d\d|20\d\d)\d{6}").fillna(False).astype(bool)
    seconds = pd.to_numeric(given.mask(ten_digits), errors="coerce").astype("float64")
    dates = pd.to_datetime(given.where(ten_digits), format="%Y%m%d%H", errors="coerce")
    written = given.mask(ten_digits | seconds.notna())
    dates = dates.fillna(pd.to_datetime(written, format="ISO8601", errors="coerce"))
    low, high = _PLAUSIBLE_TAKEN
    result = seconds.fillna((dates - pd.Timestamp(0)) / pd.Timedelta(seconds=1))
    result = result.where((result >= low) & (result < high))
    if absurd := int(given.notna().sum() - result.notna().sum()):
        report.note(f"column 'photo_firstdatetaken': {absurd} absurd dates set to missing")
    return result
