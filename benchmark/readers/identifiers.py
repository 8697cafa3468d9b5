"""Identifiers: ids of posts and accounts as strings, each written one way, and none that is made up."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from benchmark.readers.columns import is_missing, refuse_objects, toml
from benchmark.readers.raw import Origin

NOBODY = {"nan", "null", "none", "nil", "n/a", "na", "<na>", "nat", "undefined", "\\n"} | {
    f"#{error}" for error in ("n/a", "ref!", "value!", "name?", "null!", "num!", "div/0!")
}
"""What pandas, databases and spreadsheets write where an id is missing, in small letters."""
_LAST_EXACT, _MOST_DIGITS = 2**53, 20
_IN_POWERS = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_WITH_A_POINT = re.compile(r"(-?\d+)\.0+")
_WHOLE = re.compile(r"-?\d+(?:\.0+)?")
_GUARDED = re.compile(r"""'(\d+)|="(\d+)\"""")
"""Marks that keep a spreadsheet from taking an id for a number."""
_UNSEEN = "".join(map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)))
"""Characters without a picture, which stick to what is copied from a page."""
_LONG = re.compile(r"\d{17,}")
_FEWEST_LONG = 4
"""Ids from which on it is no accident that all end in 00."""


def ids(values: Sequence[Any], column: str, origin: Origin, *, any_word: bool = False) -> pd.Series:
    """Identifiers as strings: `775`, `775.0` and `"775"` are one id, `'775` and `="775"` too.

    Args:
        any_word: whether ids are taken as they stand: words such as `NULL`, which would become one account
            with a history of its own, and long numbers that all end in 00.

    Raises:
        DataError: a missing id, or one that a spreadsheet or a floating point number has rounded.
    """
    refuse_objects(values, column, origin, "id", "Give a string or a number")
    if (
        truth := next((i for i, one in enumerate(values) if isinstance(one, bool | np.bool_)), None)
    ) is not None:
        mend = "Correct the column's `source` in the card"
        raise origin.error(truth, "yes or no is no id", column=column, value=values[truth], mend=mend)
    found = as_ids(values)
    _check_whole(values, found, column, origin, any_word)
    nobody = [i for i, one in enumerate(found) if one == "" or (not any_word and is_nobody(one))]
    if nobody:
        i = nobody[0]
        word = found[i]
        told = f" (with missing = [{toml(word)}]), or missing = [] where that is an id" if word else ""
        raise origin.error(
            i,
            f"'{word}' is what a missing id is written as" if word else "an id is missing",
            column=column,
            value=values[i],
            rows=len(nobody),
            mend=f'Remove the rows, or say in the card when_missing = "drop"{told}',
        )
    return pd.Series(found, dtype="str")


def as_ids(values: Sequence[Any]) -> list[str]:
    """Each as `as_id` has it. A column of whole numbers that were written with a point (`12.0`, as pandas
    does where one is missing) loses it."""
    found = [as_id(value) for value in values]
    if any(one.endswith(".0") for one in found) and all(_WHOLE.fullmatch(one) for one in found if one):
        return [_WITH_A_POINT.sub(r"\1", one) for one in found]
    return found


def as_id(value: object) -> str:
    """An identifier as a string; empty where it is missing."""
    if is_missing(value):
        return ""
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return str(int(value))
    text = str(value).strip()
    if text[:1] in ("'", "=") and (guarded := _GUARDED.fullmatch(text)):
        return guarded[1] or guarded[2]
    if not text.isascii():  # an accent is one character or two, by the system that wrote it
        text = unicodedata.normalize("NFC", text).strip(_UNSEEN).strip()
    return text


def is_nobody(text: str) -> bool:
    """Whether this is what a missing id is written as."""
    small = text.strip().lower()
    return small in NOBODY or (len(small) > 2 and set(small) == {"#"})


def is_rounded(value: object) -> bool:
    """A whole number that no floating point number holds exactly, or one in powers of ten."""
    if isinstance(value, str):
        text = value.strip()
        if text.endswith("0") and (point := _WITH_A_POINT.fullmatch(text)):
            return len(point[1]) > _MOST_DIGITS or abs(int(point[1])) > _LAST_EXACT
        return _IN_POWERS.fullmatch(text) is not None
    return isinstance(value, float) and abs(value) >= _LAST_EXACT


def spelled_alike(found: Iterable[str]) -> list[list[str]]:
    """Different ids that are one but for capitals, an `@` before them, or zeros before a number."""
    alike: dict[str, list[str]] = {}
    for one in sorted(set(found)):
        alike.setdefault(one.casefold().removeprefix("@").lstrip("0"), []).append(one)
    return [group for group in alike.values() if len(group) > 1]


def _check_whole(
    values: Sequence[Any], found: list[str], column: str, origin: Origin, any_word: bool
) -> None:
    rounded = [i for i, value in enumerate(values) if is_rounded(value)]
    if rounded:
        raise origin.error(
            rounded[0],
            "an id that was rounded as a number: others have become the same",
            column=column,
            value=values[rounded[0]],
            rows=len(rounded),
            mend="Spreadsheets and floating point columns keep 15 digits: use the untouched export",
        )
    if not any_word and (in_full := _ending_in_00(found)):
        raise origin.error(
            in_full[0],
            "ids that all end in 00 were rounded",
            column=column,
            value=values[in_full[0]],
            rows=len(in_full),
            mend="Spreadsheets keep 15 digits: use the untouched export. If they are whole, say in the card "
            "missing = []",
        )


def _ending_in_00(found: list[str]) -> list[int]:
    """Where long numbers stand that a spreadsheet wrote out in full after it had rounded them: all end so."""
    places = [i for i, one in enumerate(found) if _LONG.fullmatch(one)]
    long = {found[i] for i in places}
    return places if len(long) >= _FEWEST_LONG and all(one.endswith("00") for one in long) else []
