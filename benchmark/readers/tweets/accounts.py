"""Accounts: whoever wrote a tweet, under one name, however the exports spell or number them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from benchmark.readers import columns
from benchmark.readers.raw import Origin, ReadReport
from benchmark.readers.tweets.ids import LARGEST_WHOLE, rounded_at
from benchmark.readers.tweets.missing import is_missing
from benchmark.readers.tweets.objects import parsed

NAME, NUMBER = "author_name", "author_number"
"""Columns beside `user_id` in which `one_name_each` looks; null where an export does not tell them."""

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


def one_name_each(frame: pd.DataFrame, report: ReadReport) -> pd.Series:
    """`user_id` with one spelling for each account.

    Small and capital letters are the same to Twitter; a number that stands beside a name anywhere has that name
    everywhere; of several names of one number the newest stays.
    """
    users = frame["user_id"].astype(object)
    named = frame.dropna(subset=[NAME, NUMBER]).sort_values("time", kind="stable")
    names = named.groupby(NUMBER)[NAME].agg(lambda group: list(dict.fromkeys(group)))
    newest: dict[str, str] = names.str[-1].to_dict()
    other = {old: held[-1] for held in names for old in held[:-1] if old.lower() != held[-1].lower()}
    if other:
        report.note(f"{len(other):,} accounts had another name before; each has its newest everywhere")
    by_number = frame[NUMBER].astype(object).map(newest)
    unnamed = frame[NAME].isna() & by_number.notna()
    if unnamed.any():
        told = f"{int(unnamed.sum()):,} tweets name their author by number alone"
        report.note(f"{told}; the name stands in other tweets")
    users = by_number.where(by_number.notna(), users.map(lambda name: other.get(name, name)))
    small = users.str.lower()
    if small.nunique() < users.nunique():
        counted = pd.DataFrame({"spelling": users, "small": small}).value_counts().reset_index()
        counted["shown"] = [name != name.lower() for name in counted["spelling"]]
        best = counted.sort_values(["shown", "count", "spelling"]).groupby("small")["spelling"].last()
        report.note(
            f"{users.nunique() - small.nunique():,} accounts are spelled in several ways; they are one each"
        )
        users = small.map(best)
    return users.astype("str")


def _spelled(value: Any) -> Any:
    if is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < LARGEST_WHOLE else value
    if isinstance(value, str) and (whole := _WHOLE.fullmatch(value.strip())):
        return whole[1]
    return value
