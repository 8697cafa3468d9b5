"""Accounts: whoever wrote a tweet, in whatever form a tool writes that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from benchmark.readers import columns
from benchmark.readers.raw import Origin
from benchmark.readers.tweets.ids import LARGEST_WHOLE, rounded_at
from benchmark.readers.tweets.missing import is_missing
from benchmark.readers.tweets.objects import parsed

_NAMES = ("username", "screen_name", "screenname", "userName", "screenName")
_NUMBERS = ("id_str", "id", "userid", "user_id")
_SPELLED = re.compile(r"""\b(?:username|screen_name)['"]?\s*[=:]\s*['"](\w+)['"]""")
_PROFILE = re.compile(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/@?(\w{1,15})/?")
_IN_ADDRESS = re.compile(r"(?:twitter|x)\.com/(\w{1,15})/status")
_ROUNDED = re.compile(r"\d+(?:\.\d+)?[eE]\+\d+|\d+\.\d+[eE]\d+")
_WHOLE = re.compile(r"(\d+)\.0+")
_MEND = "Spreadsheets turn ids into 9.06E+17: use the untouched export"


def account(value: Any) -> Any:
    """The name of an account, else its number, of whatever tools write for one: `elonmusk`, `@elonmusk`, the
    address of a profile, an object or how Python shows one. None where there is none."""
    value = parsed(value)
    if isinstance(value, dict):
        told = next((value[key] for key in (*_NAMES, *_NUMBERS) if not is_missing(value.get(key))), None)
        return account(told) if not isinstance(told, dict | list) else None
    if is_missing(value):
        return None
    if not isinstance(value, str):
        return value
    text = value.strip()
    if spelled := _SPELLED.search(text) if text[:1] in "{[" or text.startswith("User(") else None:
        return spelled[1]
    if profile := _PROFILE.fullmatch(text):
        return profile[1]
    return text.removeprefix("@") or None


def of_addresses(values: Sequence[Any]) -> list[str | None]:
    """The names in addresses of tweets; None where one is of no account (`/i/web/status/1`)."""
    matches = [_IN_ADDRESS.search(str(value)) for value in values]
    return [match[1] if match and match[1] not in ("i", "web") else None for match in matches]


def checked(values: list[Any], column: str, origin: Origin) -> pd.Series:
    """Names or numbers of accounts as strings, null where missing.

    Raises:
        DataError: a list, an object that names nobody, or a number that was rounded.
    """
    for i, value in enumerate(values):
        if isinstance(value, list | dict) or (isinstance(value, str) and value[:1] in ("{", "[")):
            mend = "Give its name or number"
            raise origin.error(
                i, "a list or an object that names no account", column=column, value=value, mend=mend
            )
        if (isinstance(value, float) and abs(value) >= LARGEST_WHOLE) or (
            isinstance(value, str) and _ROUNDED.fullmatch(value)
        ):
            problem = "the number of an account, rounded: several accounts become one"
            raise origin.error(i, problem, column=column, value=value, mend=_MEND)
    return columns.levels(columns.each_once(values, _spelled))


def whole_numbers(values: list[Any]) -> pd.Series:
    """Numbers of accounts, null where one is missing or no longer whole: for finding names, not for telling
    accounts apart."""
    found = [_spelled(value) for value in values]
    return pd.Series([str(v) if re.fullmatch(r"[0-9]{1,19}", str(v)) else None for v in found], dtype="str")


def check_numbers(numbers: pd.Series, column: str, origin: Origin) -> None:
    """Refuse numbers of accounts that all end in 00.

    Raises:
        DataError: they do; they were rounded.
    """
    told = numbers.dropna()
    if (i := rounded_at(told)) is not None:
        i = int(told.index[i])
        problem = "numbers of accounts that all end in 00 were rounded: several accounts become one"
        raise origin.error(i, problem, column=column, value=numbers.iloc[i], mend=_MEND)


def _spelled(value: Any) -> Any:
    if is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < LARGEST_WHOLE else value
    if isinstance(value, str) and (whole := _WHOLE.fullmatch(value.strip())):
        return whole[1]
    return value
